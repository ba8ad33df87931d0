"""What a cluster or the way to it reports as wrong, in the package's own errors.

An answer of a cluster carries a type and a reason, often with others that caused it; each becomes
a line ``status type: reason``, and the first rule that finds its pattern in them decides. What is
said of a single document in a bulk request has the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vnjournal.cluster.address import Address
from vnjournal.errors import (
    AccessDenied,
    ArchiveError,
    ArchiveExists,
    ArchiveFull,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveOutdated,
    ClusterBusy,
    ClusterUnreachable,
)

if TYPE_CHECKING:
    from opensearchpy import OpenSearchException

#: Longest reason of a cluster that is passed on, in characters.
_LONGEST = 200


@contextmanager
def needing_client() -> Iterator[None]:
    """Importing the cluster's client; raises ArchiveError where it is not installed."""
    try:
        yield
    except ImportError as error:
        raise ArchiveError(
            f"{error.name} is not installed: run pip install 'vnjournal[cluster]'"
        ) from error


@dataclass(frozen=True, slots=True)
class Reporter:
    """Translates errors of one archive's cluster.

    Args: ``address``: the archive's; ``who``: who asks, in words, if anybody signs in; ``where``:
    where that is set.
    """

    address: Address
    who: str = ""
    where: str = ""

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn what opensearch-py raises into the package's own errors, with it as their cause."""
        with needing_client():
            from opensearchpy import OpenSearchException
        try:
            yield
        except OpenSearchException as error:
            raise self.translated(error) from error

    def translated(self, error: OpenSearchException) -> ArchiveError:
        """The package's own error for one of opensearch-py."""
        from opensearchpy import ConnectionError, TransportError

        if isinstance(error, ConnectionError):
            return self._unreachable(error)
        if not isinstance(error, TransportError):
            return self._made(ArchiveError, _STRANGE, str(error))
        info = error.info if isinstance(error.info, Mapping) else {}
        return self.of_answer(error.status_code, info.get("error") or error.error)

    def of_answer(self, status: int | str, said: Any) -> ArchiveError:
        """The error for an answer's status and what it holds as ``error``: a mapping or a text."""
        lines = [f"{status} {line}" for line in _lines(said)] or [f"{status} "]
        text = "\n".join(lines)
        for pattern, kind, message in _RULES:
            if found := re.search(pattern, text, re.IGNORECASE | re.MULTILINE):
                line = lines[text.count("\n", 0, found.start())]
                return self._made(kind, message, line, **found.groupdict())
        message = _REFUSED if isinstance(said, Mapping) else _STRANGE
        return self._made(ArchiveError, message, lines[0])

    def _unreachable(self, error: Any) -> ArchiveError:
        """The error for a connection that failed."""
        text = f"{self.address.scheme} {type(error.info).__name__}: {error.error}"
        for pattern, kind, message in _OF_THE_WAY:
            if re.search(pattern, text, re.IGNORECASE):
                return self._made(kind, message, text)
        return self._made(
            ClusterUnreachable, "{cluster} cannot be asked ({reason}): try again", text
        )

    def _made(
        self, kind: type[ArchiveError], message: str, reason: str, action: str = "…"
    ) -> ArchiveError:
        return kind(
            message.format(
                cluster=self.address.cluster,
                address=self.address,
                name=self.address.name,
                timeout=self.address.timeout,
                who=self.who or "those who do not sign in",
                correct=f"correct {self.where}" if self.who else _SIGN_IN,
                action=action,
                reason=_first_line(reason),
            )
        )


def _first_line(text: str) -> str:
    return " ".join(text.strip().splitlines()[0].split())[:_LONGEST] if text.strip() else ""


def _lines(said: Any) -> Iterator[str]:
    """What was reported as wrong, a line each, what says most first."""
    if not isinstance(said, Mapping):
        if said:
            yield _first_line(str(said))
        return
    for key in ("root_cause", "failed_shards"):
        for more in said[key] if isinstance(said.get(key), list) else ():
            is_shard = isinstance(more, Mapping) and isinstance(more.get("reason"), Mapping)
            yield from _lines(more["reason"] if is_shard else more)
    if "type" in said:
        yield _first_line(f"{said['type']}: {said.get('reason') or ''}")
    yield from _lines(said.get("caused_by"))


_SIGN_IN = (
    "set VNJOURNAL_USER and VNJOURNAL_PASSWORD, or VNJOURNAL_TOKEN, or VNJOURNAL_CERTIFICATE and "
    "VNJOURNAL_KEY"
)
_STRANGE = (
    "{cluster} answers, but not as OpenSearch does ({reason}): check the address and what stands "
    "between here and there"
)
_REFUSED = "{cluster} refuses this ({reason}): look for that in its log"
_Rule = tuple[str, type[ArchiveError], str]

#: What is wrong, by what an answer holds; the first that fits decides.
_RULES: tuple[_Rule, ...] = (
    (
        r"index_not_found_exception",
        ArchiveNotFound,
        "{address} is no archive: make one with 'vnjournal index SOURCE --archive {address}'",
    ),
    (
        r"read-only-allow-delete|read-only / allow delete|create-index blocked|no space left",
        ArchiveFull,
        "{address}: the cluster's disks are full: make room there, by deleting or by more disk, "
        "and it takes articles again by itself within a minute",
    ),
    (
        r"/8/index write|/5/index read-only|/9/index metadata",
        ArchiveLocked,
        "{address} takes no articles now, as while it is being rebuilt: try again later; if "
        "nobody rebuilds it, let an administrator lift the index.blocks of {name}",
    ),
    (
        r"index_closed_exception|/4/index closed",
        ArchiveLocked,
        "{address} is closed: open it with POST {name}/_open",
    ),
    (
        r"/7/index read",
        ArchiveLocked,
        "{address} may not be read now: let an administrator lift index.blocks.read of {name}",
    ),
    (
        r"cluster_manager_not_discovered|master_not_discovered|/[12]/(no cluster|no master|state)"
        r"|no_cluster_manager",
        ClusterUnreachable,
        "{cluster} has no elected cluster manager: see that most of its nodes run, then try again",
    ),
    (
        r"cluster_block_exception",
        ArchiveLocked,
        "{address} is blocked ({reason}): let an administrator lift the block",
    ),
    (
        r"^401",
        AccessDenied,
        "{cluster} does not let in {who}: {correct}",
    ),
    (
        r"no permissions for \[(?P<action>cluster:(?:[^\[\]]|\[\w*\])+)\]",
        AccessDenied,
        "{cluster}: {who} may not do this: ask for a role with the cluster permission {action}",
    ),
    (
        r"no permissions for \[(?P<action>(?:[^\[\]]|\[\w*\])+)\]",
        AccessDenied,
        "{cluster}: {who} may not do this: ask for a role with the permission {action} for the "
        "indices {name}*",
    ),
    (
        r"^403",
        AccessDenied,
        "{cluster} forbids this to {who} ({reason}): ask for a role that may read and write the "
        "indices {name}*",
    ),
    (
        r"too_many_(nested_)?clauses|maxClauseCount",
        ArchiveError,
        "the question has more terms than the cluster takes (indices.query.bool.max_clause_count): "
        "ask for less",
    ),
    (
        r"^429|rejected_execution|circuit_breaking|task_cancelled",
        ClusterBusy,
        "{cluster} has too much to do ({reason}): try again later, or give it more nodes or memory",
    ),
    (
        r"version_conflict_engine_exception",
        ArchiveLocked,
        "{address} was changed by another process at the same time: try again",
    ),
    (
        r"resource_already_exists_exception|invalid_index_name_exception.*already exists",
        ArchiveExists,
        "there is something at {address} already ({reason}): take another name",
    ),
    (
        r"(mapper_parsing|strict_dynamic_mapping|mapping|document_parsing)_exception|mapper \[",
        ArchiveOutdated,
        "{address} was made for other fields ({reason}): run 'vnjournal rebuild --archive "
        "{address}'",
    ),
    (
        r"plain HTTP request was sent to HTTPS port",
        ClusterUnreachable,
        "{cluster} asks for an encrypted connection: write https://",
    ),
    (
        r"^413",
        ArchiveError,
        "{cluster} takes no request of this size: raise http.max_content_length there",
    ),
    (
        r"^503 .*(no_shard_available|unavailable_shards|all shards failed"
        r"|missing shards)",
        ClusterUnreachable,
        "{address}: a part of it is on no node that runs ({reason}): see that all nodes run, and "
        "GET _cluster/allocation/explain",
    ),
    (
        r"^(408|502|503|504)|search_context_missing|no node found for id"
        r"|(node_(closed|disconnected|not_connected)|no_longer_primary)\w*_exception",
        ClusterUnreachable,
        "{cluster} is not ready ({reason}): try again when its nodes run",
    ),
)

#: What is wrong on the way there; the first that fits decides.
_OF_THE_WAY: tuple[_Rule, ...] = (
    (
        r"Hostname mismatch|IP address mismatch|doesn't match|not valid for",
        ClusterUnreachable,
        "{cluster} shows a certificate for another name ({reason}): write the name that it is for",
    ),
    (
        r"certificate has expired|not yet valid",
        ClusterUnreachable,
        "{cluster} shows a certificate that is out of date: have it renewed, or set this clock",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        ClusterUnreachable,
        "{cluster} shows a certificate that nobody known here has signed: name the file of the "
        "authority that did in VNJOURNAL_CA",
    ),
    (
        r"WRONG_VERSION_NUMBER|record layer failure|HTTP_REQUEST|UNKNOWN_PROTOCOL|PACKET_LENGTH",
        ClusterUnreachable,
        "{cluster} speaks no TLS there: check the port, or write http:// if it is meant to",
    ),
    (
        r"CERTIFICATE_(REQUIRED|UNKNOWN)|BAD_CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA",
        AccessDenied,
        "{cluster} does not take {who} for a client certificate: set VNJOURNAL_CERTIFICATE and "
        "VNJOURNAL_KEY to one that its authority has signed",
    ),
    (  # which TLS 1.3 has it look like, too, where a client certificate is wanted
        r"^https .*(EOF occurred|Connection aborted|ConnectionReset|BrokenPipe|closed connection)",
        ClusterUnreachable,
        "{cluster} ended the encrypted connection: if it wants a client certificate, set "
        "VNJOURNAL_CERTIFICATE and VNJOURNAL_KEY to one that its authority has signed; else try "
        "again",
    ),
    (
        r"^http .*(BadStatusLine|Connection aborted|ConnectionReset|closed connection without)",
        ClusterUnreachable,
        "{cluster} ended the connection: if it speaks TLS, write https://; else try again",
    ),
    (
        r"NameResolutionError|Name or service not known|nodename nor servname|name resolution",
        ClusterUnreachable,
        "{cluster}: no host is known by that name: check the address",
    ),
    (
        r"Connection refused",
        ClusterUnreachable,
        "{cluster}: nothing answers at that port: check the address, and that the cluster runs",
    ),
    (
        r"timed out|Timeout",
        ClusterUnreachable,
        "{cluster} did not answer within {timeout} s: try again, or wait longer with "
        "'?timeout=SECONDS' in the address",
    ),
    (
        r"No route to host|unreachable",
        ClusterUnreachable,
        "{cluster} cannot be reached from here: check the address and the network",
    ),
)
