"""The one cluster that all tests of a run share, be they in one process or in several."""

from __future__ import annotations

import json
import os

import pytest
from filelock import FileLock

from tests.cluster.distribution import Unavailable
from tests.cluster.nodes import Cluster, Nodes, prepared

#: Where this is set, tests that find no OpenSearch fail; elsewhere they are skipped.
NEEDED = "VNJOURNAL_TESTS_NEED_CLUSTER"

_left_running: list[Nodes] = []


def shared(temporary: pytest.TempPathFactory) -> Cluster:
    """The run's cluster, started by whoever asks first. It ends with the run, not with a worker."""
    require()
    folder, owner = temporary.getbasetemp(), os.getpid()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder, owner = folder.parent, os.getppid()
    addresses = folder / "cluster.json"
    with FileLock(folder / "cluster.lock"):
        if not addresses.exists():
            nodes = Nodes(owner=owner)
            nodes.start()
            _left_running.append(nodes)
            addresses.write_text(json.dumps(nodes.addresses))
    return Cluster(json.loads(addresses.read_text()))


def require() -> None:
    """Skip the test, or fail it where OpenSearch is needed, when there is none."""
    try:
        prepared()
    except Unavailable as reason:
        if os.environ.get(NEEDED):
            raise
        pytest.skip(str(reason))
