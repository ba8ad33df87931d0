"""The indices of an archive on a cluster: their names, templates and aliases.

An archive ``ten-kho`` has several kinds of documents, each in an index of its own, such as
``ten-kho-articles-1``, that is found by an alias, ``ten-kho``. What an index is made like stands in
an index template of the cluster, ``ten-kho-articles``, where an administrator may change its
settings for when the archive is built anew. While that is done, the new index, one number higher,
is found by the alias ``ten-kho-next``; then it takes the old one's place, in one step.

Articles are written through aliases only: a cluster makes an index by itself for what comes to a
name that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from vnjournal.cluster.connection import Connection
from vnjournal.errors import ArchiveDamaged, ArchiveExists, ArchiveNotFound

_PRIORITY = 500  # of templates; that of a longer name is higher, since its patterns are narrower


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of documents.

    Args:
        name: as the names of its indices have it.
        mappings: its fields.
        alias: what follows the archive's name in the alias.
        is_small: whether one part holds them all, however many there are of others.
    """

    name: str
    mappings: Mapping[str, Any]
    alias: str
    is_small: bool = False


class Layout:
    """The indices of an archive. Args: ``kinds``: those that are made together."""

    def __init__(self, connection: Connection, kinds: Sequence[Kind]) -> None:
        self._connection = connection
        self._archive = connection.address.name
        self._kinds = kinds

    def make(self, number: int) -> None:
        """Make indices that are found by the aliases of what comes next.

        Those that are there already are left as they are.
        """
        client = self._connection.client
        for kind in self._kinds:
            index = self._index(kind, number)
            with self._connection.reporting():
                client.indices.put_index_template(
                    name=self._template(kind), body=self._as_template(kind)
                )
            aliases: dict[str, Any] = {next_alias(self._alias(kind)): {}}
            with suppress(ArchiveExists), self._connection.reporting():
                client.indices.create(index=index, body={"aliases": aliases})
            with self._connection.reporting():
                about = {**kind.mappings.get("_meta", {}), "routes": self._routes(index)}
                client.indices.put_mapping(index=index, body={"_meta": about})

    def _as_template(self, kind: Kind) -> dict[str, Any]:
        """A template, with the settings that it has already and those that the address asks for."""
        address = self._connection.address
        with self._connection.reporting():
            answer = self._connection.client.indices.get_index_template(
                name=self._template(kind), ignore=404
            )
        settings: dict[str, Any] = {"index": {}}
        for each in answer.get("index_templates", ()):
            settings = each["index_template"]["template"].get("settings", settings)
        index = settings.setdefault("index", {})
        index.setdefault("number_of_shards", "1")
        if address.shards and not kind.is_small:
            index["number_of_shards"] = str(address.shards)
        if address.replicas is not None:
            index.pop("auto_expand_replicas", None)
            index["number_of_replicas"] = str(address.replicas)
        elif "number_of_replicas" not in index:
            index["auto_expand_replicas"] = "0-1"  # a copy of each part, where it has a place
        return {
            "index_patterns": [self._index(kind, "*")],
            "priority": _PRIORITY + len(self._archive),
            "template": {"settings": settings, "mappings": kind.mappings},
        }

    def _routes(self, index: str) -> list[str]:
        """For each shard of an index a routing that leads there."""
        client = self._connection.client
        settings = client.indices.get_settings(index=index)[index]["settings"]
        shards = int(settings["index"]["number_of_shards"])
        found: dict[int, str] = {}
        for number in count():
            route = str(number)
            ((shard, *_),) = client.search_shards(index=index, params={"routing": route})["shards"]
            found.setdefault(shard["shard"], route)
            if len(found) == shards:
                break
        return [found[shard] for shard in sorted(found)]

    def publish(self, number: int) -> None:
        """Put indices in the place of those that are found now, if there are any, in one step."""
        old = self.published()
        actions: list[dict[str, Any]] = []
        for kind in self._kinds:
            index, alias = self._index(kind, number), self._alias(kind)
            actions.append({"add": {"index": index, "alias": alias}})
            following = {"index": index, "alias": next_alias(alias), "must_exist": False}
            actions.append({"remove": following})
            if old not in (0, number):
                actions.append({"remove_index": {"index": self._index(kind, old)}})
        try:
            with self._connection.reporting():
                self._connection.client.indices.update_aliases(body={"actions": actions})
        except ArchiveNotFound:  # what was asked twice may have been done the first time
            if self.published() != number:
                raise

    def published(self) -> int:
        """The number of the indices that are found under the aliases; 0 if there are none.

        Raises ArchiveDamaged where something else is found.
        """
        alias = self._alias(self._kinds[0])
        with self._connection.reporting():
            found = self._connection.client.indices.get_alias(name=alias, ignore=404)
        if "error" in found:
            return 0
        match = [re.fullmatch(self._index(self._kinds[0], r"(\d+)"), index) for index in found]
        if len(match) != 1 or match[0] is None:
            raise ArchiveDamaged(
                f"{self._connection.address}: {alias} is an alias of {', '.join(found)}, and not "
                "of one index of ours: let an administrator put it right"
            )
        return int(match[0][1])

    def drop(self, number: int) -> None:
        """Delete indices, where they are there."""
        names = ",".join(self._index(kind, number) for kind in self._kinds)
        with self._connection.reporting():
            self._connection.client.indices.delete(
                index=names, params={"ignore_unavailable": "true"}
            )

    def _alias(self, kind: Kind) -> str:
        return f"{self._archive}{kind.alias}"

    def _template(self, kind: Kind) -> str:
        return f"{self._archive}-{kind.name}"

    def _index(self, kind: Kind, number: int | str) -> str:
        return f"{self._archive}-{kind.name}-{number}"


def next_alias(alias: str) -> str:
    """The alias of what is to take the place of what another alias stands for.

    >>> next_alias("ten-kho")
    'ten-kho-next'
    """
    return f"{alias}-next"


def about(connection: Connection, index: str) -> dict[str, Any]:
    """What an index says of itself: its own ``name``, ``analysis``, a version, and ``routes``.

    Raises ArchiveNotFound where there is none.
    """
    with connection.reporting():
        found = connection.client.indices.get_mapping(index=index, ignore=404)
    if "error" in found or len(found) != 1:
        address = connection.address
        raise ArchiveNotFound(
            f"{address} is no archive: make one with 'vnjournal index SOURCE --archive {address}'"
        )
    ((name, mapping),) = found.items()
    return {"name": name, **mapping["mappings"].get("_meta", {})}
