"""What stands on many pages of one site is no article's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.articles.readers.documents_of import read as read_file
from tests.articles.site_files import HEADINGS, SITES, Content, contents
from vnjournal import Archive, Article, read
from vnjournal.articles.pages.repetition import KIND
from vnjournal.articles.sites import sample
from vnjournal.sync import FileReport


def pages_of(site: str) -> dict[str, str]:
    return {f"{n:02}.html": SITES[site](each) for n, each in enumerate(contents())}


def pile(folder: Path, pages: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, page in pages.items():
        (folder / name).write_text(page, "utf-8")
    return folder


def packed(pages: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, page in pages.items():
            archive.writestr(name, page)
    return stream.getvalue()


def warc(pages: Mapping[str, str]) -> bytes:
    records = []
    for name, page in pages.items():
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page.encode()
        head = f"WARC-Type: response\r\nWARC-Target-URI: https://a.example/{name}\r\n"
        about = f"{head}Content-Type: application/http; msgtype=response\r\n"
        length = f"Content-Length: {len(answer)}\r\n\r\n"
        records.append(f"WARC/1.0\r\n{about}{length}".encode() + answer + b"\r\n\r\n")
    return b"".join(records)


def own(article: Article, content: Content, site: str) -> list[str]:
    """The paragraphs of an article that are not those it is made of, and those that it lacks."""
    theirs = (*content.paragraphs, *HEADINGS.get(site, ()))
    found = article.body.split("\n\n")
    missing = [each for each in content.paragraphs if each not in found]
    return missing + [each for each in found if each not in theirs]


def wrong(articles: Iterable[Article], site: str) -> list[list[str]]:
    return [own(a, c, site) for a, c in zip(articles, contents(), strict=True)]


@pytest.mark.parametrize("site", ["greeting", "tables", "plain"])
def test_articles_are_found_without_it(site: str, tmp_path: Path) -> None:
    pages = pages_of(site)
    in_a_folder = list(read(pile(tmp_path / "pile", pages)))
    assert not any(wrong(in_a_folder, site))
    for name, raw in (("a.zip", packed(pages)), ("a.warc", warc(pages))):
        found, problems = read_file(name, raw)
        assert problems == ""
        assert [each.body for each in found] == [each.body for each in in_a_folder]


def test_it_is_kept_with_what_was_removed(tmp_path: Path) -> None:
    first, *_ = read(pile(tmp_path / "pile", pages_of("tables")))
    assert "Quý vị có thể đặt mua" in first.extra["removed"][KIND]


def test_headings_that_articles_share_stay(tmp_path: Path) -> None:
    for article in read(pile(tmp_path / "pile", pages_of("sections"))):
        assert set(HEADINGS["sections"]) - {article.title} <= set(article.body.split("\n\n"))
        assert "chia sẻ bài này" not in article.body


def test_a_date_and_an_author_that_many_pages_have_are_read(tmp_path: Path) -> None:
    for article in read(pile(tmp_path / "pile", pages_of("plain"))):
        assert article.posted.startswith("2018-05-")
        assert [author.name for author in article.authors] == ["Nguyễn Văn Vóc"]


def test_a_few_pages_tell_nothing(tmp_path: Path) -> None:
    few = dict(list(pages_of("greeting").items())[:3])
    for article in read(pile(tmp_path / "pile", few)):
        assert "Mọi đóng góp cho trang tin" in article.body


def test_an_article_that_was_saved_many_times_stays(tmp_path: Path) -> None:
    content = contents()[0]
    page = SITES["plain"](content)
    versions = {f"{n}.html": f"{page}<p>{content.paragraphs[0]} Lần {'a' * n}." for n in range(9)}
    for article in read(pile(tmp_path / "pile", versions)):
        assert set(content.paragraphs) <= set(article.body.split("\n\n"))


def test_each_folder_is_a_site(tmp_path: Path) -> None:
    for site in ("greeting", "tables"):
        pile(tmp_path / "pile" / site, pages_of(site))
    found = list(read(tmp_path / "pile"))
    half = len(contents())
    assert not any(wrong(found[:half], "greeting"))
    assert not any(wrong(found[half:], "tables"))


def test_pages_of_two_folders_whose_names_are_alike_are_two_sites(tmp_path: Path) -> None:
    folders = {site: tmp_path / site / "pages" for site in ("greeting", "tables")}
    for site, folder in folders.items():
        pile(folder, pages_of(site))
    with Archive.create(tmp_path / "archive") as archive:
        archive.sync(folders.values())
        for site, folder in folders.items():
            found = [article for article in archive if article.source.startswith(str(folder))]
            assert not any(wrong(sorted(found, key=lambda article: article.source), site))


def test_a_sample_hangs_on_names_alone() -> None:
    pages = [(f"{folder}/{n}.html", (folder, n)) for folder in "abc" for n in range(50)]
    some = list(sample(pages, most=10))
    assert some == list(sample(reversed(pages), most=10))
    assert [sum(folder == each for each, _ in some) for folder in "abc"] == [10, 10, 10]


def test_reading_that_is_cut_and_begun_again_gives_the_same(tmp_path: Path) -> None:
    folder = pile(tmp_path / "pile", pages_of("greeting"))
    reports: list[FileReport] = []

    def stop_soon(file: FileReport) -> None:
        reports.append(file)
        if len(reports) == 5:
            raise KeyboardInterrupt

    with Archive.create(tmp_path / "whole") as whole:
        whole.sync([folder], processes=2)
        expected = list(whole)
    with Archive.create(tmp_path / "cut") as cut:
        with pytest.raises(KeyboardInterrupt):
            cut.sync([folder], report=stop_soon)
        cut.sync([folder])
        assert list(cut) == expected
    assert not any(wrong(expected, "greeting"))
