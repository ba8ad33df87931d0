"""The address of an archive on a cluster: where its nodes are, and the archive's name there.

``https://n1.example.vn:9200,n2.example.vn:9200/ten-kho?replicas=2`` names two nodes of one cluster,
of which either will do, and the archive ``ten-kho`` on it. Who asks is never part of an address:
commands are kept in histories and shown in lists of processes. See
:mod:`vnjournal.cluster.credentials`.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote

from vnjournal.errors import ArchiveError

PORT = 9200
NAME = "vnjournal"
TIMEOUT = 30  # seconds

_FORM = "https://HOST:PORT/NAME"
_BEGINNING = re.compile(r"(https?):[/\\]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")
_LONGEST_NAME = 200  # bytes; a cluster takes 255, and what an archive is made of has longer names
_MOST = {"shards": 1024, "replicas": 100, "timeout": 3600}
_LEAST = {"shards": 1, "replicas": 0, "timeout": 1}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an archive on a cluster is.

    Args:
        scheme: ``https`` or ``http``.
        hosts: nodes of the cluster, each a name or number and a port.
        name: the archive's name.
        shards: how many parts a new archive is made of; None leaves it to the archive.
        replicas: how many copies of each part the cluster keeps; None leaves it to the archive.
        timeout: seconds after which an answer is not waited for any more.
    """

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    name: str = NAME
    shards: int | None = None
    replicas: int | None = None
    timeout: int = TIMEOUT

    @classmethod
    def parse(cls, text: str | Path) -> Self:
        """The address that a text is. One slash after the colon will do, as a Path leaves it.

        Raises ArchiveError where it is none, or has a part that is not understood.

        >>> address = Address.parse("https://N1.example.vn,n2.example.vn:9201/ten-kho?replicas=2")
        >>> address.hosts
        (('n1.example.vn', 9200), ('n2.example.vn', 9201))
        >>> address.name, address.shards, address.replicas, address.timeout
        ('ten-kho', None, 2, 30)
        >>> print(address)
        https://n1.example.vn:9200,n2.example.vn:9201/ten-kho?replicas=2
        """
        text = str(text)
        if "@" in text:
            raise ArchiveError(
                f"{text.rpartition('@')[2]}: a password in an address can be read by others: set "
                "VNJOURNAL_USER and VNJOURNAL_PASSWORD, or write a file of credentials"
            )
        if not (beginning := _BEGINNING.match(text)):
            raise ArchiveError(f"{text} is no address of a cluster: write it as {_FORM}")
        scheme = beginning[1].lower()
        if "#" in text:
            raise ArchiveError(f"{text}: an address has no part after '#': leave it out")
        rest, _, query = text[beginning.end() :].replace("\\", "/").partition("?")
        place, _, path = rest.partition("/")
        return cls(
            scheme,
            tuple(dict.fromkeys(_host(each, text) for each in place.split(","))),
            _name(unquote(path), text),
            **_settings(query, text),
        )

    def __str__(self) -> str:
        settings = {"shards": self.shards, "replicas": self.replicas}
        settings["timeout"] = None if self.timeout == TIMEOUT else self.timeout
        query = "&".join(f"{name}={value}" for name, value in settings.items() if value is not None)
        return f"{self.cluster}/{self.name}{'?' if query else ''}{query}"

    @property
    def cluster(self) -> str:
        """The address of the cluster alone.

        >>> Address.parse("http://localhost/ten-kho").cluster
        'http://localhost:9200'
        """
        places = (
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts
        )
        return f"{self.scheme}://{','.join(places)}"

    @property
    def is_local(self) -> bool:
        """Whether all nodes are on this very machine, so that nobody can listen on the way."""
        return all(_is_loopback(host) for host, _ in self.hosts)


def is_address(place: str | Path) -> bool:
    """Whether an archive's place is an address of a cluster, and no folder.

    >>> is_address("https://n1.example.vn/ten-kho"), is_address("vnjournal-archive")
    (True, False)
    """
    return bool(_BEGINNING.match(str(place)))


def _host(place: str, text: str) -> tuple[str, int]:
    """A node: its name or number, and its port."""
    if match := re.fullmatch(r"\[([^\]]*)\](?::(.*))?", place):
        host, port = match[1], match[2]
        try:
            host = str(ipaddress.IPv6Address(host))
        except ValueError:
            raise ArchiveError(f"{text}: {place} is no host: write it as {_FORM}") from None
    else:
        host, colon, port = place.partition(":")
        try:
            host = host.encode("idna").decode().lower()
        except UnicodeError:
            host = ""
        if not _HOST.fullmatch(host):
            raise ArchiveError(f"{text}: {place or 'nothing'!r} is no host: write it as {_FORM}")
        port = port if colon else None
    if port is None:
        return host, PORT
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise ArchiveError(f"{text}: {port!r} is no port: write a number, as in {_FORM}")
    return host, int(port)


def _name(path: str, text: str) -> str:
    """The archive's name, as a cluster takes it for the name of an index."""
    name = unicodedata.normalize("NFC", path.strip("/")) or NAME
    if name != name.lower():
        raise ArchiveError(f"{text}: names on a cluster have no capitals: write {name.lower()!r}")
    if not name[0].isalnum() or not all(each.isalnum() or each in "-_." for each in name):
        raise ArchiveError(
            f"{text}: {name!r} is no name of an archive: letters and digits make one, and '-', "
            "'_' or '.' between them"
        )
    if len(name.encode()) > _LONGEST_NAME:
        raise ArchiveError(f"{text}: the archive's name is too long: {_LONGEST_NAME} bytes will do")
    return name


def _settings(query: str, text: str) -> dict[str, int]:
    settings: dict[str, int] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _MOST:
            place = text.partition("?")[0]  # a password may be set there by mistake
            raise ArchiveError(f"{place}: {name!r} is no setting: there are {', '.join(_MOST)}")
        if name in settings:
            raise ArchiveError(f"{text}: {name} is set twice: leave one out")
        least, most = _LEAST[name], _MOST[name]
        is_number = value.isascii() and value.isdecimal() and len(value) < 6
        if not (is_number and least <= int(value) <= most):
            raise ArchiveError(f"{text}: {name} is a number from {least} to {most:,}: correct it")
        settings[name] = int(value)
    return settings


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
