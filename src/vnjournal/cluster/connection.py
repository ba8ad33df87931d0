"""A connection to the cluster of an archive.

``opensearch-py`` does the transport: it asks the next node where one fails, leaves nodes alone for
a while that did, and keeps connections open; :mod:`vnjournal.cluster.asking` has it ask again.
What it reports as wrong becomes the package's own errors here, and whom it speaks with is looked at
once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self

from vnjournal.cluster.address import Address
from vnjournal.cluster.bulk import Action, Bulk
from vnjournal.cluster.credentials import Credentials
from vnjournal.cluster.reporting import Reporter, needing_client
from vnjournal.errors import ArchiveError
from vnjournal.version import __version__

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

#: The oldest OpenSearch that is spoken with: before it, an alias could not be required to be there.
MINIMUM = (2, 12)
PATIENCE = 60.0  # seconds

_CONNECT = 10  # seconds; a node that is there takes a connection at once
_LEFT_ALONE = 10  # seconds that a node is, which failed; doubled when it does again
_CONNECTIONS = 10  # kept open to a node


class Connection:
    """A connection; made without a word to the network.

    Args:
        address: the archive's.
        credentials: who asks; those of the environment or the file, if None.
        patience: seconds for which a cluster that is busy or away is asked again.

    ::

        with Connection(Address.parse("https://n1.example.vn/ten-kho")).open() as connection:
            with connection.reporting():
                found = connection.client.search(index="ten-kho", body={...})
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None = None,
        patience: float | None = None,
    ) -> None:
        self.address = address
        self._credentials = credentials
        self.patience = PATIENCE if patience is None else patience
        self._client: OpenSearch | None = None
        self._version = MINIMUM
        self._reporter = Reporter(address)

    def __repr__(self) -> str:
        return f"Connection({str(self.address)!r})"

    def open(self) -> Self:
        """Look whether the cluster answers, and is one that this package can use; once.

        Raises ClusterUnreachable where it does not answer, AccessDenied where it does not let in,
        or credentials are amiss, and ArchiveError where it is no OpenSearch, or too old a one.
        """
        if self._client:
            return self
        credentials = self._credentials or Credentials.find(self.address)
        self._reporter = Reporter(self.address, credentials.who, credentials.where)
        client = self._made(credentials)
        try:
            with self._reporter.reporting():
                self._version = self._check(client.info())
        except BaseException:
            client.close()
            raise
        # What is sent in bulk, is sent again by what counts the answers.
        self._once = self._made(credentials, is_once=True)
        self._client = client
        return self

    def close(self) -> None:
        """End the connections to all nodes; the next use opens them again."""
        if self._client:
            self._client.close()
            self._once.close()
        self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def client(self) -> OpenSearch:
        """The client; what it raises is translated within :meth:`reporting` alone."""
        self.open()
        assert self._client
        return self._client

    @property
    def version(self) -> tuple[int, int]:
        """The version of OpenSearch."""
        self.open()
        return self._version

    def reporting(self) -> AbstractContextManager[None]:
        """Turns what the client raises into the package's own errors, with it as their cause."""
        self.open()  # which knows who asks, as errors say
        return self._reporter.reporting()

    def health(self, index: str) -> str:
        """How an index is: ``green``, ``yellow`` (copies are missing) or ``red`` (parts are).

        Raises ArchiveNotFound where there is none.
        """
        with self.reporting():  # what is not there is waited for: a second is the shortest
            params = {"timeout": "1s", "request_timeout": self.address.timeout, "ignore": 408}
            answer = self.client.cluster.health(index=index, params=params)
        if answer["timed_out"]:
            raise self.not_found()
        return str(answer["status"])

    def not_found(self) -> ArchiveError:
        """The error for an address at which there is no archive."""
        return self._reporter.of_answer(404, {"type": "index_not_found_exception"})

    def bulk(
        self,
        index: str,
        actions: Iterable[Action],
        *,
        refresh: bool = False,
        names: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Write documents, and wait until the cluster has them all.

        Args: ``actions``: each an operation, an id and a body: ``("index", "7", {...})`` puts a
        document in the place of the one with its id, ``"create"`` where there is none, and
        ``("delete", "7", None)`` takes it away, if it is there; they are read as they are sent.
        ``refresh``: whether searches find them when this returns. A fourth part of an action is
        the version that the document must have, see :func:`vnjournal.cluster.documents.versions`.
        ``names``: what documents are called in errors, by id.

        Returns the ids of those to create that were there already, and of those that have another
        version by now.

        What the cluster has not acknowledged is sent again while it is busy, or nodes are away,
        until nothing came of it for as long as the patience lasts. Raises ClusterBusy or
        ClusterUnreachable then; other errors for a document that cannot be written, after the
        others of its request have been.
        """
        self.open()
        bulk = Bulk(self._once, self.client, index, self._reporter, self.patience, names or {})
        return bulk.write(actions, refresh)

    def _made(self, credentials: Credentials, is_once: bool = False) -> OpenSearch:
        with needing_client():
            from opensearchpy import OpenSearch
            from urllib3 import Timeout

            from vnjournal.cluster.asking import Asking
        address = self.address
        asking: dict[str, Any] = {"max_retries": 0}
        if not is_once:
            asking = {"transport_class": Asking, "max_retries": len(address.hosts)}
            asking |= {"reporter": self._reporter, "patience": self.patience}
        headers = {"user-agent": f"vnjournal/{__version__}"}
        if credentials.authorization:
            headers["authorization"] = credentials.authorization
        if not address.is_local:
            headers["accept-encoding"] = "gzip"
        encryption: dict[str, Any] = {}
        if address.scheme == "https":
            encryption = {"use_ssl": True, "ssl_context": credentials.tls()}
        return OpenSearch(
            [{"host": host, "port": port} for host, port in address.hosts],
            headers=headers,
            timeout=Timeout(connect=min(_CONNECT, address.timeout), read=address.timeout),
            retry_on_timeout=len(address.hosts) > 1,
            dead_timeout=_LEFT_ALONE,
            pool_maxsize=_CONNECTIONS,
            **asking,
            **encryption,
        )

    def _check(self, info: Any) -> tuple[int, int]:
        """The version of OpenSearch; raises ArchiveError for anything else, or too old a one."""
        version = info.get("version") if isinstance(info, dict) else None
        if not isinstance(version, dict) or "number" not in version:
            raise ArchiveError(f"{self.address.cluster} is no OpenSearch: check the address")
        number = str(version["number"])
        if version.get("distribution") != "opensearch":
            raise ArchiveError(
                f"{self.address.cluster} is Elasticsearch {number}, which is not supported: name "
                "a cluster of OpenSearch"
            )
        match = re.match(r"(\d+)\.(\d+)", number)
        found = (int(match[1]), int(match[2])) if match else (0, 0)
        if found < MINIMUM:
            raise ArchiveError(
                f"{self.address.cluster} is OpenSearch {number}, which is too old: "
                f"{MINIMUM[0]}.{MINIMUM[1]} or newer will do"
            )
        return found
