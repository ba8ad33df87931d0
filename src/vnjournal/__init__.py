"""Vietnamese journal archives: words, typos, and search with or without diacritics.

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from vnjournal.version import __version__

if TYPE_CHECKING:
    from vnjournal.archive import Archive
    from vnjournal.articles.article import Article, Author
    from vnjournal.articles.documents import Problem
    from vnjournal.articles.export import write
    from vnjournal.articles.sources import read
    from vnjournal.correction.corrector import Correction, correct
    from vnjournal.correction.restore import restore_diacritics
    from vnjournal.errors import (
        AccessDenied,
        ArchiveDamaged,
        ArchiveError,
        ArchiveExists,
        ArchiveFull,
        ArchiveLocked,
        ArchiveNotFound,
        ArchiveOutdated,
        ClusterBusy,
        ClusterUnreachable,
        DataError,
        HarvestError,
        SourceError,
        VnjournalError,
        WorkerLost,
        WriteError,
    )
    from vnjournal.language.detect import Decoded, decode
    from vnjournal.move import Moved
    from vnjournal.review import Proposal, Typo
    from vnjournal.search.highlights import Highlight
    from vnjournal.search.results import Hit, Results
    from vnjournal.segment.sentences import sentences
    from vnjournal.segment.units import syllables
    from vnjournal.segment.words import tokenize, tokenize_many
    from vnjournal.store.sketches import Alike
    from vnjournal.store.writing import Added
    from vnjournal.sync import Fate, FileReport, Synced
    from vnjournal.text.fold import fold, index_key
    from vnjournal.text.normalize import normalize
    from vnjournal.text.spans import Edit, EditedText, Kind, Span, Token

__all__ = [
    "AccessDenied",
    "Added",
    "Alike",
    "Archive",
    "ArchiveDamaged",
    "ArchiveError",
    "ArchiveExists",
    "ArchiveFull",
    "ArchiveLocked",
    "ArchiveNotFound",
    "ArchiveOutdated",
    "Article",
    "Author",
    "ClusterBusy",
    "ClusterUnreachable",
    "Correction",
    "DataError",
    "Decoded",
    "Edit",
    "EditedText",
    "Fate",
    "FileReport",
    "HarvestError",
    "Highlight",
    "Hit",
    "Kind",
    "Moved",
    "Problem",
    "Proposal",
    "Results",
    "SourceError",
    "Span",
    "Synced",
    "Token",
    "Typo",
    "VnjournalError",
    "WorkerLost",
    "WriteError",
    "__version__",
    "correct",
    "decode",
    "fold",
    "index_key",
    "normalize",
    "read",
    "restore_diacritics",
    "sentences",
    "syllables",
    "tokenize",
    "tokenize_many",
    "write",
]

_HOME_OF = {
    "Added": "store.writing",
    "Alike": "store.sketches",
    "Archive": "archive",
    "Article": "articles.article",
    "Author": "articles.article",
    "write": "articles.export",
    "Problem": "articles.documents",
    "read": "articles.sources",
    "Correction": "correction.corrector",
    "correct": "correction.corrector",
    "restore_diacritics": "correction.restore",
    "AccessDenied": "errors",
    "ArchiveDamaged": "errors",
    "ArchiveError": "errors",
    "ArchiveExists": "errors",
    "ArchiveFull": "errors",
    "ArchiveLocked": "errors",
    "ArchiveNotFound": "errors",
    "ArchiveOutdated": "errors",
    "ClusterBusy": "errors",
    "ClusterUnreachable": "errors",
    "DataError": "errors",
    "HarvestError": "errors",
    "SourceError": "errors",
    "VnjournalError": "errors",
    "WorkerLost": "errors",
    "WriteError": "errors",
    "Decoded": "language.detect",
    "decode": "language.detect",
    "Moved": "move",
    "Proposal": "review",
    "Typo": "review",
    "Highlight": "search.highlights",
    "Hit": "search.results",
    "Results": "search.results",
    "sentences": "segment.sentences",
    "syllables": "segment.units",
    "tokenize": "segment.words",
    "tokenize_many": "segment.words",
    "Fate": "sync",
    "FileReport": "sync",
    "Synced": "sync",
    "fold": "text.fold",
    "index_key": "text.fold",
    "normalize": "text.normalize",
    "Edit": "text.spans",
    "EditedText": "text.spans",
    "Kind": "text.spans",
    "Span": "text.spans",
    "Token": "text.spans",
}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
