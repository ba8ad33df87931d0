"""Web archives: which records are documents, how bodies are unpacked, and broken ones."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from vnjournal import Problem, SourceError, read
from vnjournal.articles.documents import Document
from vnjournal.articles.readers import warc

PAGE = "<h1>Mùa lúa</h1><p>Lúa chín sớm hơn mọi năm, bà con gặt từ đầu tháng.</p>".encode()


def record(
    body: bytes, url: str = "", kind: str = "response", mime: str = "application/http"
) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    head += "WARC-Date: 2020-01-01T00:00:00Z\r\n" + (f"WARC-Target-URI: {url}\r\n" if url else "")
    head += f"Content-Type: {mime}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


def answer(
    number: int, body: bytes = PAGE, head: str = "Content-Type: text/html", status: str = "200 OK"
) -> bytes:
    http = f"HTTP/1.1 {status}\r\n{head}\r\n\r\n".encode() + body
    return record(http, f"https://a.example/{number}")


def found_in(raw: bytes, max_size: int = 20_000_000) -> tuple[list[Document], list[Problem]]:
    problems: list[Problem] = []
    document = Document("a.warc", "a.warc", io.BytesIO(raw), problems.append, max_size)
    return list(warc.read(document)), problems


def numbers(documents: list[Document]) -> list[int]:
    return [int(document.url.rpartition("/")[2]) for document in documents]


def packed(records: Iterator[bytes] | list[bytes]) -> bytes:
    return b"".join(map(gzip.compress, records))


def test_answers_with_pages_files_and_text_are_documents() -> None:
    raw = b"".join(
        [
            record(b"software: x\r\n", kind="warcinfo"),
            record(b"GET / HTTP/1.1\r\n\r\n", "https://a.example/1", "request"),
            answer(1, head="Content-Type: text/html; charset=UTF-8"),
            answer(2, b"%PDF-1.4", "Content-Type: application/pdf"),
            answer(3, "Văn bản.".encode(), "Content-Type: Text/Plain"),
            answer(4, head="Content-Type: image/png"),
            answer(5, status="404 Not Found"),
            answer(6, b"", "Location: /1", "301 Moved Permanently"),
            record(b"", "https://a.example/7", "revisit"),
            record(PAGE, "https://a.example/8", "resource", "text/html"),
            record(b"x", "https://a.example/robots.txt", "resource", "text/plain"),
        ]
    )
    documents, problems = found_in(raw)
    assert numbers(documents) == [1, 2, 3, 8]
    assert [each.media_type for each in documents] == [
        "text/html",
        "application/pdf",
        "text/plain",
        "text/html",
    ]
    first = documents[0]
    assert (first.id, first.url) == ("https://a.example/1", "https://a.example/1")
    assert (first.charset.lower(), first.raw(), first.depth) == ("utf-8", PAGE, 1)
    assert first.source == "a.warc!/https://a.example/1"
    (problem,) = problems
    assert problem.skipped
    for kind in ("1 image/png", "1 with status 404", "1 with status 301", "1 revisit", "1 request"):
        assert kind in problem.reason


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_articles_have_the_address_for_an_id(tmp_path: Path, suffix: str) -> None:
    records = [answer(1), answer(2)]
    (tmp_path / f"a{suffix}").write_bytes(packed(records) if "gz" in suffix else b"".join(records))
    articles = list(read(tmp_path))
    assert [each.id for each in articles] == ["https://a.example/1", "https://a.example/2"]
    assert articles[0].title == "Mùa lúa"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Encoding: gzip", gzip.compress(PAGE)),
        ("Content-Encoding: gzip", PAGE),  # unpacked by the crawler
        ("Content-Encoding: br", PAGE),
        ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)),
        ("Transfer-Encoding: chunked", PAGE),
    ],
)
def test_bodies_are_unpacked(head: str, body: bytes) -> None:
    ((document,), _) = found_in(answer(1, body, f"Content-Type: text/html\r\n{head}"))
    assert document.raw() == PAGE


def test_a_packed_body_at_the_end_of_a_plain_file_begins_no_record() -> None:
    body = answer(1, gzip.compress(PAGE), "Content-Type: text/html\r\nContent-Encoding: gzip")
    documents, problems = found_in(answer(0) + body)
    assert (numbers(documents), problems) == ([0, 1], [])


def test_what_is_too_large_is_reported_and_passed_over() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    raw = [
        answer(1, b"x" * 200_000),
        answer(2, bomb, "Content-Type: text/html\r\nContent-Encoding: gzip"),
        answer(3),
    ]
    for whole in (b"".join(raw), packed(raw)):
        documents, problems = found_in(whole, 100_000)
        assert numbers(documents) == [3]
        assert [problem.path[-1] for problem in problems] == ["1", "2"]
        assert all("larger than 100,000 bytes" in problem.reason for problem in problems)


def test_broken_records_are_reported_and_the_rest_is_read() -> None:
    records = [answer(number) for number in range(6)]
    plain, gz = b"".join(records), packed(records)
    at = len(b"".join(records[:3]))
    at_gz = len(packed(records[:3]))
    length = plain.index(b"Content-Length: ", at) + len(b"Content-Length: ")
    broken = {
        "damaged": gz[: at_gz + 30] + b"\xff" * 20 + gz[at_gz + 50 :],
        "damaged head": gz[: at_gz + 2] + b"\xff" * 20 + gz[at_gz + 22 :],
        "between": gz[:at_gz] + b"junk\r\n" + gz[at_gz:],
        "plain between": plain[:at] + b"junk\r\n" + plain[at:],
        "length": plain[:length] + b"9999999" + plain[length:],
        "short": plain[:length] + b"1 " + plain[length:],
        "cut": plain[:-30],
        "cut in the head": gz[:-120],
    }
    for what, raw in broken.items():
        documents, problems = found_in(raw)
        rest = [4, 5] if "cut" not in what else []
        assert numbers(documents)[:3] == [0, 1, 2], what
        assert numbers(documents)[-len(rest) :] == rest or not rest, what
        assert len(documents) >= 5, what
        assert problems, what
        assert not any(problem.skipped for problem in problems), what


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty file"),
        (PAGE, "not a web archive"),
        (b"\x1f\x8b\x08\x00" * 10_000, "broken records"),
        (b"WARC/1.0\r\n" * 10_000, "broken records"),
    ],
)
def test_files_that_are_none_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        found_in(raw)
