"""BibTeX entries as LaTeX users and reference managers write them."""

from __future__ import annotations

import pytest

from tests.articles.readers.documents_of import read
from vnjournal.errors import SourceError

LIBRARY = r"""% a comment, and @nothing
@comment{ {more} }
@string{thao = "Sông " # {Thao}}
@preamble{"\newcommand{\x}{y}"}
@article{nguyen18,
  author = {Nguy{\~{\^e}}n, V{\u a}n An and {Ban A and B} and Smith, Jr., John and Lê Chi
    and others},
  title = "{Nuôi} c{\'a} l\`ong: 50% {\&} CO$_2$",
  journal = thao # { Xanh},
  year = 2018, month = "5~" # aug,
  number = {3}, volume = 12, pages = {45--52},
  url = {https://a.example/a\_b%20c~d},
  keywords = {cá, sông; hồ},
  note = {ghi chú},
  abstract = {Một
  dòng.

  Hai.}
}
@Article(e2, title = {Ngoặc})  @misc{e3, title={Cùng dòng}, date={2018-04-30/2018-05-01}}
"""


def test_a_library() -> None:
    (first, second, third), problems = read("a.bib", LIBRARY)
    assert not problems
    names = ["Nguyễn Văn An", "Ban A and B", "John Smith, Jr.", "Lê Chi"]
    assert [author.name for author in first.authors] == names
    assert first.title == "Nuôi cá lòng: 50% & CO_2"
    assert (first.journal, first.volume, first.issue) == ("Sông Thao Xanh", "12", "3")
    assert (first.published, first.pages) == ("2018-08-05", "45-52")
    assert first.id == first.url == "https://a.example/a_b%20c~d"
    assert first.body == "Một dòng.\n\nHai."
    assert first.extra["keywords"] == ["cá", "sông", "hồ"]
    assert first.extra["note"] == "ghi chú"
    assert first.extra["citation_key"] == "nguyen18"
    assert (second.id, second.title, second.body) == ("a.bib#e2", "Ngoặc", "")
    assert (third.id, third.title, third.published) == ("a.bib#e3", "Cùng dòng", "2018-04-30")


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (r"{\'e}{\`E}\^o\~{a}", "éÈôã"),
        (r"\d{o}{\d a}{\h{a}}\h ay", "ọạảảy"),
        (r"\uhorn{}\Uhorn{}{\ohorn}{\Ohorn}", "ưƯơƠ"),
        (r"\'{\ohorn}\h{\uhorn}\d{\^a}\~{\^e}\'{\u{a}}", "ớửậễắ"),
        (r"\dj{}{\DJ}", "đĐ"),
        (r"Tr\`an {\DJ}\uhorn{}c", "Tràn Đưc"),
        (r"a -- b --- c", "a – b — c"),
        (r"\textbraceleft{}\textbackslash{}\textbraceright{}\#\$\_\%", r"{\}#$_%"),
        ("100% & 5_6 ^", "100% & 5_6 ^"),
        (r"\textbf{đậm} \emph{nghiêng}~x", "đậm nghiêng x"),
        (r"{\TeX}'s \LaTeX\ files \noopsort{b}", "TeX's LaTeX files b"),
        ("it's", "it's"),
        ("{D}ữ {Liệu}", "Dữ Liệu"),
    ],
)
def test_letters_of_latex(written: str, printed: str) -> None:
    (article,), _ = read("a.bib", f"@misc{{a, title = {{{written}}}}}")
    assert article.title == printed


def test_a_broken_entry_harms_no_other() -> None:
    library = """@article{a, title = {không đóng, year = 2018
@article{b, title = {Hai}}
@article{c title = {x}}
@article{d, title = }
@article{e, }
@article{b, title = {Ba}}
@article{f, title = {Bốn}, title = {Năm}
"""
    found, problems = read("a.bib", library)
    assert [(each.id, each.title) for each in found] == [("a.bib#b", "Hai"), ("a.bib#3", "Ba")]
    assert problems.splitlines() == [
        "a.bib, line 1: a brace or a quote that is never closed: close it",
        "a.bib, line 3: @article without a key and a comma behind it",
        "a.bib, line 4: a field without a value",
        "a.bib, line 5: article a.bib#e has no text",
        "a.bib, line 7: the entry is not closed before 'the end of the file': "
        "look for a missing brace",
    ]


@pytest.mark.parametrize("text", ["", "Bài báo", "@nothing", "a @article{b, title={c}}"])
def test_what_is_no_bibtex_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        read("a.bib", text)


@pytest.mark.parametrize(
    "text",
    [
        "@article{a,title={" + "{" * 100_000,
        "@article{a,title={" + "{" * 10_000 + "x" + "}" * 10_000 + "}}",
        "@article{a," * 100_000,
        "@article{a,\n" * 50_000,
        "@article{a,title={" + "\\'" * 10_000 + "}}",
        "@article{a,title={" + "$" * 10_000 + "}}",
        "@article{a,title={" + r"\begin{a}" * 2_000 + "}}",
        "@article{a,title=" + '"" # ' * 50_000,
        "@article{a,author={" + "{" * 50_000 + "}" * 50_000 + "}}",
    ],
)
def test_hostile_libraries_are_read_in_bounded_time(text: str) -> None:
    found, problems = read("a.bib", text)
    assert found or problems
