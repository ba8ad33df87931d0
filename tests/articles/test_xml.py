"""XML is parsed, or refused in one line; nothing is fetched and nothing swells."""

from __future__ import annotations

import pytest

from vnjournal.articles import xml
from vnjournal.errors import SourceError

TEN_TIMES = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
BOMB = f'<!DOCTYPE a [<!ENTITY e0 "ha">{TEN_TIMES}]>'


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<a>Đỗ</a>", "Đỗ"),
        ('\n <?xml version="1.0" encoding="utf-8"?><a>Đỗ</a>\n', "Đỗ"),
        ("\ufeff<a>Đỗ</a>", "Đỗ"),
        ('<!DOCTYPE article PUBLIC "-//NLM//DTD" "http://example.org/a.dtd"><a>x</a>', "x"),
        ("<a>&eacute;&nbsp;&#7895;&lt;&amp;eacute;</a>", "é\xa0ỗ<&eacute;"),
        ("<a><![CDATA[<b>]]></a>", "<b>"),
    ],
)
def test_what_is_parsed(written: str, text: str) -> None:
    assert xml.parse(written.encode()).text == text


def test_the_encoding_is_the_documents() -> None:
    declared = '<?xml version="1.0" encoding="{}"?><a>Đ</a>'
    assert xml.parse(declared.format("utf-16").encode("utf-16")).text == "Đ"
    assert xml.parse(declared.format("windows-1258").encode("windows-1258")).text == "Đ"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (BOMB + "<a>&e12;</a>", "entities of its own"),
        (BOMB + '<a b="&e12;"/>', "entities of its own"),
        ('<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><a b="&x;"/>', "entities of its own"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "entities of its"),
        ('<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/hostname">%x;]><a/>', "entities of its"),
        ("<a>" * 100_000 + "</a>" * 100_000, "too deeply"),
        (f"<a>{'x' * 11_000_000}</a>", "too long"),
        (f'<a b="{"x" * 11_000_000}"/>', "too long"),
        ("<a><b></a>", "not well-formed"),
        ("<a>&nothing;</a>", "not well-formed"),
        ("<a>\0</a>", "not well-formed"),
        ("", "not well-formed"),
        ("{}", "not well-formed"),
        ('<?xml version="1.0" encoding="none-such"?><a/>', "encoding"),
    ],
)
def test_what_is_refused(written: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        xml.parse(written.encode())
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    for raw in (b"<a>\xff\xfe</a>", b"\xff\xfe\x00", bytes(range(256))):
        with pytest.raises(SourceError, match="not well-formed"):
            xml.parse(raw)
