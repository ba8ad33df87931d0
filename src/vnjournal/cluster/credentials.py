"""Who asks a cluster: from the environment, or from a file that nobody else may read.

::

    VNJOURNAL_USER, VNJOURNAL_PASSWORD      a user
    VNJOURNAL_TOKEN                         a bearer token, in the place of a user
    VNJOURNAL_CERTIFICATE, VNJOURNAL_KEY    a client certificate and its key, files
    VNJOURNAL_CA                            the authority that signed the cluster's, a file
    VNJOURNAL_CREDENTIALS                   the file, if it is not the usual one

The file has a table for each cluster, named by its address::

    ["https://n1.example.vn:9200"]
    user = "lan"
    password = "mật khẩu"
    ca = "ca.pem"

Files that it names are looked for beside it.
"""

from __future__ import annotations

import base64
import os
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from vnjournal.cluster.address import Address
from vnjournal.errors import AccessDenied, ArchiveError

#: What is given together, and taken together from the environment or from the file.
_GROUPS = (("user", "password", "token"), ("certificate", "key"), ("ca",))
_KEYS = tuple(key for group in _GROUPS for key in group)
_SECRETS = ("password", "token")


def _variable(key: str) -> str:
    return f"VNJOURNAL_{key.upper()}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks a cluster, and whom to trust; nothing of it needs to be given.

    Args:
        user, password: a user.
        token: a bearer token.
        certificate, key: files of a client certificate; without a key, the certificate has it.
        ca: a file of the authority that signed the cluster's certificate; without it, those
            count that the system trusts.
        origin: where each was found, for messages, by key.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None
    origin: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def find(cls, address: Address, environment: Mapping[str, str] = os.environ) -> Self:
        """The credentials for an address. The environment goes before the file.

        Raises AccessDenied, with the file and the key or the variable, where they are not whole,
        contradict each other, or would be readable by others.

        >>> address = Address.parse("https://n1.example.vn")
        >>> set_ = {"VNJOURNAL_USER": "lan", "VNJOURNAL_PASSWORD": "mật khẩu"}
        >>> Credentials.find(address, {**set_, "VNJOURNAL_CREDENTIALS": os.devnull})
        Credentials(user='lan', certificate=None, key=None, ca=None)
        """
        given = {key: environment.get(_variable(key), "") for key in _KEYS}
        file, is_named = _file(environment)
        table = _table(file, address, is_named)
        values: dict[str, Any] = {}
        origin: dict[str, str] = {}
        for group in _GROUPS:
            is_given = any(given[key] for key in group)
            for key in group:
                value = given[key] if is_given else table.get(key, "")
                origin[key] = _variable(key) if is_given or not table else f"{key!r} in {file}"
                if value and key not in ("user", *_SECRETS):
                    folder = Path() if is_given else file.parent
                    values[key] = folder / Path(value).expanduser()
                elif value:
                    values[key] = value
        found = cls(**values, origin=origin)
        found._check(address)
        return found

    def _check(self, address: Address) -> None:
        """Raises AccessDenied where something is amiss."""
        name = self.origin.__getitem__
        for key in ("user", *_SECRETS):
            if not getattr(self, key).isprintable():
                raise AccessDenied(f"{name(key)} has a line break or the like in it: correct it")
        if self.token and (self.user or self.password):
            raise AccessDenied(f"{name('user')} and {name('token')} are both set: leave one out")
        if bool(self.user) != bool(self.password):
            there, missing = ("user", "password") if self.user else ("password", "user")
            raise AccessDenied(f"{name(there)} is set, and {name(missing)} is not: set both")
        if ":" in self.user:
            raise AccessDenied(f"{name('user')}: no user has a ':' in the name: correct it")
        if not self.token.isascii():
            raise AccessDenied(f"{name('token')} is no token, which has plain letters: correct it")
        if self.key and not self.certificate:
            raise AccessDenied(f"{name('key')} is set, and {name('certificate')} is not: set both")
        for key in ("certificate", "key", "ca"):
            if (path := getattr(self, key)) and not path.is_file():
                raise AccessDenied(f"{name(key)} names {path}, which is no file: correct it")
        if address.scheme == "http" and self.certificate:
            raise AccessDenied(f"{name('certificate')} is for https, and not for {address.cluster}")
        if address.scheme == "http" and self.authorization and not address.is_local:
            raise AccessDenied(
                f"{address.cluster}: whoever listens on the way could read the password or "
                "token: use https"
            )

    @property
    def authorization(self) -> str:
        """The header that signs a request, or nothing.

        >>> Credentials(user="lan", password="mật khẩu").authorization
        'Basic bGFuOm3huq10IGto4bqpdQ=='
        """
        if self.token:
            return f"Bearer {self.token}"
        if self.user:  # in UTF-8, as the cluster reads it; urllib3 writes Latin-1
            return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"
        return ""

    @property
    def who(self) -> str:
        """Who signs in, in words, or nothing."""
        if self.user:
            return f"user {self.user!r}"
        if self.token:
            return "this token"
        return f"the client certificate {self.certificate}" if self.certificate else ""

    @property
    def where(self) -> str:
        """Where that is set."""
        keys = ("user", "password", "token", "certificate")
        named = (self.origin.get(key, key) for key in keys if getattr(self, key))
        return " and ".join(named)

    def tls(self) -> ssl.SSLContext:
        """How the cluster is known and who asks is shown, for https.

        Raises AccessDenied where a file is no certificate or key.
        """

        def locked() -> str:
            raise AccessDenied(f"{self.key or self.certificate}: the key has a password: remove it")

        try:
            context = ssl.create_default_context(cafile=self.ca)
        except (OSError, ValueError) as error:
            raise AccessDenied(f"{self.ca} is no certificate that can be read: {error}") from error
        if self.certificate:
            try:
                context.load_cert_chain(self.certificate, self.key, locked)
            except (OSError, ValueError) as error:
                files = f"{self.certificate} and {self.key or 'the key in it'}"
                raise AccessDenied(
                    f"{files} are no client certificate: name PEM files that belong together "
                    f"({error})"
                ) from error
        return context


def _file(environment: Mapping[str, str]) -> tuple[Path, bool]:
    """The file of credentials, and whether it was named."""
    if named := environment.get("VNJOURNAL_CREDENTIALS"):
        return Path(named).expanduser(), True
    config = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(config).expanduser() / "vnjournal" / "credentials.toml", False


def _table(file: Path, address: Address, is_named: bool) -> Mapping[str, str]:
    """The table of a file for an address, or nothing."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        mode = file.stat().st_mode if os.name == "posix" and file.is_file() else 0
    except FileNotFoundError as error:
        if not is_named:
            return {}
        raise AccessDenied(f"there is no {file}: correct VNJOURNAL_CREDENTIALS") from error
    except OSError as error:
        raise AccessDenied(f"{file} cannot be read ({error.strerror}): check it") from error
    except ValueError as error:
        raise AccessDenied(f"{file} is no TOML: {error}") from error
    found: dict[tuple[str, tuple[str, int]], Mapping[str, str]] = {}
    for name, table in tables.items():
        try:
            cluster = Address.parse(name)
        except ArchiveError as error:
            raise AccessDenied(f"{file}: a table has a cluster's address: {error}") from error
        _check_table(file, name, table)
        if mode & 0o077 and any(key in table for key in _SECRETS):
            raise AccessDenied(f"others can read {file}: run chmod 600 '{file}'")
        found |= {(cluster.scheme, host): table for host in cluster.hosts}
    keys = ((address.scheme, host) for host in address.hosts)
    return next((found[key] for key in keys if key in found), {})


def _check_table(file: Path, name: str, table: Any) -> None:
    if not isinstance(table, dict):
        raise AccessDenied(f'{file}: {name!r} is no table: write ["{name}"]')
    for key, value in table.items():
        if key not in _KEYS:
            raise AccessDenied(f"{file}: {key!r} of {name} means nothing: there are {_LISTED}")
        if not isinstance(value, str):
            raise AccessDenied(f"{file}: {key!r} of {name} is no text: put it in quotes")


_LISTED = ", ".join(_KEYS)
