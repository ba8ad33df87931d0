"""The OAI Protocol for Metadata Harvesting, version 2.0: a server's verbs, one request at a time.

The protocol is http://www.openarchives.org/OAI/openarchivesprotocol.html. Servers are read with
lenience: names count without their namespace, and what stands before the XML is passed over. Where
a list is not well-formed, its records are read one by one, and those that are broken are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from vnjournal.articles import xml
from vnjournal.errors import HarvestError, SourceError
from vnjournal.harvest.client import Client

if TYPE_CHECKING:
    from lxml.etree import _Element

_BEGINNING = re.compile(rb"<\?xml|<(?:[\w-]+:)?OAI-PMH")
_END = re.compile(rb"</(?:[\w-]+:)?OAI-PMH\s*>\s*(?:<!--[^<]*-->\s*)*$")
_RECORD = re.compile(rb"<(?:[\w-]+:)?record(?:\s[^<>]*)?>\s*<(?:[\w-]+:)?header\b")
_RECORD_END = re.compile(rb"</(?:[\w-]+:)?record\s*>")
_IDENTIFIER = re.compile(rb"<(?:[\w-]+:)?identifier>\s*([^<]*?)\s*<")
_LONGEST_FRAME = 1_000_000  # bytes around the records of a list
_ENDS_IN = "it often ends in /oai (OJS), /oai/request or /server/oai/request (DSpace)"


class Refused(HarvestError):
    """The server answered with an error of the protocol.

    ``code`` is the protocol's, such as ``badArgument``, ``badResumptionToken``,
    ``cannotDisseminateFormat``, ``idDoesNotExist``, ``noRecordsMatch`` or ``noSetHierarchy``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"the server refuses that: {message or 'it does not say why'} ({code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server says of itself. ``by_day``: its dates are days, not seconds."""

    name: str
    by_day: bool


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of a list. ``metadata``: in the format asked for; None for one that is deleted."""

    identifier: str
    sets: tuple[str, ...] = ()
    metadata: _Element | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, with the token for the next one, which is empty on the last.

    ``date`` is when the server made it, in UTC; ``broken`` are identifiers of records that could
    not be read, each with the reason.
    """

    date: str
    records: tuple[Record, ...] = ()
    token: str = ""
    broken: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Answer:
    """An answer of the protocol, with the records of it that could not be read."""

    root: _Element
    broken: list[tuple[str, str]] = field(default_factory=list)

    @property
    def date(self) -> str:
        """When it was made, as the protocol writes a date; empty where it does not say."""
        try:
            found = datetime.fromisoformat(_text(self.root, "responseDate"))
        except ValueError:
            return ""
        if found.tzinfo:
            found = found.astimezone(UTC)
        return found.strftime("%Y-%m-%dT%H:%M:%SZ")

    def of(self, verb: str) -> _Element:
        """What it says. Raises Refused where it is an error, HarvestError where it says nothing."""
        for each in self.root:
            if xml.name(each) == "error":
                raise Refused(each.get("code", "no code"), " ".join(_clean(each).split()))
        try:
            return _child(self.root, verb)
        except SourceError as error:
            raise HarvestError(f"the server's answer is not to be used: {error}") from None


class Server:
    """A server that speaks OAI-PMH.

    Args: ``url``: its base address; a request to it will do.

    Raises SourceError for an address that is none.
    """

    def __init__(self, url: str, client: Client) -> None:
        self.url = base_address(url)
        self._client = client

    def identify(self) -> Identity:
        """Who the server is. Raises HarvestError where there is none that speaks OAI-PMH."""
        found = self._ask("Identify").of("Identify")
        return Identity(_text(found, "repositoryName"), _text(found, "granularity") == "YYYY-MM-DD")

    def formats(self) -> list[str]:
        """The prefixes of the metadata formats that the server offers, such as ``oai_dc``."""
        found = self._ask("ListMetadataFormats").of("ListMetadataFormats")
        return [_text(each, "metadataPrefix") for each in found]

    def sets(self) -> Iterator[tuple[str, str]]:
        """The server's sets, each with its name; none where it has no sets."""
        asked = {""}
        token = ""
        while True:
            answer = self._ask("ListSets", **({"resumptionToken": token} if token else {}))
            try:
                found = answer.of("ListSets")
            except Refused as error:
                if error.code != "noSetHierarchy":
                    raise
                return
            for each in found:
                if xml.name(each) == "set":
                    yield _text(each, "setSpec"), _text(each, "setName")
            token = _text(found, "resumptionToken")
            if token in asked:  # also on the last page, which has none
                return
            asked.add(token)

    def records(self, prefix: str, set: str = "", first: str = "", last: str = "") -> Page:
        """The beginning of a list of records; empty where none match.

        Args: ``set``: its name; ``first``, ``last``: what changed between these dates.
        """
        asked = {"metadataPrefix": prefix, "set": set, "from": first, "until": last}
        return self._page(**{name: value for name, value in asked.items() if value})

    def more(self, token: str) -> Page:
        """The next part of a list.

        Raises Refused with the code ``badResumptionToken`` for one that is of no use any more.
        """
        return self._page(resumptionToken=token)

    def address(self, **query: str) -> str:
        """The address of a request."""
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(query)}"

    def _page(self, **query: str) -> Page:
        answer = self._ask("ListRecords", **query)
        try:
            found = answer.of("ListRecords")
        except Refused as error:
            if error.code != "noRecordsMatch":
                raise
            return Page(answer.date)
        records, broken = [], answer.broken
        for each in found:
            if xml.name(each) == "record":
                try:
                    records.append(_record(each))
                except SourceError as error:
                    broken.append((_named(each), str(error)))
        token = _text(found, "resumptionToken")
        return Page(answer.date, tuple(records), token, tuple(broken))

    def _ask(self, verb: str, **query: str) -> _Answer:
        return self._client.fetch(self.address(verb=verb, **query), _read)


def base_address(url: str) -> str:
    """The base address of a server, of whichever address of it. Raises SourceError for none.

    >>> base_address("https://example.org/index.php/tckh/oai?verb=Identify#top")
    'https://example.org/index.php/tckh/oai'
    """
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise SourceError(f"{url} is no address such as https://example.org/index.php/abc/oai")
    if "@" in parts.netloc:  # the address stands in each article
        raise SourceError(f"{parts.hostname}: an address with a name and password is not taken")
    is_request = any(name == "verb" for name, _ in parse_qsl(parts.query))
    query = "" if is_request else parts.query
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def as_asked(date: str, *, by_day: bool, is_last: bool = False) -> str:
    """A date in the precision that a server wants.

    >>> as_asked("2018-05-12", by_day=False), as_asked("2018-05-12T03:10:58Z", by_day=True)
    ('2018-05-12T00:00:00Z', '2018-05-12')
    >>> as_asked("2018-05-12", by_day=False, is_last=True)
    '2018-05-12T23:59:59Z'
    """
    if by_day or not date:
        return date[:10]
    return date if "T" in date else f"{date}T{'23:59:59' if is_last else '00:00:00'}Z"


def _read(raw: bytes) -> _Answer:
    """An answer of the protocol. Raises SourceError for what is none, or not whole."""
    beginning = _BEGINNING.search(raw)
    raw = raw[beginning.start() if beginning else 0 :].rstrip()
    if b"OAI-PMH" not in raw[:_LONGEST_FRAME]:
        raise SourceError(f"gives no answer of OAI-PMH: check the address; {_ENDS_IN}")
    if not _END.search(raw):
        raise SourceError("cuts its answer short")
    try:
        answer = _Answer(xml.parse(raw))
    except SourceError as error:
        answer = _one_by_one(raw, str(error))
    if xml.name(answer.root) != "OAI-PMH":
        raise SourceError(f"gives no answer of OAI-PMH: check the address; {_ENDS_IN}")
    return answer


def _one_by_one(raw: bytes, reason: str) -> _Answer:
    """A list that is not well-formed as a whole: its records are read each by itself.

    What stands before the first record and behind the last makes a frame for each of them, so that
    encoding and namespaces are theirs. Raises SourceError where the frame itself is broken.
    """
    starts = [match.start() for match in _RECORD.finditer(raw)]
    ends = [match.end() for match in _RECORD_END.finditer(raw)]
    if not starts or not ends or ends[-1] < starts[-1]:
        raise SourceError(f"gives an answer that cannot be read ({reason})")
    head, tail = raw[: starts[0]], raw[ends[-1] :]
    if len(head) + len(tail) > _LONGEST_FRAME:
        raise SourceError(f"gives an answer that cannot be read ({reason})")
    try:
        answer = _Answer(xml.parse(head + tail))
    except SourceError as error:
        raise SourceError(f"gives an answer that cannot be read ({error})") from None
    records = _child(answer.root, "ListRecords")
    for start, end in zip(starts, [*starts[1:], ends[-1]], strict=True):
        written = raw[start:end]
        try:
            found = _child(xml.parse(head + written + tail), "ListRecords")
            records.append(_child(found, "record"))
        except SourceError as error:
            named = _IDENTIFIER.search(written)
            identifier = named[1].decode("utf-8", "replace") if named else "a record"
            answer.broken.append((identifier, str(error)))
    return answer


def _record(element: _Element) -> Record:
    header = _child(element, "header")
    identifier = _text(header, "identifier")
    sets = tuple(_clean(each) for each in header if xml.name(each) == "setSpec")
    if not identifier:
        raise SourceError("it has no identifier")
    if header.get("status") == "deleted":
        return Record(identifier, sets)
    metadata = next((each for each in _child(element, "metadata") if xml.name(each)), None)
    if metadata is None:
        raise SourceError("it has no metadata")
    return Record(identifier, sets, metadata)


def _named(record: _Element) -> str:
    found = (each for each in record.iter() if xml.name(each) == "identifier")
    return next((_clean(each) for each in found), "") or "a record"


def _child(element: _Element, name: str) -> _Element:
    """The first child of a name. Raises SourceError where there is none."""
    for each in element:
        if xml.name(each) == name:
            return each
    raise SourceError(f"it has no {name}")


def _text(element: _Element, name: str) -> str:
    return next((_clean(each) for each in element if xml.name(each) == name), "")


def _clean(element: _Element) -> str:
    return "".join(element.itertext()).strip()
