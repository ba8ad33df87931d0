"""OpenSearch itself: fetched with Maven, once a machine, and what it takes to run it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

#: The version that is tested, unless the environment names another, as whoever supports it does.
VERSION = os.environ.get("VNJOURNAL_TESTS_OPENSEARCH") or "2.19.6"
_ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
#: OpenSearch 2 wants Java's security manager, which there is none of from 24 on; 3 has an agent.
_HAS_MANAGER = VERSION.startswith("2.")
_JAVA = range(17, 24) if _HAS_MANAGER else range(21, 26)
_PATIENCE = 600  # seconds that Maven may take


class Unavailable(Exception):
    """Why there is no OpenSearch on this machine, in one line."""


@dataclass(frozen=True)
class Distribution:
    """OpenSearch unpacked, and the Java to run it with."""

    home: Path
    java: str
    java_version: str

    @property
    def class_path(self) -> str:
        return os.pathsep.join(str(jar) for jar in sorted(self.home.glob("lib/*.jar")))

    @property
    def java_options(self) -> tuple[str, ...]:
        """What this OpenSearch needs to be told to Java."""
        if _HAS_MANAGER:
            return ("-Djava.security.manager=allow",)
        return (f"-javaagent:{self.home / 'agent/opensearch-agent.jar'}",)

    @property
    def archives_classes(self) -> bool:
        """Whether Java can keep the classes for the next start: not with an agent."""
        return _HAS_MANAGER

    @property
    def lock(self) -> FileLock:
        return _lock()

    @property
    def class_archive(self) -> Path:
        """Where the classes that a node loads are kept in the form that this very Java maps."""
        java = hashlib.sha256(self.java_version.encode()).hexdigest()[:12]
        return self.home.with_name(f"{self.home.name}-{java}.jsa")


@cache
def fetched() -> Distribution:
    """OpenSearch, from the cache of the tests or else from Maven.

    Raises:
        Unavailable: when there is no fitting Java, or no Maven to fetch it with.
    """
    if sys.platform != "linux":
        raise Unavailable("no OpenSearch: its nodes are watched over as only Linux can")
    java, version = _java()
    home = _cache() / f"opensearch-{VERSION}"
    if not home.exists():
        with _lock():
            if not home.exists():
                _fetch(home)
    return Distribution(home, java, version)


def _java() -> tuple[str, str]:
    """The Java that ``JAVA_HOME`` names, or else the usual one, and what it says of itself."""
    wanted = f"Java {_JAVA.start} to {_JAVA.stop - 1}"
    reason = f"no OpenSearch: {wanted} is not installed"
    named = os.environ.get("JAVA_HOME")
    for path in (Path(named, "bin") if named else "", None):
        if (java := shutil.which("java", path=path)) is None:
            continue
        line = [java, "-version"]
        said = subprocess.run(line, capture_output=True, text=True, check=False).stderr
        number = re.search(r'version "(\d+)', said)
        if number is not None and int(number[1]) in _JAVA:
            return java, said
        reason = f"no OpenSearch: {wanted} is needed, and this is {said.strip()!r}"
    raise Unavailable(reason)


def _cache() -> Path:
    """A folder for this user's tests; root's nodes run as another user, who must read it."""
    if os.geteuid() == 0:
        folder = Path("/var/cache")
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = folder / "vnjournal-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _lock() -> FileLock:
    return FileLock(_cache() / "lock")


def _fetch(home: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("no OpenSearch: Maven, which fetches it, is not installed")
    with TemporaryDirectory(dir=home.parent) as temporary:
        folder = Path(temporary)
        copy = ["dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={folder}"]
        line = [maven, "--batch-mode", "--quiet", "--strict-checksums", *copy]
        done = subprocess.run(
            line, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        archives = list(folder.glob("*.zip"))
        if done.returncode or not archives:
            said = [row for row in done.stdout.splitlines() if "ERROR" in row] or ["nothing"]
            raise Unavailable(f"no OpenSearch: Maven does not get {_ARTIFACT}: {said[0]}")
        with zipfile.ZipFile(archives[0]) as archive:
            archive.extractall(folder)
        for name in ("plugins", "logs"):  # a packed folder that is empty may be left out
            (folder / home.name / name).mkdir(exist_ok=True)
        _let_others_read(folder / home.name)
        (folder / home.name).rename(home)


def _let_others_read(folder: Path) -> None:
    for path in (folder.parent.parent, folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
