"""The indices of an archive on a cluster: their names, templates and aliases.

An archive ``ten-kho`` has several kinds of documents, each in an index of its own, such as
``ten-kho-articles-1``, that is found by an alias, ``ten-kho``. What an index is made like stands in
an index template of the cluster, ``ten-kho-articles``, where an administrator may change its
settings for when the archive is built anew. While that is done, the new index, one number higher
and with a token of whoever builds it, ``ten-kho-articles-2-3f2a``, is found by an alias of its own,
``ten-kho-next-2-3f2a``; then it takes the old one's place, in one step. What follows the kind in
the name of an index is called a build here.

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
from vnjournal.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveExists,
    ArchiveLocked,
    ClusterBusy,
)

_FIRST = "1"
_BUILD = r"\d+(?:-[0-9a-f]+)?"
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

    def make_first(self) -> None:
        """Make and publish the first indices, but where some are published already.

        Several may do so at a time, and however slow one of them is, it never puts its own in the
        place of newer ones.
        """
        if self.published():
            return
        self.make(_FIRST)
        try:
            self.publish(_FIRST)
        except ArchiveError:
            if self.published() in ("", _FIRST):
                raise
            self.drop(_FIRST)

    def look_for_others(self) -> None:
        """Raises ArchiveExists where something of another has the name of an alias of ours.

        That may be an index, or the alias of one: ``ten-kho-words`` is a good name, too.
        """
        aliases = [self._alias(kind) for kind in self._kinds]
        with self._connection.reporting():
            found = self._connection.client.indices.get(
                index=",".join(aliases), params={"ignore_unavailable": "true"}
            )
        for index, about in found.items():
            if any(self._build(kind, index) for kind in self._kinds):
                continue
            taken = min({index, *about["aliases"]}.intersection(aliases))
            raise ArchiveExists(
                f"there is an index {taken} at {self._connection.address.cluster}, which is not of "
                "this archive: take another name"
            )

    def following(self, token: str) -> str:
        """The name of a build that may take the place of the one that is published."""
        return f"{_number(self.published()) + 1}-{token}"

    def make(self, build: str) -> None:
        """Make indices that are found by aliases of their own.

        Those that are there already are left as they are.
        """
        client = self._connection.client
        for kind in self._kinds:
            index = self._index(kind, build)
            with self._connection.reporting():
                client.indices.put_index_template(
                    name=self._template(kind), body=self._as_template(kind)
                )
            aliases: dict[str, Any] = {next_alias(self._alias(kind), build): {}}
            with suppress(ArchiveExists), self._connection.reporting():
                client.indices.create(index=index, body={"aliases": aliases})
            with self._connection.reporting():
                about = {**kind.mappings.get("_meta", {}), "routes": self._routes(index)}
                client.indices.put_mapping(index=index, body={"_meta": about})

    def _as_template(self, kind: Kind) -> dict[str, Any]:
        """A template: as it is already, but for the fields and what the address asks for."""
        address = self._connection.address
        with self._connection.reporting():
            answer = self._connection.client.indices.get_index_template(
                name=self._template(kind), ignore=404
            )
        found: dict[str, Any] = {"priority": _PRIORITY + len(self._archive)}
        for each in answer.get("index_templates", ()):
            found = each["index_template"]
        found["index_patterns"] = [self._index(kind, "*")]
        template = found.setdefault("template", {})
        template["mappings"] = kind.mappings
        index = template.setdefault("settings", {}).setdefault("index", {})
        index.setdefault("number_of_shards", "1")
        if address.shards and not kind.is_small:
            index["number_of_shards"] = str(address.shards)
        if address.replicas is not None:
            index.pop("auto_expand_replicas", None)
            index["number_of_replicas"] = str(address.replicas)
        elif "number_of_replicas" not in index:
            index.setdefault("auto_expand_replicas", "0-1")  # a copy, where it has a place
        return found

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

    def publish(self, build: str) -> None:
        """Put indices in the place of those that are found now, if there are any, in one step.

        Raises ArchiveLocked where these are as new already. Whatever else has happened meanwhile,
        the cluster refuses: the old indices must still be there, and the new ones' own aliases.
        """
        old = self.published()
        if old == build:
            return
        if _number(old) >= _number(build):
            raise ArchiveLocked(
                f"{self._connection.address} was built by another at the same time: try again"
            )
        actions: list[dict[str, Any]] = []
        for kind in self._kinds:
            index, alias = self._index(kind, build), self._alias(kind)
            following = {"index": index, "alias": next_alias(alias, build), "must_exist": True}
            actions += [{"add": {"index": index, "alias": alias}}, {"remove": following}]
            if old:
                actions.append({"remove_index": {"index": self._index(kind, old)}})
        try:
            with self._connection.reporting():
                client = self._connection.client
                is_done = client.indices.update_aliases(body={"actions": actions})["acknowledged"]
        except ArchiveError:  # what was asked twice may have been done the first time
            if self.published() != build:
                raise
        else:
            if not is_done and self.published() != build:
                raise ClusterBusy(
                    f"{self._connection.address}: the new index could not take the old one's place "
                    "in time: try again later"
                )

    def published(self) -> str:
        """Which indices are found under the aliases; none if there are none.

        Raises ArchiveDamaged where something else is found.
        """
        alias = self._alias(self._kinds[0])
        with self._connection.reporting():
            found = self._connection.client.indices.get_alias(name=alias, ignore=404)
        if "error" in found:
            return ""
        builds = [self._build(self._kinds[0], index) for index in found]
        if len(builds) != 1 or not builds[0]:
            raise ArchiveDamaged(
                f"{self._connection.address}: {alias} is an alias of {', '.join(found)}, and not "
                "of one index of ours: let an administrator put it right"
            )
        return builds[0]

    def drop(self, build: str) -> None:
        """Delete indices that were not put in the place of others.

        It may have been asked for, and not be done yet: so they first lose the aliases without
        which it cannot be done any more. Raises ArchiveLocked for those that are found.
        """
        indices = {self._index(kind, build): kind for kind in self._kinds}
        client = self._connection.client
        with self._connection.reporting():
            found = client.indices.get_alias(
                index=",".join(indices), params={"ignore_unavailable": "true"}
            )
            aliases = {index: next_alias(self._alias(indices[index]), build) for index in found}
            actions = [
                {"remove": {"index": index, "alias": alias, "must_exist": True}}
                for index, alias in aliases.items()
                if alias in found[index]["aliases"]
            ]
            if actions:
                # That they are gone by now is no error: what took them is seen from then on.
                client.indices.update_aliases(body={"actions": actions}, ignore=404)
        if self.published() == build:
            raise ArchiveLocked(f"{self._connection.address} is in use: try again")
        self._delete(list(indices))

    def drop_others(self) -> None:
        """Delete what others have left that was never put in its place."""
        patterns = ",".join(self._index(kind, "*") for kind in self._kinds)
        with self._connection.reporting():
            found = self._connection.client.indices.get_alias(index=patterns)
        builds = {self._build(kind, each) for each in found for kind in self._kinds}
        for build in sorted(builds - {"", self.published()}):
            self.drop(build)

    def _delete(self, indices: Sequence[str]) -> None:
        with self._connection.reporting():
            self._connection.client.indices.delete(
                index=",".join(indices), params={"ignore_unavailable": "true"}
            )

    def _build(self, kind: Kind, index: str) -> str:
        """Which build an index is of; of none if it is not of the kind."""
        match = re.fullmatch(re.escape(self._index(kind, "")) + f"({_BUILD})", index)
        return match[1] if match else ""

    def _alias(self, kind: Kind) -> str:
        return f"{self._archive}{kind.alias}"

    def _template(self, kind: Kind) -> str:
        return f"{self._archive}-{kind.name}"

    def _index(self, kind: Kind, build: str) -> str:
        return f"{self._archive}-{kind.name}-{build}"


def _number(build: str) -> int:
    """How many builds there were up to one; 0 for none."""
    return int(build.partition("-")[0] or 0)


def next_alias(alias: str, build: str) -> str:
    """The alias of a build that is to take the place of what another alias stands for.

    >>> next_alias("ten-kho", "2-3f2a")
    'ten-kho-next-2-3f2a'
    """
    return f"{alias}-next-{build}"


def about(connection: Connection, index: str) -> dict[str, Any]:
    """What an index says of itself: its own ``name``, ``analysis``, a version, and ``routes``.

    Raises ArchiveNotFound where there is none.
    """
    with connection.reporting():
        found = connection.client.indices.get_mapping(index=index, ignore=404)
    if "error" in found or len(found) != 1:
        raise connection.not_found()
    ((name, mapping),) = found.items()
    return {"name": name, **mapping["mappings"].get("_meta", {})}
