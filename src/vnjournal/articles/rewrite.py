"""Files with their text put right, all at once or not at all.

Only the edited stretches change: the site's heading and footer, line ends, a byte order mark, and
what cannot be read stay as they are, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from vnjournal.articles import drafts
from vnjournal.articles.article import Article
from vnjournal.articles.pieces import Edits, Piece
from vnjournal.errors import WriteError

#: Says which edits of an article are to be put in; called once for each, in order.
Choose = Callable[[Article], Edits]


def rewritten(pieces: Iterable[Piece], choose: Choose) -> Iterator[bytes]:
    """The pieces of a file with the chosen edits put in."""
    for piece in pieces:
        yield piece.raw if piece.article is None else piece.edited(choose(piece.article))


def rewrite(file: Path, pieces: Iterable[Piece], choose: Choose) -> bool:
    """Put the chosen edits into a file; returns whether it changed.

    The new file takes the old one's place in one step and keeps its permissions. A link stays a
    link to it. A file that needs no edit is not written.

    Raises WriteError where that cannot be, or when somebody else has changed the file meanwhile.
    """
    changed = False

    def noting(article: Article) -> Edits:
        nonlocal changed
        edits = choose(article)
        changed = changed or any(edits.values())
        return edits

    with drafts.reporting(file):
        target = file.resolve()
        found = _state(target)
        drafts.refuse_protected(file, target)
    with drafts.draft(file, target.parent) as draft:
        draft.fill(file, rewritten(pieces, noting))
        if changed:
            with drafts.reporting(file):
                if _state(target) != found:
                    raise WriteError(f"{file}: it has changed since it was read: fix it once more")
                draft.put(target, like=target)
    return changed


def write(target: Path, like: Path, pieces: Iterable[Piece], choose: Choose) -> None:
    """Write a file with the chosen edits put in to another place, all at once.

    Args: ``target``: where to; its folder is made; ``like``: the file whose permissions it gets.

    Raises WriteError where that cannot be, or when the target is the file itself.
    """
    with drafts.reporting(target):
        if target.exists() and target.samefile(like):
            raise WriteError(f"{target}: it is the source itself: name another place for it")
        target.parent.mkdir(parents=True, exist_ok=True)
    with drafts.draft(target, target.parent) as draft:
        draft.fill(target, rewritten(pieces, choose))
        with drafts.reporting(target):
            draft.put(target, like=like)


def _state(file: Path) -> tuple[int, ...]:
    found = file.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
