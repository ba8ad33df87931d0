"""Archives and engines for tests: in folders, and on the cluster that all tests of a run share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.cluster.nodes import Cluster
from vnjournal.archive import Archive
from vnjournal.archive_folder import ArchiveFolder
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.layout import Layout
from vnjournal.index.analysis import Document
from vnjournal.index.engine import Engine
from vnjournal.index.engines import NAMES, engine_class

#: The engine of archives on a cluster.
ON_CLUSTER = "opensearch"
#: Every engine.
ENGINES = (*NAMES, ON_CLUSTER)

_SETTINGS = "shards=2&replicas=0"  # copies only take time where no node fails


def folder_of(archive: Archive) -> ArchiveFolder:
    """The folder of an archive: its store, and its engine."""
    assert isinstance(archive._home, ArchiveFolder)
    return archive._home


def address_of(cluster: Cluster, name: str, settings: str = _SETTINGS) -> str:
    """The address of an archive on a cluster, with all its nodes."""
    hosts = ",".join(urlsplit(address).netloc for address in cluster.addresses)
    return f"http://{hosts}/{name}?{settings}"


class Places:
    """Makes archives and engines, and takes those on the cluster away again."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    @contextmanager
    def archive(self, engine: str, folder: Path) -> Iterator[Archive]:
        """A new archive of an engine: in a folder, or on the cluster."""
        if engine != ON_CLUSTER:
            with Archive.create(folder, engine) as archive:
                yield archive
            return
        with self.address() as address, Archive.create(address) as archive:
            yield archive

    @contextmanager
    def address(self, settings: str = _SETTINGS) -> Iterator[str]:
        """An address on the cluster, at which there is nothing yet."""
        cluster: Cluster = self._request.getfixturevalue("cluster")
        name = f"test-{uuid4().hex}"
        try:
            yield address_of(cluster, name, settings)
        finally:
            cluster.ask("DELETE", f"/{name}*")
            cluster.ask("DELETE", f"/_index_template/{name}*")

    @contextmanager
    def engine(self, name: str, documents: Sequence[Document] = ()) -> Iterator[Engine]:
        """An engine that holds some documents."""
        with self._empty(name) as engine:
            engine.write(documents).result()
            yield engine

    @contextmanager
    def _empty(self, name: str) -> Iterator[Engine]:
        if name != ON_CLUSTER:
            with (
                tempfile.TemporaryDirectory() as folder,
                closing(engine_class(name).create(Path(folder))) as near,
            ):
                yield near
            return
        from vnjournal.index.opensearch_engine import (
            WORDS_KIND,
            WORDS_SUFFIX,
            OpenSearchEngine,
            articles_kind,
        )

        with self.address() as address, Connection(Address.parse(address)).open() as connection:
            layout, index = (
                Layout(connection, [articles_kind({}), WORDS_KIND]),
                connection.address.name,
            )
            layout.make_first()
            engine = OpenSearchEngine(connection, index, f"{index}{WORDS_SUFFIX}")
            with closing(engine) as on_cluster:
                yield on_cluster
