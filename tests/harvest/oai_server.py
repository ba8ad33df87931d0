"""A small journal server that speaks OAI-PMH over HTTP, and can play its faults.

It lists records as OJS does, a page at a time.
A fault is a function that answers one request in the server's place; see ``Server.play``.
"""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

#: Answers a request: gets the connection, and the body that would be right.
Fault = Callable[["Connection", bytes], None]

_SUBJECTS = "lúa nước|cá lồng|rừng ngập mặn|đất phèn|cây chè|năng lượng mặt trời".split("|")
_ACTS = "Nghiên cứu|Đánh giá|Ảnh hưởng của|Ứng dụng|Khảo sát|Giải pháp cho".split("|")
_PLACES = "ở Thái Bình|tại Sơn La|vùng ven biển|ở đồng bằng sông Cửu Long".split("|")
_NAMES = "Nguyễn, Văn An|Trần, Thị Bình|Lê, Chi|Phạm, Quốc Dũng|Smith, John".split("|")

_BLANKS = gzip.compress(b" " * 20_000_000)

_ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>{date}</responseDate><request>{url}</request>{content}</OAI-PMH>
"""
_DC = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">{elements}</oai_dc:dc>"""


@dataclass
class Entry:
    """A record of the server's."""

    number: int
    datestamp: str
    sets: tuple[str, ...]
    title: str
    deleted: bool = False
    description: str = ""

    @property
    def identifier(self) -> str:
        return f"oai:example.org:article/{self.number}"

    def written(self, by_day: bool) -> str:
        datestamp = self.datestamp[:10] if by_day else self.datestamp
        sets = "".join(f"<setSpec>{each}</setSpec>" for each in self.sets)
        status = ' status="deleted"' if self.deleted else ""
        header = (
            f"<header{status}><identifier>{self.identifier}</identifier>"
            f"<datestamp>{datestamp}</datestamp>{sets}</header>"
        )
        if self.deleted:
            return f"<record>{header}</record>"
        chance = random.Random(self.number)
        values = [
            ("title", ' xml:lang="vi-VN"', self.title),
            ("title", ' xml:lang="en-US"', f"On subject {self.number}"),
            *(("creator", "", name) for name in chance.sample(_NAMES, 2)),
            ("description", ' xml:lang="vi-VN"', self.description),
            ("date", "", f"2018-{self.number % 12 + 1:02}-15"),
            ("identifier", "", f"https://example.org/tckh/article/view/{self.number}"),
            ("identifier", "", f"10.99999/tckh.{self.number}"),
            ("source", ' xml:lang="vi-VN"', f"Tạp chí Sông Thao; Tập 12 Số {self.number % 12 + 1} "
             f"(2018); {self.number}-{self.number + 7}"),
            ("source", "", "1859-4794"),
            ("language", "", "vie"),
        ]  # fmt: skip
        elements = "".join(
            f"<dc:{name}{lang}>{escape(text)}</dc:{name}>" for name, lang, text in values
        )
        return f"<record>{header}<metadata>{_DC.format(elements=elements)}</metadata></record>"


def entries(count: int, seed: int = 1) -> list[Entry]:
    """So many invented records, some of them deleted, in two sections."""
    chance = random.Random(seed)
    made = []
    for number in range(1, count + 1):
        subject, act, place = map(chance.choice, (_SUBJECTS, _ACTS, _PLACES))
        made.append(
            Entry(
                number,
                f"2020-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:{number % 60:02}Z",
                ("tckh", f"tckh:{chance.choice(('NC', 'TD'))}"),
                f"{act} {subject} {place} ({number})",
                number % 29 == 0,
                f"Bài viết số {number} trình bày kết quả về {subject}.",
            )
        )
    return made


@dataclass
class Server:
    """The server. ``requests``: what it was asked, in order, as the query of each."""

    entries: list[Entry]
    page: int = 10
    by_day: bool = False
    date: str = "2021-01-01T00:00:00Z"
    formats: tuple[str, ...] = ("oai_dc",)
    list_size: int | None = None  # what it says, if that is no truth
    faults: list[Fault | None] = field(default_factory=list)
    always: Fault | None = None  # the fault of every answer, whatever was asked
    expired: set[str] = field(default_factory=set)
    requests: list[dict[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    url: str = ""

    def play(self, *faults: Fault | None) -> None:
        """Answer the next requests for records with these; None: as it should be."""
        self.faults = list(faults)

    @property
    def truth(self) -> dict[str, str]:
        """What a complete harvest holds: titles by identifier."""
        return {each.identifier: each.title for each in self.entries if not each.deleted}

    def answer(self, query: dict[str, str]) -> str:
        answers = {
            "Identify": self._identity,
            "ListSets": self._sets,
            "ListMetadataFormats": self._formats,
            "ListRecords": self._records,
        }
        answer = answers.get(query.get("verb", ""))
        content = answer(query) if answer else _error("badVerb")
        return _ANSWER.format(date=self.date, url=self.url, content=content)

    def _identity(self, _: dict[str, str]) -> str:
        granularity = "YYYY-MM-DD" if self.by_day else "YYYY-MM-DDThh:mm:ssZ"
        return (
            "<Identify><repositoryName>Tạp chí Sông Thao</repositoryName><protocolVersion>2.0"
            f"</protocolVersion><granularity>{granularity}</granularity></Identify>"
        )

    def _sets(self, _: dict[str, str]) -> str:
        names = {"tckh": "Tạp chí Sông Thao", "tckh:NC": "Nghiên cứu", "tckh:TD": "Trao đổi"}
        listed = (
            f"<set><setSpec>{spec}</setSpec><setName>{name}</setName></set>"
            for spec, name in names.items()
        )
        return f"<ListSets>{''.join(listed)}</ListSets>"

    def _formats(self, _: dict[str, str]) -> str:
        listed = (
            f"<metadataFormat><metadataPrefix>{each}</metadataPrefix></metadataFormat>"
            for each in self.formats
        )
        return f"<ListMetadataFormats>{''.join(listed)}</ListMetadataFormats>"

    def _records(self, query: dict[str, str]) -> str:
        if token := query.get("resumptionToken"):
            start, first, last, set_, *_ = token.split("|")
            if token in self.expired or not start.isdecimal() or len(query) > 2:
                return _error("badResumptionToken")
        else:
            if query.get("metadataPrefix") not in self.formats:
                return _error("cannotDisseminateFormat")
            start, first, last = "0", query.get("from", ""), query.get("until", "")
            set_ = query.get("set", "")
            for date in filter(None, (first, last)):
                if len(date) != (10 if self.by_day else 20):
                    return _error("badArgument")
        listed = [
            each
            for each in self.entries
            if (not set_ or set_ in each.sets)
            and (not first or each.datestamp[: len(first)] >= first)
            and (not last or each.datestamp[: len(last)] <= last)
        ]
        if not listed:
            return _error("noRecordsMatch")
        at = int(start)
        end = at + self.page
        records = "".join(each.written(self.by_day) for each in listed[at:end])
        size = len(listed) if self.list_size is None else self.list_size
        token = f"{end}|{first}|{last}|{set_}" if end < len(listed) else ""
        if token or at:
            records += (
                f'<resumptionToken cursor="{at}" completeListSize="{size}">{token}'
                "</resumptionToken>"
            )
        return f"<ListRecords>{records}</ListRecords>"


def _error(code: str) -> str:
    return f'<error code="{code}">{code} it is</error>'


class Connection(BaseHTTPRequestHandler):
    """One connection to the server, which faults may do with as they like."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the client to confirm its head
    oai: Server  # of the class that is made for it

    def do_GET(self) -> None:
        query = {name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()}
        self.oai.requests.append(query)
        self.oai.agents.add(self.headers.get("User-Agent", ""))
        body = self.oai.answer(query).encode()
        fault = self.oai.always
        if query.get("verb") == "ListRecords" and self.oai.faults:
            fault = self.oai.faults.pop(0)
        (fault or Connection.send)(self, body)

    def send(self, body: bytes, status: int = 200, type: str = "text/xml", **headers: str) -> None:
        """Answer with a body."""
        self.begin(status, **{"Content-Type": type, "Content-Length": str(len(body))}, **headers)
        self.wfile.write(body)

    def begin(self, status: int, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is none of our business."""


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server at work, on a port of its own."""
    handler = type("Handler", (Connection,), {"oai": server})
    with _Http(("127.0.0.1", 0), handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}/tckh/oai"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


# --- faults


def status(code: int, **headers: str) -> Fault:
    """An error of HTTP."""
    return lambda connection, _: connection.send(b"<h1>Busy</h1>", code, "text/html", **headers)


def edited(edit: Callable[[bytes], bytes]) -> Fault:
    """The right body, changed."""
    return lambda connection, body: connection.send(edit(body))


def cut(connection: Connection, body: bytes) -> None:
    """The connection ends in the midst of the body, less than was announced."""
    connection.begin(200, **{"Content-Length": str(len(body))})
    connection.wfile.write(body[: len(body) // 2])
    connection.close_connection = True


def cut_unannounced(connection: Connection, body: bytes) -> None:
    """The same, where the end of the connection is the end of the body."""
    connection.begin(200, Connection="close")
    connection.wfile.write(body[: len(body) // 2])
    connection.close_connection = True


def silent(connection: Connection, body: bytes) -> None:
    """The server stops to speak in the midst, without an end."""
    connection.begin(200, **{"Content-Length": str(len(body))})
    connection.wfile.write(body[: len(body) // 2])
    connection.wfile.flush()
    threading.Event().wait(1)
    connection.close_connection = True


def endless(connection: Connection, body: bytes) -> None:
    """An answer that never ends."""
    connection.begin(200, Connection="close")
    connection.wfile.write(body[: len(body) // 2])
    while True:
        connection.wfile.write(b" " * 100_000)


def zipped(connection: Connection, body: bytes) -> None:
    """The right body, as gzip."""
    connection.send(gzip.compress(body), Content_Encoding="gzip")


def zipped_and_cut(connection: Connection, body: bytes) -> None:
    """Half of it, though all that was announced."""
    raw = gzip.compress(body)
    connection.send(raw[: len(raw) // 2], Content_Encoding="gzip")


def bomb(connection: Connection, body: bytes) -> None:
    """A small answer that unpacks to a large one."""
    connection.send(gzip.compress(body) + _BLANKS, Content_Encoding="gzip")


def page_of_html(connection: Connection, body: bytes) -> None:
    """A web page, as a portal shows one when it is being looked after."""
    connection.send("<!DOCTYPE html><html><body>Bảo trì</body></html>".encode(), 200, "text/html")


def moved(connection: Connection, body: bytes) -> None:
    """A redirect, to the same request."""
    connection.begin(
        302, Location=connection.path.replace("/tckh/", "/moved/"), **{"Content-Length": "0"}
    )
