"""Options and fixtures that several test modules share."""

from __future__ import annotations

import compileall
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

import vnjournal
from tests.cluster.nodes import Cluster, Nodes
from tests.cluster.shared import require, shared
from tests.places import Places
from vnjournal import resources

# A busy machine fails no test: how fast something is, the benchmarks tell.
settings.register_profile("vnjournal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vnjournal")


def pytest_configure() -> None:
    """Compile the program once, and not in each process that a test starts.

    That would happen where the environment forbids Python to write bytecode.
    """
    for folder in vnjournal.__path__:
        compileall.compile_dir(folder, quiet=1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="write tests/cli/golden/ anew from what the program prints now; review the diff",
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A function that mounts a disk of so many bytes; skips where mounting is not allowed."""
    with ExitStack() as mounted:

        def mount(size: int) -> Path:
            folder = tmp_path / "small-disk"
            folder.mkdir()
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                pytest.skip(f"no small disk: {error}")
            if done.returncode:
                pytest.skip(f"no small disk: {done.stderr.strip()}")
            mounted.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
            return folder

        yield mount


@pytest.fixture
def damage_data_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, bytes], None]:
    """A function that puts other bytes in the place of the packaged data files of a name."""

    def damage(name: str, content: bytes) -> None:
        (tmp_path / name).write_bytes(content)
        real = resources.path

        def path(data_set: str, wanted: str) -> Path:
            return tmp_path / name if wanted == name else real(data_set, wanted)

        monkeypatch.setattr(resources, "path", path)

    return damage


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """An OpenSearch cluster of three nodes, which other tests are at work with, too."""
    return shared(tmp_path_factory)


@pytest.fixture(scope="session")
def places(request: pytest.FixtureRequest) -> Places:
    """Makes archives and engines, on the cluster too."""
    return Places(request)


@pytest.fixture
def breakable_cluster() -> Iterator[Nodes]:
    """An OpenSearch cluster of three nodes of the test's own, to be broken at will."""
    require()
    with Nodes() as nodes:
        yield nodes


@pytest.fixture
def index_name(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of an index of the test's own; what begins so is deleted after it."""
    name = f"test-{uuid4().hex}"
    yield name
    if "cluster" in request.fixturenames:
        shared_cluster: Cluster = request.getfixturevalue("cluster")
        shared_cluster.ask("DELETE", f"/{name}*")
