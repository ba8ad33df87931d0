"""Writing many documents: nothing is lost, nothing counts before the cluster has acknowledged it.

The helpers of opensearch-py send again what was rejected (429), and nothing else: neither what a
cut connection leaves in doubt, nor what waits for a copy to take the place of a lost one (503).

A request holds an id once, so that what is sent again never undoes what came after it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from vnjournal.cluster.patience import PASSING, Patience
from vnjournal.cluster.reporting import Reporter
from vnjournal.errors import ArchiveError, half_a_character

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_Operation = Literal["index", "create", "delete"]
#: A state of a document: the number of its last change, and the term of whoever counted.
Version = tuple[int, int]
#: An operation, the id of a document, and its body, which one to delete has not; and the version
#: that it must still have, if any.
Action = (
    tuple[_Operation, str, Mapping[str, Any] | None]
    | tuple[_Operation, str, Mapping[str, Any] | None, Version]
)

#: The most bytes, and documents, of a request; from 1 to 20 MB a cluster takes as many a second.
MOST_BYTES = 5_000_000
MOST_DOCUMENTS = 1_000

_REJECTED = 429  # nothing was done; any other failure leaves that open
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class _Document:
    """What is to be done with a document, as lines of a request."""

    is_conditional: bool
    head: bytes
    body: bytes

    @property
    def size(self) -> int:
        return len(self.head) + len(self.body)


_Request = dict[str, _Document]  # by id


def requests(actions: Iterable[Action]) -> Iterator[_Request]:
    """Actions as they are sent together.

    >>> actions = [("index", "1", {"a": 1}), ("delete", "2", None), ("delete", "1", None)]
    >>> [list(request) for request in requests(actions)]
    [['1', '2'], ['1']]
    """
    request: _Request = {}
    size = 0
    for action in actions:
        operation, id, body = action[:3]
        about: dict[str, Any] = {"_id": id}
        for number, term in action[3:]:
            about |= {"if_seq_no": number, "if_primary_term": term}
        is_conditional = operation == "create" or len(about) > 1
        content = b"" if body is None else _line(body)
        document = _Document(is_conditional, _line({operation: about}), content)
        is_full = size + document.size > MOST_BYTES or len(request) == MOST_DOCUMENTS
        if request and (is_full or id in request):
            yield request
            request, size = {}, 0
        request[id] = document
        size += document.size
    if request:
        yield request


def _line(value: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode() + b"\n"
    except UnicodeEncodeError as error:
        raise half_a_character(error) from error
    except ValueError as error:
        raise ArchiveError(
            "a number that is none, or infinite, can be kept in a folder only: take it out"
        ) from error


class Bulk:
    """Writes to an index.

    Args: ``sending``: a client that sends nothing again by itself; ``asking``: one that does;
    ``patience``: seconds without any progress after which it is given up; ``names``: what documents
    are called in errors, by id.
    """

    def __init__(
        self,
        sending: OpenSearch,
        asking: OpenSearch,
        index: str,
        reporter: Reporter,
        patience: float,
        names: Mapping[str, str],
    ) -> None:
        self._names = names
        self._sending = sending
        self._asking = asking
        self._index = index
        self._reporter = reporter
        self._seconds = patience

    def write(self, actions: Iterable[Action], refresh: bool) -> list[str]:
        """See :meth:`vnjournal.cluster.connection.Connection.bulk`."""
        existed = [id for request in requests(actions) for id in self._existed(request)]
        if refresh:
            with self._reporter.reporting():
                self._asking.indices.refresh(index=self._index)
        return existed

    def _existed(self, request: _Request) -> list[str]:
        """Send a request until all of it is acknowledged; the ids that failed their condition."""
        waiting = dict(request)
        in_doubt: set[str] = set()  # whether they were written, is not known
        existing: list[str] = []
        failed: list[tuple[str, ArchiveError]] = []
        patience = Patience(self._seconds)
        while waiting:
            passing: ArchiveError | None = None
            count = len(waiting)
            for id, status, error in self._answers(waiting):
                if isinstance(error, PASSING):
                    passing = error
                    if status != _REJECTED:
                        in_doubt.add(id)
                    continue
                if status == _CONFLICT and waiting[id].is_conditional:
                    existing.append(id)
                elif error:
                    failed.append((id, error))
                del waiting[id]
            if len(waiting) < count:
                patience.renew()
            if passing:
                patience.wait(passing)
        if failed:
            id, error = failed[0]
            more = f" and {len(failed) - 1} more" if failed[1:] else ""
            raise self._of(id, error, more)
        ours = self._held({id: request[id] for id in existing if id in in_doubt})
        return [id for id in existing if id not in ours]

    def _answers(self, waiting: _Request) -> list[tuple[str, int | str, ArchiveError | None]]:
        """Send what waits, once; for each id the status, and the error if it failed.

        Raises ArchiveError where the request has failed for good.
        """
        from opensearchpy import ConnectionError, TransportError

        address = self._reporter.address
        body = b"".join(each.head + each.body for each in waiting.values())
        headers = {}
        if not address.is_local:  # the client would pack with its hardest level, at 11 MB/s
            body = gzip.compress(body, compresslevel=1)
            headers = {"content-encoding": "gzip"}
        params = {
            "require_alias": "true",  # a name that is none would become an index
            "filter_path": "items.*.status,items.*.error",
            # The cluster gives up waiting for its parts before we do for its answer.
            "timeout": f"{max(1, address.timeout // 2)}s",
            "request_timeout": address.timeout,
        }
        try:
            answer = self._sending.transport.perform_request(
                "POST", f"/{quote(self._index)}/_bulk", params, body, headers=headers
            )
        except TransportError as failure:
            error = self._reporter.translated(failure)
            if not isinstance(error, PASSING):
                (id, *others) = waiting
                raise error if others else self._of(id, error) from failure
            status = 0 if isinstance(failure, ConnectionError) else failure.status_code
            return [(id, status, error) for id in waiting]
        items = answer.get("items", ()) if isinstance(answer, Mapping) else ()
        if len(items) != len(waiting):
            raise self._reporter.of_answer(200, "an answer without those items that were sent")
        found: list[tuple[str, int | str, ArchiveError | None]] = []
        for id, item in zip(waiting, items, strict=True):
            (outcome,) = item.values()
            status, said = outcome["status"], outcome.get("error")
            found.append((id, status, self._reporter.of_answer(status, said) if said else None))
        return found

    def _of(self, id: str, error: ArchiveError, more: str = "") -> ArchiveError:
        """An error that says of which document it is."""
        return type(error)(f"{error} ({self._names.get(id, f'document {id}')}{more})")

    def _held(self, documents: _Request) -> set[str]:
        """Which documents are as they were sent, or gone if so: that was done by us."""
        if not documents:
            return set()
        body = {"ids": list(documents)}
        with self._reporter.reporting():
            found = self._asking.mget(index=self._index, body=body)
        return {
            each["_id"]
            for each in found["docs"]
            if each.get("_source") == json.loads(documents[each["_id"]].body or b"null")
        }
