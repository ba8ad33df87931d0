"""Names of packed files: in any encoding, from any system, and by people who mean harm."""

from __future__ import annotations

import codecs
import re

from vnjournal.articles.documents import escaped
from vnjournal.errors import SourceError

_LONGEST = 4096
_DRIVE = re.compile(r"^(?:[A-Za-z]:)+")
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded_name(raw: bytes, *, is_utf8: bool = False) -> str:
    r"""The name that some bytes are: UTF-8, else in what Vietnamese was written in before.

    Zip files made on Windows have names in the code page of the machine, and do not say in which;
    it is found out as that of a text is. Bytes that are no text become ``\xff``.

    Args: ``is_utf8``: the packed file says so.

    >>> decoded_name("Đảng bộ.txt".encode()), decoded_name(b"\xd0a\xd2ng b\xf4\xf2.txt")
    ('Đảng bộ.txt', 'Đảng bộ.txt')
    >>> decoded_name(b"\xff\xfe.txt")
    '\\xff\\xfe.txt'
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    if not is_utf8 and b"\0" not in raw and not raw.startswith(_MARKS):
        from vnjournal.language import detect

        found = detect.decode(raw)
        if "\ufffd" not in found.text:
            return found.text
    return raw.decode("utf-8", "backslashreplace")


def is_hidden(name: str) -> bool:
    """Whether a file is left out: a hidden one, what macOS adds, what marks a file open in Word.

    >>> is_hidden("__MACOSX/Bài/._1.txt"), is_hidden("./Bài/../1.txt"), is_hidden("a/~$bài.docx")
    (True, False, True)
    """
    parts = (part for part in name.split("/") if part not in (".", ".."))
    return any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts)


def safe_name(name: str) -> str:
    r"""A member's name as a path below the packed file, on one line.

    An absolute path or one on a drive begins at the top of the packed file, as ``unzip`` and
    ``tar`` have it. Raises SourceError for a name that leads out of it, or is none.

    >>> safe_name("C:/Bài/./số 2.txt"), safe_name("/etc//a\n.txt")
    ('Bài/số 2.txt', 'etc/a\\n.txt')
    """
    if len(name) > _LONGEST:
        raise SourceError(f"a name of more than {_LONGEST:,} characters")
    parts = [part for part in _DRIVE.sub("", name).split("/") if part not in ("", ".")]
    if ".." in parts:
        raise SourceError("a name that leads out of the packed file (..)")
    if not parts:
        raise SourceError("a file without a name")
    return escaped("/".join(parts))
