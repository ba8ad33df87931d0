"""A harvest: a list of records from its first page to its last, over cuts and days.

How far it has come is kept with the articles, in one small text a page: where a list broke off, the
next harvest goes on with its token; after a complete one the next asks for what has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from typing import Protocol

from vnjournal.articles.article import Article
from vnjournal.articles.documents import Problem, Report, reporting
from vnjournal.errors import HarvestError
from vnjournal.harvest import records
from vnjournal.harvest.protocol import Identity, Page, Refused, Server, as_asked

_MOST_LISTS = 4  # that are begun in one harvest, since the server lost the token
_MOST_STALE = 100  # pages in a row that bring nothing new


@dataclass(slots=True)
class Counts:
    """What became of the records of a harvest."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        """How many articles came."""
        return self.new + self.changed + self.unchanged

    def count(self, more: Counts) -> None:
        """Count what became of more records."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(more, each.name))


class Keeper(Protocol):
    """Where articles are kept, with how far each harvest has come."""

    def state(self, name: str) -> str:
        """What was kept last under a harvest's name, or nothing."""

    def keep(self, articles: list[Article], deleted: list[str], name: str, state: str) -> Counts:
        """Keep a page of a list, durably, and only then the new state.

        Articles replace those of the same id. What was kept of a page when a crash comes before
        its state, comes again.
        """


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be harvested.

    Args: ``set``: a set of the server's, by its ``setSpec``; ``first``, ``last``: what changed
    between these dates, each ``2018-05-12`` or ``2018-05-12T03:10:58Z``; ``prefix``: the metadata
    format.
    """

    set: str = ""
    first: str = ""
    last: str = ""
    prefix: str = "oai_dc"  # which every server has


@dataclass(frozen=True, slots=True)
class State:
    """How far the harvests of a list have come.

    Args:
        since: when the last complete one began, by the server's clock.
        token: how one that broke off goes on.
        begun: when that one began.
        asked: its dates, as they were asked for.
    """

    since: str = ""
    token: str = ""
    begun: str = ""
    asked: tuple[str, str] = ("", "")

    @classmethod
    def read(cls, text: str) -> State:
        """The state that a text holds; a new one where it holds none."""
        try:
            values = json.loads(text)
            return cls(**values | {"asked": tuple(values["asked"])})
        except (ValueError, TypeError, KeyError):
            return cls()

    def written(self) -> str:
        """The state as a text."""
        return json.dumps(asdict(self), ensure_ascii=False)


def harvest(
    server: Server,
    identity: Identity,
    keeper: Keeper,
    wanted: Wanted,
    *,
    restart: bool = False,
    report: Report,
) -> Iterator[Counts]:
    """Harvest a list; the counts so far come after each page.

    Args: ``identity``: what the server says of itself; ``restart``: begin at the beginning,
    whatever was harvested before; ``report``: told of each record that cannot be read.

    A list of which the server has lost the token is begun again, with its dates; what came of it
    already comes once more, and changes nothing. The next harvest asks for what changed since this
    one began, unless this one had an end (``last``).

    Raises HarvestError where the list cannot be followed to its end: what came is kept.
    """
    name = json.dumps(["harvest", server.url, wanted.set, wanted.prefix], ensure_ascii=False)
    state = State() if restart else State.read(keeper.state(name))
    asked = (wanted.first or state.since, wanted.last)
    if asked != state.asked:
        state = State(state.since, asked=asked)
    sections = cache(lambda: _sections(server, report))
    seen = _Seen()
    counts = Counts()
    while True:
        try:
            page = _page(server, wanted, state, identity.by_day)
        except _TokenLost:
            state = replace(state, token="")
            seen.begin_again()
            continue
        if not state.token:
            state = replace(state, begun=page.date)
        fault = seen.fault(page)
        state = replace(state, token="" if fault else page.token)
        if not page.token and not wanted.last:
            state = replace(state, since=state.begun or state.since)
        articles, deleted = _sorted(page, server, wanted.prefix, sections, report)
        counts.count(keeper.keep(articles, deleted, name, state.written()))
        yield counts
        if fault:
            raise HarvestError(f"{fault}: what came is kept, the list may have more")
        if not page.token:
            return


class _TokenLost(Exception):
    """The server does not know a token any more."""


def _page(server: Server, wanted: Wanted, state: State, by_day: bool) -> Page:
    """The next page of a list, or its first."""
    if state.token:
        try:
            return server.more(state.token)
        except Refused as error:  # servers have other codes for it than the protocol's, too
            raise _TokenLost from error
    first = as_asked(state.asked[0], by_day=by_day)
    last = as_asked(state.asked[1], by_day=by_day, is_last=True)
    try:
        return server.records(wanted.prefix, wanted.set, first, last)
    except Refused as error:
        if error.code != "cannotDisseminateFormat":
            raise
        offered = ", ".join(server.formats())
        raise HarvestError(f"the server has no {wanted.prefix}, but {offered}") from None


class _Seen:
    """What has come of a list, by which one that never ends is known."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._identifiers: set[str] = set()
        self._stale = 0
        self._lists = 1

    def begin_again(self) -> None:
        """Raises HarvestError when it has begun too often."""
        if self._lists == _MOST_LISTS:
            raise HarvestError(
                "the server refuses the tokens that it gives: name a set, or dates, so that its "
                "lists are short"
            )
        self._lists += 1
        self._tokens.clear()
        self._identifiers.clear()

    def fault(self, page: Page) -> str:
        """What is wrong with a list that has come to this page, or nothing."""
        came = {record.identifier for record in page.records}
        came |= {identifier for identifier, _ in page.broken}
        self._stale = 0 if came - self._identifiers else self._stale + 1
        self._identifiers |= came
        if not page.token:
            return ""
        if page.token in self._tokens:
            return "the server gives the same resumption token twice"
        self._tokens.add(page.token)
        return f"nothing new in {_MOST_STALE} pages of it" if self._stale == _MOST_STALE else ""


def _sections(server: Server, report: Report) -> dict[str, str]:
    """The names of the server's sets; none where it refuses to list them, or cannot."""
    try:
        return dict(server.sets())
    except Refused:
        return {}
    except HarvestError as error:
        report(Problem(server.url, f"its sections have no names, since {error}: --restart later"))
        return {}


def _sorted(
    page: Page,
    server: Server,
    prefix: str,
    sections: Callable[[], Mapping[str, str]],
    report: Report,
) -> tuple[list[Article], list[str]]:
    """The articles of a page, and the ids of those that are deleted; of one id the last counts."""
    found: dict[str, Article | None] = {}
    are_named = any(":" in each for record in page.records for each in record.sets)
    names = sections() if are_named else {}
    for record in page.records:
        id = record.identifier
        if record.metadata is None:
            found[id] = None
            continue
        source = server.address(verb="GetRecord", metadataPrefix=prefix, identifier=id)
        with reporting(id, report):
            found[id] = records.article(record, source=source, sections=names, report=report)
    for id, reason in page.broken:
        report(Problem(id, reason))
    articles = [article for article in found.values() if article is not None]
    return articles, [id for id, article in found.items() if article is None]
