"""The formats that are read, and how one is told from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePosixPath
from types import ModuleType

from vnjournal.articles.article import Article
from vnjournal.articles.documents import Document
from vnjournal.articles.pieces import Piece
from vnjournal.articles.sites import Sites, Template
from vnjournal.version import READERS_VERSION


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Args:
        name: of its module in :mod:`vnjournal.articles.readers`.
        is_whole: whether a document is read at once, and not bit by bit as one of any size is.
        label: what articles say that they were read from, where that is another than the name;
            empty where they bring it with them.
    """

    name: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...] = ()
    signatures: tuple[bytes, ...] = ()
    is_whole: bool = True
    label: str | None = None

    def read(self, document: Document) -> Iterator[Article | Document]:
        """What the document holds: articles, or the files that are packed in it."""
        found: Iterator[Article | Document] = self._module.read(document)
        return found

    def pieces(self, document: Document) -> Iterator[Piece] | None:
        """The document piece by piece; None for a format that is never written."""
        found: Iterator[Piece] | None = None
        if hasattr(self._module, "pieces"):
            found = self._module.pieces(document)
        return found

    def sites(self, documents: Iterable[Document]) -> Sites:
        """What is furniture on the sites of some pages; of HTML alone."""
        found: Sites = self._module.sites(documents)
        return found

    @property
    def _module(self) -> ModuleType:
        return import_module(f"vnjournal.articles.readers.{self.name}")


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"

PLAIN_TEXT = Format("plain_text", (".txt", ".text"), ("text/plain",))
HTML = Format("html", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"))
#: Files that hold others.
PACKED = (
    Format("warc", (".warc", ".warc.gz"), ("application/warc",), is_whole=False),
    Format(
        "zip",
        (".zip",),
        ("application/zip", "application/x-zip-compressed"),
        (b"PK\3\4",),
        is_whole=False,
    ),
    Format(
        "tar",
        (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"),
        ("application/x-tar",),
        is_whole=False,
    ),
)
FORMATS = (
    PLAIN_TEXT,
    HTML,
    *PACKED,
    Format(
        "json_lines",
        (".jsonl", ".ndjson"),
        ("application/jsonl", "application/x-ndjson"),
        is_whole=False,
        label="",
    ),
    Format("csv", (".csv", ".tsv"), ("text/csv", "text/tab-separated-values"), is_whole=False),
    Format("ris", (".ris",), ("application/x-research-info-systems",)),
    Format("bibtex", (".bib",), ("application/x-bibtex", "text/x-bibtex")),
    Format(
        "xml",
        (".xml", ".nxml"),
        ("application/xml", "text/xml", "application/jats+xml"),
        label="jats",
    ),
    Format("pdf", (".pdf",), ("application/pdf", "application/x-pdf"), (b"%PDF-",)),
    Format(
        "docx",
        (".docx", ".docm"),
        (_WORD + ".document", "application/vnd.ms-word.document.macroenabled.12"),
    ),
    Format(
        "old_office",
        (".doc", ".dot", ".rtf", ".odt", ".wps"),
        ("application/msword", "application/rtf", "text/rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"),
    ),
)
#: One file of a format that is read, with a suffix more: ``x.txt.gz``.
COMPRESSED = Format("compressed", (".gz", ".bz2", ".xz"), is_whole=False)

_OPTIONAL = ("cssselect", "fastwarc", "pylatexenc", "pypdfium2")  # what some readers need

_BY_SUFFIX = {suffix: each for each in FORMATS for suffix in each.suffixes}
_BY_MEDIA_TYPE = {media_type: each for each in FORMATS for media_type in each.media_types}
_SIGNATURES = {signature: each for each in FORMATS for signature in each.signatures}


def is_read(name: str) -> bool:
    """Whether a file's name is that of a format that is read.

    >>> is_read("a/b.TXT"), is_read("b.txt.gz"), is_read("a.warc.gz"), is_read("b.exe.gz")
    (True, True, True, False)
    """
    return of_name(name) is not None


def of_name(name: str) -> Format | None:
    """The format that a file's name is of; None for none that is read."""
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    found = _BY_SUFFIX.get("".join(suffixes[-2:])) or _BY_SUFFIX.get("".join(suffixes[-1:]))
    if found is None and suffixes and suffixes[-1] in COMPRESSED.suffixes:
        inner = of_name(PurePosixPath(name).stem)
        found = COMPRESSED if inner else None
    return found


def format_of(document: Document) -> Format:
    """The format of a document: by media type, suffix, or how it begins; else plain text."""
    found = _BY_MEDIA_TYPE.get(document.media_type)
    found = found or of_name(document.id)
    if found in (None, PLAIN_TEXT):
        beginning = document.beginning()
        signed = (each for mark, each in _SIGNATURES.items() if beginning.startswith(mark))
        found = next(signed, found)
    return found or PLAIN_TEXT


def may_hold_pages(name: str) -> bool:
    """Whether a file's name lets one expect web pages, or files that may be some.

    >>> may_hold_pages("a.htm"), may_hold_pages("a.zip"), may_hold_pages("a.pdf")
    (True, True, False)
    """
    return of_name(name) in (HTML, COMPRESSED, *PACKED, None)


def reader(max_size: int, templates: Iterable[Template] = ()) -> str:
    """All on which it hangs what a file is read as: as long as it is the same, so is what is read.

    The version of the readers, the libraries of extras that are there, and the largest size;
    besides, for what :func:`may_hold_pages`, the templates.
    """
    libraries = (name for name in _OPTIONAL if find_spec(name))
    digests = (blake2b(each.text.encode(), digest_size=8).hexdigest() for each in templates)
    return " ".join((str(READERS_VERSION), str(max_size), *libraries, *digests))
