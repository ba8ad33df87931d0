"""A spaCy tokenizer: a word of several syllables is one spaCy token, and the text stays whole.

Name it in the configuration, and a saved pipeline is loaded with it again:

>>> import spacy
>>> config = {"nlp": {"tokenizer": {"@tokenizers": "vnjournal.VietnameseTokenizer.v1"}}}
>>> nlp = spacy.blank("vi", config=config)
>>> [(token.text, token.idx) for token in nlp("Đảng bộ Sở Khoa học.")]
[('Đảng bộ', 0), ('Sở', 8), ('Khoa học', 11), ('.', 19)]

``nlp.tokenizer = VietnameseTokenizer(nlp.vocab)`` does for a pipeline that is not saved: of a
tokenizer spaCy saves the name in the configuration, and under another name it cannot load ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self

from vnjournal.segment.words import tokenize

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

_BLANK_OR_NOT = re.compile(r"\s+|\S+")


class VietnameseTokenizer:
    """Text in, :class:`spacy.tokens.Doc` out.

    Args: ``vocab``: the pipeline's; ``words``: words of your own to keep whole.

    ``doc.text`` is the text as given, in any Unicode form, and ``token.idx`` a place in it. spaCy
    lets one plain space follow a token; what else stands between two words (more blanks, a line
    break, an invisible character) becomes a token of its own, as spaCy does with white space.

    >>> import spacy
    >>> nlp = spacy.blank("xx")
    >>> nlp.tokenizer = VietnameseTokenizer(nlp.vocab)
    >>> [token.text for token in nlp("Đảng bộ  Sở\\nKhoa học")]
    ['Đảng bộ', ' ', 'Sở', '\\n', 'Khoa học']
    """

    def __init__(self, vocab: Vocab, words: Sequence[str] = ()) -> None:
        self.vocab = vocab
        self.words = tuple(words)

    def __call__(self, text: str) -> Doc:
        try:
            from spacy.tokens import Doc
        except ModuleNotFoundError as error:
            raise ImportError("VietnameseTokenizer needs spaCy: pip install spacy") from error

        words: list[str] = []
        spaces: list[bool] = []
        done = 0
        for start, end in self._pieces(text):
            start = max(start, done)  # the piece before may have taken a space
            if start < end:
                has_space = text[end : end + 1] == " " and not text[start].isspace()
                words.append(text[start:end])
                spaces.append(has_space)
                done = end + has_space
        return Doc(self.vocab, words=words, spaces=spaces)

    def _pieces(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of the words and of what stands between them; nothing of the text is left out."""
        done = 0
        for token in tokenize(text, words=self.words):
            yield from (match.span() for match in _BLANK_OR_NOT.finditer(text, done, token.start))
            yield token.start, token.end
            done = token.end
        yield from (match.span() for match in _BLANK_OR_NOT.finditer(text, done))

    # --- what spaCy calls to save and load a pipeline; the vocabulary it saves itself

    def to_bytes(self, **_: object) -> bytes:
        """What the tokenizer was made with, but for the vocabulary."""
        return json.dumps({"words": self.words}, ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, **_: object) -> Self:
        """Become the tokenizer that :meth:`to_bytes` was called on."""
        self.words = tuple(json.loads(data)["words"])
        return self

    def to_disk(self, path: str | PathLike[str], **_: object) -> None:
        """Write :meth:`to_bytes` to a file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: str | PathLike[str], **_: object) -> Self:
        """Read what :meth:`to_disk` has written."""
        return self.from_bytes(Path(path).read_bytes())


def create_tokenizer(words: Sequence[str] = ()) -> Callable[[Language], VietnameseTokenizer]:
    """What spaCy calls ``vnjournal.VietnameseTokenizer.v1``: the package's entry point says so."""

    def create(nlp: Language) -> VietnameseTokenizer:
        return VietnameseTokenizer(nlp.vocab, words)

    return create
