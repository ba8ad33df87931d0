"""Asking a cluster while nodes of it come and go: again where that helps, and whole answers only.

A cluster that has lost a node answers with what the others have until copies take the place of its
parts, or says of single documents that they could not be looked up. Neither may be taken for all
that there is. So this asks for whole results, looks whether they are, and asks again for a while
where they are not, as it does where no node takes the question.

Whatever is asked this way may be asked twice. What is sent in bulk is not: see
:mod:`vnjournal.cluster.bulk`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from opensearchpy import ConnectionTimeout, Transport, TransportError

from vnjournal.cluster.patience import PASSING, Patience
from vnjournal.cluster.reporting import Reporter
from vnjournal.errors import ArchiveNotFound

_MISSING = re.compile(r"no such index \[([^\]]+)\]")

#: What asks for whole results, by the last part of a path; searches that go together each say so.
_WHOLE = {"_search": {"allow_partial_search_results": "false"}}


class Asking(Transport):
    """A transport of opensearch-py. Args: ``patience``: seconds for which is asked again."""

    def __init__(self, hosts: Any, *, reporter: Reporter, patience: float, **settings: Any) -> None:
        super().__init__(hosts, **settings)
        self._reporter = reporter
        self._seconds = patience

    def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """What the cluster answers. Raises what opensearch-py does, also for half an answer."""
        of = url.rsplit("/", 1)[-1]
        patience = Patience(self._seconds)
        while True:
            given = {**(params or {}), **(_WHOLE.get(of, {}) if method == "POST" else {})}
            try:
                answer = super().perform_request(method, url, given, body, timeout, ignore, headers)
                if method != "HEAD":
                    _check(of, answer)
                return answer
            except TransportError as failure:
                if not self._is_worth_asking_again(url, body, failure):
                    raise
                patience.wait(failure)

    def _is_worth_asking_again(self, url: str, body: Any, failure: TransportError) -> bool:
        """Not who is there, nor what takes too long.

        But what was found by an alias, and is gone, since another index has taken its place.
        """
        if url == "/" or isinstance(failure, ConnectionTimeout):
            return False
        error = self._reporter.translated(failure)
        if isinstance(error, ArchiveNotFound):
            asked = f"{url} {body}"
            return any(missing not in asked for missing in _MISSING.findall(str(failure.info)))
        return isinstance(error, PASSING)


def _check(of: str, answer: Any) -> None:
    """Raises TransportError for an answer that is not the whole one."""
    if of in ("_mget", "_mtermvectors"):
        for each in _part(answer, "docs"):
            if "error" in each:
                raise TransportError(503, "a document could not be looked up", each)
    elif of == "_msearch":
        for each in _part(answer, "responses"):
            if "error" in each:
                raise TransportError(each["status"], each["error"]["type"], each)
            _check("_search", each)
    elif of in ("_search", "_count", "_refresh"):
        shards = _part(answer, "_shards")
        missing = shards["total"] - shards["successful"]
        if missing if of != "_refresh" else shards["failed"]:  # which copies that are away need not
            causes = list(_causes(shards)) or [{"type": "no_shard_available_action_exception"}]
            error = {"root_cause": causes, "type": "search_phase_execution_exception"}
            raise TransportError(503, "parts of the index have not answered", {"error": error})


def _part(answer: Any, name: str) -> Any:
    if not isinstance(answer, Mapping) or name not in answer:
        raise TransportError(200, f"an answer without {name}", None)
    return answer[name]


def _causes(shards: Mapping[str, Any]) -> Iterator[Any]:
    return (each["reason"] for each in shards.get("failures", ()) if "reason" in each)
