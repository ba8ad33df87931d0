"""Edits of articles under review: what is proposed, what is applied, what is frequent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from vnjournal.articles.article import Article
from vnjournal.index.analysis import CORRECTED_FIELDS
from vnjournal.store.decisions import REACH, Decision, decided, words_around
from vnjournal.store.store import FieldEdits, Store, Stored
from vnjournal.text.normalize import compose
from vnjournal.text.spans import Edit

if TYPE_CHECKING:
    from vnjournal.correction.corrector import Level

_PAGE = 20  # articles looked at together: more would keep a person waiting for the first


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit of one field of an article, for a person to accept or reject.

    ``heading`` is the article's, ``left`` and ``right`` are what stands on either side of the edit,
    and ``accepted`` says what was decided about it, None if nothing was.
    """

    id: str
    heading: str
    field: str
    edit: Edit
    left: str
    right: str
    accepted: bool | None = None

    @classmethod
    def of(cls, article: Article, field: str, edit: Edit, accepted: bool | None = None) -> Proposal:
        """An edit of an article's field, with what stands around it."""
        text = getattr(article, field)
        left, right = (
            text[max(edit.start - REACH, 0) : edit.start],
            text[edit.end : edit.end + REACH],
        )
        return cls(article.id, article.heading, field, edit, left, right, accepted)

    @property
    def typo(self) -> tuple[str, str]:
        """Before and after, the same for all typos that differ in letter case only."""
        return compose(self.edit.before).text.casefold(), compose(self.edit.after).text.casefold()

    def decision(self, accepted: bool) -> Decision:
        """The decision about this edit, as it is kept."""
        edit = self.edit
        return Decision(
            self.id,
            self.field,
            compose(edit.before).text,
            compose(edit.after).text,
            *words_around(self.left, self.right),
            accepted,
            edit.kind,
            edit.confidence,
            edit.reason,
        )


@dataclass(slots=True)
class Typo:
    """The same mistake wherever it was found, letter case aside.

    ``count`` places in ``articles`` articles, ``confidence`` on average; ``accepted`` and
    ``rejected`` of them by a person. ``example`` is the first.
    """

    before: str
    after: str
    kind: str
    example: Proposal
    count: int = 0
    articles: int = 0
    confidence: float = 0.0
    accepted: int = 0
    rejected: int = 0


def corrections(
    articles: Sequence[Article], level: Level = "safe", words: Sequence[str] = ()
) -> list[FieldEdits]:
    """What the corrector asks for in each article, by field; ``words`` are left alone."""
    from vnjournal.correction.corrector import correct_each  # searching never loads the corrector

    texts = [getattr(article, name) for article in articles for name in CORRECTED_FIELDS]
    corrected = iter(correct_each(texts, level, words=words))
    found: list[FieldEdits] = []
    for _ in articles:
        of_fields = zip(CORRECTED_FIELDS, corrected, strict=False)
        found.append({name: list(each.edits) for name, each in of_fields if each.edits})
    return found


def reviewed(article: Article, edits: FieldEdits, decisions: Sequence[Decision]) -> FieldEdits:
    """The edits that are applied: without the rejected, with the accepted ones.

    Args: ``decisions``: those about the article, the newest first.
    """
    if not decisions:
        return edits
    found = {
        name: [edit for edit, accepted in each if accepted is not False]
        for name, each in _decided(article, edits, decisions)
    }
    return {name: kept for name, kept in found.items() if kept}


def proposals(
    article: Article, edits: FieldEdits, decisions: Sequence[Decision] = ()
) -> Iterator[Proposal]:
    """The edits of an article, and those accepted before, in order.

    Args: ``decisions``: those about the article, the newest first.
    """
    for name, each in _decided(article, edits, decisions):
        for edit, accepted in each:
            yield Proposal.of(article, name, edit, accepted)


def undecided(proposed: Iterable[Proposal]) -> Iterator[Proposal]:
    """Those that nobody has decided; of several that one decision covers, the first."""
    seen: set[Decision] = set()
    for proposal in proposed:
        if proposal.accepted is None and (known := proposal.decision(True)) not in seen:
            seen.add(known)
            yield proposal


def most_frequent(proposed: Iterable[Proposal]) -> list[Typo]:
    """The typos among proposals that come article by article, the most frequent first."""
    found: dict[tuple[str, str], Typo] = {}
    last_id: dict[tuple[str, str], str] = {}
    for proposal in proposed:
        key, edit = proposal.typo, proposal.edit
        typo = found.setdefault(key, Typo(*key, edit.kind, proposal))
        typo.count += 1
        typo.articles += last_id.get(key) != proposal.id
        typo.confidence += (edit.confidence - typo.confidence) / typo.count
        typo.accepted += proposal.accepted is True
        typo.rejected += proposal.accepted is False
        last_id[key] = proposal.id
    return sorted(found.values(), key=lambda typo: (-typo.count, typo.before, typo.after))


def in_store(
    store: Store,
    level: Level,
    like: tuple[str, str] | None = None,
    read: Callable[[], None] = lambda: None,
) -> Iterator[Proposal]:
    """The proposals of every stored article; the store may be written to meanwhile.

    Args: ``like``: only those of this typo; ``read``: called for each article that is read.
    """
    ids = store.ids_in_order()
    words = store.words()
    while page := list(islice(ids, _PAGE)):
        articles = {
            id: stored.article
            for id, stored in store.get(page).items()
            if like is None or _holds(stored.article, like[0])
        }
        found = corrections(list(articles.values()), level, words)
        edits = dict(zip(articles, found, strict=True))
        decisions = store.decisions(list(articles))
        for id in page:
            read()
            if id in articles:
                for proposal in proposals(articles[id], edits[id], decisions.get(id, ())):
                    if like in (None, proposal.typo):
                        yield proposal


def _holds(article: Article, casefolded: str) -> bool:
    texts = (compose(getattr(article, name)).text for name in CORRECTED_FIELDS)
    return any(casefolded in text.casefold() for text in texts)


def with_decisions(
    store: Store, proposed: Sequence[Proposal], accept: bool
) -> tuple[list[Stored], list[Decision]]:
    """The articles of proposals as they are when these are accepted or rejected; the decisions."""
    taken = [proposal.decision(accept) for proposal in proposed]
    ids = list(dict.fromkeys(decision.id for decision in taken))
    earlier = store.decisions(ids)
    stored = store.get(ids)
    again = []
    for id in ids:
        if id in stored:
            decisions = [known for known in reversed(taken) if known.id == id] + earlier.get(id, [])
            article = stored[id].article
            again.append(Stored(article, reviewed(article, stored[id].edits, decisions)))
    return again, taken


def _decided(
    article: Article, edits: FieldEdits, decisions: Sequence[Decision]
) -> Iterator[tuple[str, list[tuple[Edit, bool | None]]]]:
    for name in CORRECTED_FIELDS:
        own = [known for known in decisions if known.field == name]
        yield name, decided(getattr(article, name), edits.get(name, ()), own)
