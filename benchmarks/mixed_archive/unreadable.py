"""Files that hold no article that can be read, as they turn up in every archive."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Mapping

from benchmarks.mixed_archive import printed
from benchmarks.mixed_archive.stories import Story
from vnjournal.text import encodings

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _noise(chance: random.Random, size: int = 3000) -> bytes:
    return chance.randbytes(size)


def _scanned(_: Story, chance: random.Random) -> bytes:
    """Pages that are pictures, without a text layer."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream)
    for _page in range(chance.randint(1, 3)):
        picture = Image.frombytes("L", (60, 80), _noise(chance, 4800))
        canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _encrypted(_: Story, chance: random.Random) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=f"{chance.random()}")
    canvas.drawString(100, 700, "text")
    canvas.save()
    return stream.getvalue()


def _half(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return raw[: len(raw) // 2]


def _zip(story: Story) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("a.txt", "\n".join(story.paragraphs))
    return stream.getvalue()


_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">'
        for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><article><front/><body><p>&i;</p></body></article>"
)
_LIST = "<html><head><title>Tin tức</title></head><body><ul>{}</ul></body></html>"
_LOGIN = """<html><head><title>Đăng nhập</title></head><body><form><label>Tên đăng nhập</label>
<input name="u"><label>Mật khẩu</label><input type="password" name="p"></form></body></html>"""
_MISSING = "<html><head><title>404 - Không tìm thấy trang</title></head><body><h1>404</h1>\
<p>Trang bạn yêu cầu không tồn tại hoặc đã bị xóa.</p></body></html>"
_SHELL = '<html><head><title>Tạp chí</title></head><body><div id="root"></div>\
<script src="/main.js"></script></body></html>'


def _links(story: Story) -> str:
    return _LIST.format(
        "".join(f'<li><a href="/{n}">{t}</a></li>' for n, t in enumerate(story.other_titles))
    )


#: By the name that a file gets: why it cannot be read, and what it holds.
KINDS: Mapping[str, tuple[str, Callable[[Story, random.Random], bytes]]] = {
    "trống.txt": ("empty", lambda *_: b""),
    "dấu cách.txt": ("nothing but white space", lambda *_: b" \r\n\t \r\n"),
    "nhiễu.txt": ("noise", lambda _, chance: _noise(chance)),
    "ảnh.txt": ("a picture", lambda _, chance: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + _noise(chance)),
    "trống.html": ("empty", lambda *_: b""),
    "mục lục.html": ("a list of links", lambda story, _: _links(story).encode()),
    "đăng nhập.html": ("a page to log in", lambda *_: _LOGIN.encode()),
    "404.html": ("an error page", lambda *_: _MISSING.encode()),
    "ứng dụng.html": ("a page that JavaScript fills", lambda *_: _SHELL.encode()),
    "quét.pdf": ("scanned", _scanned),
    "khóa.pdf": ("encrypted", _encrypted),
    "nhiễu.pdf": ("noise", lambda _, chance: b"%PDF-1.4\n" + _noise(chance)),
    "đứt.docx": (
        "cut off",
        lambda story, chance: _half(printed.word(story, "utf-8", chance).content),
    ),
    "nhiễu.docx": ("noise", lambda _, chance: _noise(chance)),
    "bảng tính.docx": ("no Word file", lambda story, _: _zip(story)),
    "cũ.doc": ("Word of before 2007", lambda _, chance: _OLE + _noise(chance)),
    "cũ.rtf": ("RTF", lambda story, _: rb"{\rtf1\ansi " + story.title.encode("ascii", "ignore")),
    "bom.xml": ("an XML bomb", lambda *_: _BOMB.encode()),
    "đứt.xml": ("cut off", lambda *_: b"<?xml version='1.0'?><article><front><article-meta>"),
    "bản đồ.xml": (
        "no JATS",
        lambda *_: b"<urlset><url><loc>http://a.example/</loc></url></urlset>",
    ),
    "đứt.zip": ("cut off", lambda story, _: _half(_zip(story))),
    "nhiễu.tar": ("noise", lambda _, chance: _noise(chance)),
    "đứt.txt.gz": (
        "cut off",
        lambda story, _: _half(gzip.compress("\n".join(story.paragraphs).encode(), mtime=0)),
    ),
    "trống.csv": ("empty", lambda *_: b""),
    "số liệu.csv": ("a table of figures", lambda *_: "năm,sản lượng\n2018,64.8\n".encode()),
    "trống.bib": ("no entry", lambda *_: "% chưa có mục nào\n".encode()),
    "trống.ris": ("no record", lambda *_: b"none\r\n"),
    "hỏng.jsonl": ("broken lines", lambda *_: b'{"title": "a", \n{{{\n'),
    "hỏng.warc": ("noise", lambda _, chance: _noise(chance)),
    "nhiễu.tcvn.txt": (
        "noise in words",
        lambda _, chance: bytes(
            byte if chance.random() < 0.5 else chance.randrange(256)
            for byte in encodings.encode(" ".join(c for c in "Đảng bộ sở " * 50), "tcvn3")
        ),
    ),
}
