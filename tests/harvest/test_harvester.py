"""Harvests from a real server over HTTP that plays the protocol's faults: nothing lost or twice."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.harvest import oai_server
from tests.harvest.oai_server import Connection, Fault, Server, edited, entries, running, status
from tests.program import INTERRUPTED, command_line, refused, run
from vnjournal import Archive, HarvestError, Problem, WriteError
from vnjournal.articles.article import Article
from vnjournal.harvest.client import Client, Patience
from vnjournal.harvest.harvester import Counts, Wanted, harvest
from vnjournal.harvest.output import JsonLines
from vnjournal.harvest.protocol import Server as Remote

COUNT = 40
HURRY = Patience(tries=4, first=0.01, longest=5, silence=0.4, whole=5)


@dataclass
class Done:
    """How a harvest ended."""

    counts: Counts
    problems: list[Problem]
    error: str


def harvested(server: Server, file: Path, *, restart: bool = False, **options: str) -> Done:
    """Harvest into a file of JSON Lines."""
    counts, said = Counts(), ""
    problems: list[Problem] = []
    remote = Remote(server.url, Client(HURRY, max_size=2_000_000))
    with JsonLines(file) as keeper:
        try:
            found = harvest(
                remote,
                remote.identify(),
                keeper,
                Wanted(**options),
                restart=restart,
                report=problems.append,
            )
            for counts in found:
                assert len(keeper) >= counts.new
        except HarvestError as error:
            said = str(error)
    return Done(counts, problems, said)


def held(file: Path) -> dict[str, str]:
    """What a file holds: titles by id. No id may stand there twice."""
    values = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    found = {each["id"]: each["title"] for each in values}
    assert len(found) == len(values)
    return found


@pytest.fixture
def server() -> Iterator[Server]:
    with running(Server(entries(COUNT))) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "articles.jsonl"


def _in_two_seconds(connection: Connection, body: bytes) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    status(503, Retry_After=when)(connection, body)


PASSING: dict[str, tuple[Fault | None, ...]] = {
    "nothing": (),
    "503 and seconds": (None, status(503, Retry_After="1")),
    "503 and a date": (None, _in_two_seconds),
    "503 and nonsense": (status(503, Retry_After="soon"),),
    "503 and a date that is past": (status(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),),
    "429": (None, status(429, Retry_After="0"), status(429)),
    "500 once": (status(500), None, status(500)),
    "a web page in the midst": (None, oai_server.page_of_html),
    "cut": (None, oai_server.cut, oai_server.cut),
    "cut, unannounced": (None, oai_server.cut_unannounced, oai_server.cut_unannounced),
    "silence": (None, oai_server.silent),
    "gzip": (oai_server.zipped,) * 4,
    "gzip, cut": (None, oai_server.zipped_and_cut),
    "redirects": (oai_server.moved, None) * 4,
    "cut at a whole element": (
        None,
        edited(lambda body: body[: body.index(b"<resumptionToken")]),
    ),
    "warnings before the XML": (
        edited(lambda body: b"<br />\n<b>Warning</b>: in x.php\n\n" + body),
    ),
    "a byte order mark and blank lines": (edited(lambda body: b"\xef\xbb\xbf\r\n" + body),),
    "a comment behind": (edited(lambda body: body + b"<!-- 0.2 s -->\n"),),
    "a prefix for the namespace": (
        edited(
            lambda body: body.replace(b"xmlns=", b"xmlns:o=", 1)
            .replace(b"<OAI-PMH", b"<o:OAI-PMH").replace(b"</OAI-PMH", b"</o:OAI-PMH")
            .replace(b"<record>", b"<o:record>").replace(b"</record>", b"</o:record>")
        ),
    ),
    "an empty page with a token": (
        edited(
            lambda body: body[: body.index(b"<record>")]
            + b"<resumptionToken>0|||</resumptionToken></ListRecords></OAI-PMH>"
        ),
    ),
    "HTML's entities": (edited(lambda body: body.replace(b" v\xe1\xbb\x81 ", b"&nbsp;v&#7873; ")),),
}  # fmt: skip


def test_one_process_at_a_time_writes_a_file(server: Server, file: Path) -> None:
    with JsonLines(file), pytest.raises(WriteError, match="another harvest is writing it"):
        JsonLines(file)
    assert list(file.parent.iterdir()) == []
    harvested(server, file)
    assert sorted(each.name for each in file.parent.iterdir()) == [
        file.name,
        f"{file.name}.harvest",
    ]


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_leaves_no_trace(name: str, server: Server, file: Path) -> None:
    server.play(*PASSING[name])
    done = harvested(server, file)
    assert (done.problems, done.error) == ([], "")
    assert done.counts == Counts(new=len(server.truth), unchanged=done.counts.unchanged)
    assert held(file) == server.truth
    assert all(agent.startswith("vnjournal/") for agent in server.agents)
    again = harvested(server, file)
    assert again.counts == Counts()
    assert server.requests[-1] == {
        "verb": "ListRecords", "metadataPrefix": "oai_dc", "from": server.date
    }  # fmt: skip


LASTING = {
    "500 for ever": (status(500), "answers 500 Internal Server Error"),
    "come back tomorrow": (status(503, Retry_After="86400"), "to come back in 86,400 s"),
    "come back never": (status(503, Retry_After="9" * 400), "to come back in 1,000,000,000 s"),
    "forbidden": (status(403), "answers 403 Forbidden: check the address"),
    "endless": (oai_server.endless, "sends more than 2,000,000 bytes in one answer"),
    "a bomb": (oai_server.bomb, "sends more than 2,000,000 bytes in one answer"),
    "cut for ever": (oai_server.cut, "cuts its answer short"),
    "a web page for ever": (oai_server.page_of_html, "gives no answer of OAI-PMH"),
    "no XML": (
        edited(lambda body: body.replace(b"<responseDate>", b"<responseDate")),
        "gives an answer that cannot be read (not well-formed XML",
    ),
    "entities of its own": (
        edited(lambda body: body.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)),
        "gives an answer that cannot be read (XML that declares entities",
    ),
    "no list": (edited(lambda body: body.replace(b"ListRecords", b"ListNothing")), "has no List"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_fault_that_lasts_is_told_and_the_next_run_goes_on(
    name: str, server: Server, file: Path
) -> None:
    fault, says = LASTING[name]
    server.play(None, None, *[fault] * HURRY.tries)
    done = harvested(server, file)
    assert says in done.error
    assert "\n" not in done.error
    part = held(file)
    assert len(part) == done.counts.new
    assert part.items() < server.truth.items()
    server.play()
    asked = len(server.requests)
    rest = harvested(server, file)
    assert rest.counts == Counts(new=len(server.truth) - len(part))
    assert "resumptionToken" in server.requests[asked + 1], "it did not go on where it stopped"
    assert held(file) == server.truth


BROKEN = {
    "a control character": lambda body: body.replace(b"(15)", b"(15\x0b)"),
    "invalid UTF-8": lambda body: body.replace(b"(15)", b"(15\xc3\x28)"),
    "a reference to no character": lambda body: body.replace(b"(15)", b"(15&#11;)"),
    "an unknown entity": lambda body: body.replace(b"(15)", b"(15&bogus;)"),
    "a tag that is not closed": lambda body: body.replace(b"(15)", b"(15<i>)"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record_is_named_and_the_rest_kept(name: str, server: Server, file: Path) -> None:
    server.play(None, edited(BROKEN[name]))
    done = harvested(server, file)
    assert done.error == ""
    (problem,) = done.problems
    assert problem.path == "oai:example.org:article/15"
    assert "\n" not in str(problem)
    expected = server.truth
    del expected["oai:example.org:article/15"]
    assert held(file) == expected


def test_records_without_title_or_metadata_are_named(server: Server, file: Path) -> None:
    server.entries[3] = replace(server.entries[3], title="", description="")
    no_metadata = edited(
        lambda body: body[: body.index(b"<metadata>")] + body[body.index(b"</metadata>") + 11 :]
    )
    no_titles = edited(lambda body: body.replace(b">On subject 4<", b"><"))
    server.play(no_titles, no_metadata)
    done = harvested(server, file)
    assert [(each.path, each.reason) for each in done.problems] == [
        ("oai:example.org:article/4", "article oai:example.org:article/4 has no text"),
        ("oai:example.org:article/11", "it has no metadata"),
    ]
    assert len(held(file)) == len(server.truth) - 2


def test_a_server_that_cannot_list_its_sets_is_harvested_without_their_names(
    server: Server, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Remote) -> Iterator[tuple[str, str]]:
        raise HarvestError("example.org answers 500")

    monkeypatch.setattr(Remote, "sets", broken)
    done = harvested(server, file)
    assert held(file) == server.truth
    (problem,) = done.problems
    assert "its sections have no names, since example.org answers 500" in problem.reason


def test_a_page_that_comes_twice_is_kept_once(server: Server, file: Path) -> None:
    """A list whose last token leads to its last page, for ever."""
    again = edited(lambda body: body.replace(b"></resumptionToken>", b">30|||</resumptionToken>"))
    server.play(*[again] * 10)
    done = harvested(server, file)
    assert "gives the same resumption token twice" in done.error
    assert held(file) == server.truth
    server.play()
    done = harvested(server, file)  # it asks for everything again, since that was no end
    assert done.counts == Counts(unchanged=len(server.truth))
    assert done.error == ""


def test_a_list_that_never_ends_though_its_tokens_are_new(server: Server, file: Path) -> None:
    numbers = iter(range(1000))

    def more(connection: Connection, body: bytes) -> None:
        token = b"<resumptionToken>0||||%d</resumptionToken></ListRecords>" % next(numbers)
        connection.send(body.replace(b"</ListRecords>", token))

    server.entries = server.entries[:3]
    server.play(*[more] * 500)
    done = harvested(server, file)
    assert "nothing new in 100 pages" in done.error
    assert held(file) == server.truth


def test_a_size_that_is_a_lie_means_nothing(server: Server, file: Path) -> None:
    for size in (0, 26, 10**9):
        server.list_size = size
        assert harvested(server, file, restart=True).error == ""
        assert held(file) == server.truth


def test_a_lost_token_begins_the_list_again(server: Server, file: Path) -> None:
    server.expired = {"20|||"}

    def found_again(connection: Connection, body: bytes) -> None:
        server.expired.clear()
        connection.send(body)

    server.play(None, None, None, found_again)
    done = harvested(server, file)
    assert (done.error, done.problems) == ("", [])
    assert held(file) == server.truth
    assert done.counts.new == len(server.truth)
    assert done.counts.unchanged > 0


def test_tokens_that_are_always_lost_are_told(server: Server, file: Path) -> None:
    server.expired = {"20|||"}
    done = harvested(server, file)
    assert "the server refuses the tokens that it gives" in done.error
    assert held(file).items() < server.truth.items()


def test_a_token_that_is_lost_between_two_runs(server: Server, file: Path) -> None:
    server.play(None, None, status(403))
    assert "403" in harvested(server, file).error
    server.expired = {"20|||"}
    server.page = 12  # other tokens
    server.entries[0] = replace(server.entries[0], title="Đã sửa", datestamp="2020-12-31T00:00:00Z")
    server.entries[1] = replace(server.entries[1], deleted=True)
    done = harvested(server, file)
    assert (done.error, done.counts.changed, done.counts.deleted) == ("", 1, 1)
    assert held(file) == server.truth


@pytest.mark.parametrize("by_day", [False, True])
def test_the_next_harvest_asks_for_what_changed(by_day: bool, server: Server, file: Path) -> None:
    server.by_day = by_day
    assert harvested(server, file).counts.new == len(server.truth)
    server.date = "2021-02-03T04:05:06Z"
    server.entries[4] = replace(
        server.entries[4], title="Bài đã sửa", datestamp="2021-01-01T00:00:00Z"
    )
    server.entries[5] = replace(server.entries[5], deleted=True, datestamp="2021-01-20T00:00:00Z")
    server.entries += [
        replace(each, number=each.number + COUNT, datestamp="2021-01-30T00:00:00Z")
        for each in server.entries[10:30]
    ]
    asked = len(server.requests)
    done = harvested(server, file)
    expected = [each for each in server.entries[COUNT:] if not each.deleted]
    assert done.counts == Counts(new=len(expected), changed=1, deleted=1)
    assert held(file) == server.truth
    (first,) = [each for each in server.requests[asked:] if "metadataPrefix" in each]
    assert first["from"] == ("2021-01-01" if by_day else "2021-01-01T00:00:00Z")
    assert "until" not in first
    harvested(server, file)
    assert server.requests[-1]["from"] == ("2021-02-03" if by_day else "2021-02-03T04:05:06Z")


def test_the_harvest_counts_from_its_beginning_however_long_it_took(
    server: Server, file: Path
) -> None:
    """What changes on the server while its list is read comes the next time."""

    def later(connection: Connection, body: bytes) -> None:
        server.date = "2021-01-09T00:00:00Z"
        connection.send(body)

    server.play(None, later, status(403))
    assert "403" in harvested(server, file).error
    assert harvested(server, file).error == ""
    harvested(server, file)
    assert server.requests[-1]["from"] == "2021-01-01T00:00:00Z"


def test_dates_and_sets_that_are_asked_for(server: Server, file: Path) -> None:
    harvested(server, file, first="2020-03-01", last="2020-06-30", set="tckh:NC")
    assert held(file) == {
        each.identifier: each.title
        for each in server.entries
        if "2020-03-01" <= each.datestamp < "2020-07" and "tckh:NC" in each.sets
        if not each.deleted
    }
    asked = next(each for each in server.requests if "metadataPrefix" in each)
    assert (asked["from"], asked["until"]) == ("2020-03-01T00:00:00Z", "2020-06-30T23:59:59Z")
    harvested(server, file, set="tckh:NC")  # nothing was harvested to its end before
    assert [each.get("from") for each in server.requests if "metadataPrefix" in each][1:] == [None]
    harvested(server, file)  # nor of this list
    assert held(file) == server.truth


def test_other_dates_do_not_go_on_with_the_token(server: Server, file: Path) -> None:
    server.play(None, status(403))
    harvested(server, file)
    assert harvested(server, file, last="2020-06-30").error == ""
    assert harvested(server, file).error == ""
    assert held(file) == server.truth


def test_restart_asks_for_everything(server: Server, file: Path) -> None:
    harvested(server, file)
    done = harvested(server, file, restart=True)
    assert done.counts == Counts(unchanged=len(server.truth))


def test_a_record_that_comes_twice_in_a_page_counts_as_it_came_last(
    server: Server, file: Path
) -> None:
    server.entries[:3] = [
        replace(server.entries[0], title="Cũ"),
        replace(server.entries[0], deleted=True),
        replace(server.entries[0], title="Mới"),
    ]
    harvested(server, file)
    assert held(file)["oai:example.org:article/1"] == "Mới"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (oai_server.page_of_html, "gives no answer of OAI-PMH: check the address"),
        (status(404), "answers 404 Not Found: check the address"),
        (oai_server.cut, "cuts its answer short"),
    ],
)
def test_a_server_of_another_kind_is_not_asked_again(
    fault: Fault, says: str, server: Server
) -> None:
    server.always = fault
    with pytest.raises(HarvestError, match=says):
        Remote(server.url, Client(HURRY)).identify()
    assert len(server.requests) == 1


def test_a_server_that_leads_in_circles_or_is_not_encrypted(server: Server) -> None:
    server.always = oai_server.moved
    with pytest.raises(HarvestError, match="redirects again and again"):
        Remote(server.url, Client(HURRY)).identify()
    with pytest.raises(HarvestError, match="no encrypted connection that can be trusted"):
        Remote(server.url.replace("http:", "https:"), Client(HURRY)).identify()


def test_an_archive_is_what_a_file_is(server: Server, tmp_path: Path) -> None:
    folder, file = tmp_path / "archive", tmp_path / "articles.jsonl"
    assert run("harvest", server.url, "--archive", folder).code == 0
    server.entries[3] = replace(server.entries[3], deleted=True, datestamp="2021-01-02T00:00:00Z")
    again = run("harvest", server.url, "--archive", folder, "--json").json
    assert (again["new"], again["unchanged"], again["deleted"]) == (0, 0, 1)
    assert again["server"] == "Tạp chí Sông Thao"
    assert run("harvest", server.url, "--output", file).code == 0
    with Archive.open(folder) as archive:
        stored = {article.id: article for article in archive}
        assert archive.search('"bai viet so"', limit=1).total == len(stored)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert stored == {each["id"]: Article.from_dict(each) for each in lines}
    assert stored.keys() == server.truth.keys()
    article = stored["oai:example.org:article/1"]
    assert article.section in ("Nghiên cứu", "Trao đổi")
    assert article.source.startswith(f"{server.url}?verb=GetRecord&")
    assert Archive.check(folder) == []


@pytest.mark.parametrize("option", ["--archive", "--output"])
def test_a_harvest_that_is_killed_goes_on(option: str, server: Server, tmp_path: Path) -> None:
    server.entries = entries(150)
    place = tmp_path / "place"

    def slow(connection: Connection, body: bytes) -> None:
        time.sleep(0.05)
        connection.send(body)

    for stop in (signal.SIGKILL, signal.SIGINT):
        asked = len(server.requests)
        server.play(*[slow] * 50)
        with subprocess.Popen(
            command_line("harvest", server.url, option, place), stderr=subprocess.PIPE
        ) as program:
            while len(server.requests) < asked + 6 and program.poll() is None:
                time.sleep(0.01)
            program.send_signal(stop)
            assert program.stderr is not None
            assert b"Traceback" not in program.stderr.read()
        assert program.returncode in (INTERRUPTED if stop == signal.SIGINT else (-stop,))
    server.play()
    ended = run("harvest", server.url, option, place, "--json")
    assert ended.code == 0
    assert ended.json["articles"] == len(server.truth)
    assert sum("metadataPrefix" in each for each in server.requests) == 1, "it began again"
    whole = tmp_path / "whole"
    assert harvested(server, whole).error == ""
    if option == "--output":
        assert place.read_bytes() == whole.read_bytes()
    else:
        lines = whole.read_text(encoding="utf-8").splitlines()
        with Archive.open(place) as archive:
            assert list(archive) == [Article.from_dict(json.loads(line)) for line in lines]


def test_what_a_crash_leaves_of_a_page_does_not_count(server: Server, file: Path) -> None:
    server.play(None, None, status(403))
    harvested(server, file)
    journal = file.with_name("articles.jsonl.harvest")
    with journal.open("a", encoding="utf-8") as stream:
        stream.write('{"id": "x", "body": "Nửa trang"}\n{"id": "y", "bo')
    harvested(server, file)
    assert held(file) == server.truth
    assert journal.read_text(encoding="utf-8").count("\n") == 1


def test_other_lines_of_a_file_stay(server: Server, file: Path) -> None:
    file.write_text('{"id": "của tôi", "body": "Bài có sẵn.", "title": "Có sẵn"}\nkhông phải JSON')
    harvested(server, file)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == [
        '{"id": "của tôi", "body": "Bài có sẵn.", "title": "Có sẵn"}',
        "không phải JSON",
    ]
    assert len(lines) == 2 + len(server.truth)


def test_a_run_that_fails_is_told_in_one_line_each(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    server.play(edited(BROKEN["a control character"]), edited(BROKEN["invalid UTF-8"]), status(403))
    ended = run("harvest", server.url, "--archive", folder)
    assert ended.code == 2
    assert len(ended.complaints) == 2
    assert "not read: oai:example.org:article/15: not well-formed XML" in ended.complaints[0]
    assert ended.complaints[1].endswith("answers 403 Forbidden: check the address")
    assert ended.out == (
        f"19 new, 0 changed, 0 unchanged, 0 deleted articles; 2 failed; 19 articles in {folder}\n"
    )


def test_sets_are_listed(server: Server) -> None:
    assert run("harvest", server.url, "--list-sets").out == (
        "tckh\tTạp chí Sông Thao\ntckh:NC\tNghiên cứu\ntckh:TD\tTrao đổi\n"
    )
    listed = run("harvest", server.url, "--list-sets", "--json").json
    assert listed[1] == {"set": "tckh:NC", "name": "Nghiên cứu"}


def test_a_format_that_the_server_lacks_or_has_besides(server: Server, tmp_path: Path) -> None:
    server.formats = ("oai_dc", "jats")
    asked = ("harvest", server.url, "--output", tmp_path / "x.jsonl")
    ended = run(*asked, "--metadata-prefix", "mods")
    assert ended.code == 2
    assert "the server has no mods, but oai_dc, jats" in ended.err
    assert "--metadata-prefix jats" in run(*asked).complaints[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("http://[::1/oai",), "is no address such as https://"),
        (
            ("https://lan:secret@example.org/oai",),
            "example.org: an address with a name and password",
        ),
        (("http://127.0.0.1:9/oai",), "127.0.0.1:9 cannot be reached"),
        (("http://no-such-host.invalid/oai",), "is no host that is known"),
        (("http://127.0.0.1:9/", "--from", "2018-13-01"), "is no date such as 2018-05-12"),
        (
            ("http://127.0.0.1:9/", "--from", "2018-02-01", "--until", "2018-01-01"),
            "--from is later than --until",
        ),
        (("http://127.0.0.1:9/", "--archive", "a", "--output", "b"), "not both"),
    ],
)
def test_bad_use_is_one_line(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    refused(run("harvest", *arguments, folder=tmp_path), says)
    assert not list(tmp_path.iterdir())
