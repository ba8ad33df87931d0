"""Fixtures of the tests that speak with a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.cluster.nodes import Cluster
from tests.cluster.proxy import Proxy, running
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.credentials import Credentials

_LAYOUT = {"dynamic": "strict", "properties": {"n": {"type": "integer"}}}


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    """A proxy before a node, over plain HTTP."""
    with running(Proxy(cluster.addresses[0])) as proxy:
        yield proxy


@pytest.fixture
def connect() -> Iterator[Callable[..., Connection]]:
    """A function that makes a connection; it is closed after the test."""
    with ExitStack() as closing:

        def connection(
            place: str, credentials: Credentials | None = None, patience: float = 20
        ) -> Connection:
            made = Connection(Address.parse(place), credentials or Credentials(), patience)
            return closing.enter_context(made)

        yield connection


@pytest.fixture
def index(cluster: Cluster, index_name: str) -> str:
    """The alias of an empty index."""
    settings = {"number_of_shards": 2, "number_of_replicas": 0}
    layout = {"settings": settings, "mappings": _LAYOUT, "aliases": {index_name: {}}}
    cluster.ask("PUT", f"/{index_name}-1", layout)
    return index_name
