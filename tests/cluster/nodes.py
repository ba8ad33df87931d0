"""A real OpenSearch cluster on this machine: nodes that are started, killed and started again.

``python -m tests.cluster.nodes`` starts one by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self
from urllib.parse import urlsplit

from tests.cluster import watchdog
from tests.cluster.distribution import Distribution, Unavailable, fetched

_PATIENCE = 120  # seconds after which a cluster is taken to hang; a busy machine has needed 30
_TAIL = 20  # rows of a node's log in an error

#: That a node was killed is seen at once, by its closed connection. The patience with a node that
#: is only slow is left at OpenSearch's own, as tests are slow on a busy machine.
_SETTINGS: Mapping[str, object] = {
    "cluster.name": "vnjournal-tests",
    "network.host": "127.0.0.1",
    "node.processors": 2,
    "discovery.find_peers_interval": "100ms",
    "cluster.initial_cluster_manager_nodes": ["n0"],
    "cluster.routing.allocation.disk.threshold_enabled": False,
    "cluster.routing.allocation.node_concurrent_recoveries": 10,
    "cluster.max_shards_per_node": 10_000,
}

#: The first rows spare time at the start, a node living for minutes; the others are OpenSearch's.
_JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Xms64m",
    "-Dfile.encoding=UTF-8",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.allocator.numDirectArenas=0",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j2.formatMsgNoLookups=true",
    "-Dopensearch.distribution.type=tar",
    "-Dopensearch.bundled_jdk=false",
)

_LOGGING = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n
"""


class NoCluster(Exception):
    """A cluster is not, or not in time, what was waited for; ends with the ends of the logs."""


class Cluster:
    """A cluster at some addresses."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = list(addresses)

    def ask(self, method: str, path: str, body: object = None, node: int = 0) -> Any:
        """What a node answers, which must be JSON and no refusal."""
        status, answer = _answer(self.addresses[node], method, path, body)
        if status >= 400:
            raise NoCluster(f"{method} {path}: {status} {answer}")
        return answer

    def wait(self, status: str = "yellow", nodes: int | None = None, index: str = "") -> None:
        """Wait until the cluster, or an index, has this colour and the cluster so many nodes."""
        wanted = {"wait_for_status": status}
        if nodes is not None:
            wanted["wait_for_nodes"] = str(nodes)
        deadline = time.monotonic() + _PATIENCE
        while not any(_is_so(address, wanted, index) for address in self._running()):
            self._not_too_long(deadline, f"{wanted}")

    def _running(self) -> list[str]:
        return self.addresses

    def _not_too_long(self, deadline: float, wanted: str) -> None:
        """Pause before asking once more; raises after the deadline."""
        if time.monotonic() > deadline:
            raise NoCluster(f"not after {_PATIENCE} seconds: {wanted}\n{self._logs()}")
        time.sleep(0.05)  # where no node listens yet, there is nobody to wait at

    def _logs(self) -> str:
        return ""


@dataclass
class _Node:
    number: int
    folder: Path
    ports: tuple[int, int]
    settings: dict[str, object] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Nodes(Cluster):
    """Nodes of this process's own. They end with it at the latest, and leave no file.

    Args: ``settings``: of all nodes, besides the ones above; ``of_node``: of some, by number from
    0; ``heap``: the most that one may take, in Java's terms; ``owner``: the process with whose end
    they end instead of with this one's.
    """

    def __init__(
        self,
        count: int = 3,
        settings: Mapping[str, object] | None = None,
        of_node: Mapping[int, Mapping[str, object]] | None = None,
        heap: str = "384m",
        owner: int | None = None,
    ) -> None:
        super().__init__([])
        self.count = count
        self._settings = {**_SETTINGS, **(settings or {})}
        self._of_node = of_node or {}
        self._java_options = [*_JAVA_OPTIONS, f"-Xmx{heap}"]
        self._owner = owner or os.getpid()
        self._held: list[socket.socket] = []
        self._nodes: list[_Node] = []
        self.folder: Path | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the nodes side by side, and wait until all are one cluster."""
        self._start(prepared())

    def stop(self) -> None:
        """End all processes, and remove what they have written."""
        if self._watchdog is not None:
            os.killpg(self._watchdog.pid, signal.SIGKILL)
            self._watchdog.wait()
            self._watchdog = None
        for node in self._nodes:
            if node.process is not None:
                node.process.wait()
        for held in self._held:
            held.close()
        if self.folder is not None:
            shutil.rmtree(self.folder)
        self._held, self._nodes, self.addresses, self.folder = [], [], [], None

    def kill(self, number: int) -> None:
        """End a node as a power cut would. What the other nodes make of it is not waited for."""
        process = self._nodes[number].process
        if process is not None:
            process.kill()
            process.wait()

    def restart(self, *numbers: int) -> None:
        """Start nodes again where they were, killed or not; wait until they belong to the cluster.

        They cannot where fewer than half run: then nothing is waited for.
        """
        for number in numbers:
            self.kill(number)
        for number in numbers:
            self._launch(self._nodes[number], fetched())
        if 2 * len(self._running()) > self.count:
            self._wait_until_formed()

    def _start(self, distribution: Distribution) -> None:
        self.folder = Path(mkdtemp(prefix="vnjournal-cluster-"))
        try:
            self._start_watchdog(self.folder)
            ports = [(self._hold_port(), self._hold_port()) for _ in range(self.count)]
            seeds = [f"127.0.0.1:{transport}" for _, transport in ports]
            self.addresses = [f"http://127.0.0.1:{http}" for http, _ in ports]
            for number, pair in enumerate(ports):
                node = _Node(number, self.folder / f"n{number}", pair)
                node.settings = self._settings | {"discovery.seed_hosts": seeds}
                node.settings |= self._of_node.get(number, {})
                self._nodes.append(node)
                _furnish(node)
            _hand_over(self.folder)
            for node in self._nodes:
                self._launch(node, distribution)
            self._wait_until_formed()
        except BaseException:
            self.stop()
            raise

    def _start_watchdog(self, folder: Path) -> None:
        line = [sys.executable, "-I", "-S", watchdog.__file__, str(self._owner), str(folder)]
        self._watchdog = subprocess.Popen(line, stdin=subprocess.DEVNULL, process_group=0)

    def _hold_port(self) -> int:
        """A port that the system gives to nobody else, and that a node may yet listen at."""
        held = socket.socket()
        self._held.append(held)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        number: int = held.getsockname()[1]
        return number

    def _launch(self, node: _Node, distribution: Distribution) -> None:
        assert self._watchdog is not None
        options = [
            *self._java_options,
            *distribution.java_options,
            f"-Djava.io.tmpdir={node.folder / 'tmp'}",
            f"-Dopensearch.path.home={distribution.home}",
            f"-Dopensearch.path.conf={node.folder / 'config'}",
        ]
        archive = distribution.class_archive
        if archive.exists() and archive.stat().st_size:
            options.append(f"-XX:SharedArchiveFile={archive}")
        main = ["-cp", distribution.class_path, "org.opensearch.bootstrap.OpenSearch"]
        user, group = _user()
        with node.log.open("ab") as log:
            node.process = subprocess.Popen(
                [distribution.java, *options, *main],
                cwd=node.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=self._watchdog.pid,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )

    def _running(self) -> list[str]:
        return [self.addresses[node.number] for node in self._nodes if node.runs]

    def _wait_until_formed(self) -> None:
        expected = self._running()
        wanted = {"wait_for_nodes": str(len(expected))}
        deadline = time.monotonic() + _PATIENCE
        for address in expected:
            while not _is_so(address, wanted):
                if self._running() != expected:
                    raise NoCluster(f"a node has ended\n{self._logs()}")
                self._not_too_long(deadline, f"{len(expected)} nodes in one cluster")

    def _logs(self) -> str:
        rows = []
        for node in self._nodes:
            written = node.log.read_text(errors="replace") if node.log.exists() else ""
            told = [row[:300] for row in written.splitlines() if not row.startswith("\tat ")]
            rows += [f"The end of the log of n{node.number}:", *told[-_TAIL:]]
        return "\n".join(rows)


def prepared() -> Distribution:
    """OpenSearch, and the archive of its classes: a start takes two fifths less time with it."""
    distribution = fetched()
    if distribution.archives_classes and not distribution.class_archive.exists():
        with distribution.lock:
            if not distribution.class_archive.exists():
                _archive_classes(distribution)
    return distribution


def _archive_classes(distribution: Distribution) -> None:
    """Have a node write it at its end, which may take half a minute: it waits for its connections.

    Where that fails the archive is empty, and nodes start as well without.
    """
    nodes = Nodes(count=1)
    try:
        nodes._java_options.append("-XX:ArchiveClassesAtExit=tmp/classes.jsa")
        nodes._start(distribution)
        process = nodes._nodes[0].process
        assert process is not None
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        written = nodes._nodes[0].folder / "tmp/classes.jsa"
        whole = written.exists() and process.returncode is not None
        temporary = distribution.class_archive.with_suffix(".tmp")
        temporary.write_bytes(written.read_bytes() if whole else b"")
        temporary.chmod(0o644)
        temporary.replace(distribution.class_archive)
    finally:
        nodes.stop()


def _furnish(node: _Node) -> None:
    """Make the folder of a node."""
    http, transport = node.ports
    own = {
        "node.name": f"n{node.number}",
        "http.port": http,
        "transport.port": transport,
        "path.data": str(node.folder / "data"),
        "path.logs": str(node.folder / "logs"),
    }
    for name in ("config", "tmp"):
        (node.folder / name).mkdir(parents=True)
    configuration = json.dumps(own | node.settings, indent=1)  # which is YAML
    (node.folder / "config/opensearch.yml").write_text(configuration)
    (node.folder / "config/log4j2.properties").write_text(_LOGGING)


def _user() -> tuple[int | None, int | None]:
    """Whom nodes run as: OpenSearch refuses to run as root."""
    if os.geteuid() != 0:
        return None, None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _hand_over(folder: Path) -> None:
    user, group = _user()
    if user is not None and group is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, group)


def _answer(address: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=_PATIENCE)
    try:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _is_so(address: str, wanted: Mapping[str, str], index: str = "") -> bool:
    """Whether the cluster's health is as wanted now or within a second, as one node sees it."""
    conditions = "&".join(f"{name}={value}" for name, value in wanted.items())
    with suppress(OSError, HTTPException):
        status, _ = _answer(address, "GET", f"/_cluster/health/{index}?{conditions}&timeout=1s")
        return status == 200
    return False


def main() -> None:
    """Start a cluster, and keep it until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.nodes", description=main.__doc__)
    parser.add_argument("--nodes", type=int, default=3, help="how many (3)")
    parser.add_argument("--heap", default="384m", help="the most memory of one (384m)")
    chosen = parser.parse_args()
    with suppress(KeyboardInterrupt):
        try:
            nodes = Nodes(chosen.nodes, heap=chosen.heap)
            with nodes:
                print(*nodes.addresses, sep="\n")
                print(f"curl '{nodes.addresses[0]}/_cat/nodes?v' shows them; Ctrl-C ends them")
                sys.stdout.flush()
                signal.pause()
        except Unavailable as reason:
            sys.exit(str(reason))


if __name__ == "__main__":
    main()
