"""Words: units joined by underthesea's conditional random field.

The model is read from the installed ``underthesea`` package by ``underthesea_core``; importing
``underthesea`` itself would cost most of a second and bring code that is not needed. The model sees
the units of :mod:`vnjournal.segment.tokens` with the old tone placement it was trained on; the
offsets are ours.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vnjournal.errors import DataError
from vnjournal.segment.sentences import sentence_units
from vnjournal.segment.tokens import Unit, units
from vnjournal.text.normalize import compose, place_tone
from vnjournal.text.spans import Kind, Token

if TYPE_CHECKING:
    from underthesea_core import CRFFeaturizer, CRFTagger

_MODEL = Path("pipeline", "word_tokenize", "models", "ws_crf_vlsp2013_20230727")
_INSIDE = "I-W"


@cache
def _model() -> tuple[CRFFeaturizer, CRFTagger]:
    from underthesea_core import CRFFeaturizer, CRFTagger

    spec = find_spec("underthesea")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("word segmentation needs underthesea: pip install underthesea")
    folder = Path(spec.submodule_search_locations[0]) / _MODEL
    try:
        features, dictionary = (
            pickle.loads((folder / name).read_bytes())
            for name in ("features.bin", "dictionary.bin")
        )
        tagger = CRFTagger()
        tagger.load(str(folder / "models.bin"))
    except (OSError, pickle.UnpicklingError) as error:
        raise DataError(
            f"underthesea's segmentation model cannot be read ({error}): install underthesea 9.5"
        ) from error
    return CRFFeaturizer(features, dictionary), tagger


def _labels(texts: Sequence[str]) -> list[str]:
    """The model's label of each unit of one sentence: B-W begins a word, I-W continues it."""
    featurizer, tagger = _model()
    labels: list[str] = tagger.tag(featurizer.process([[[text] for text in texts]])[0])
    return labels


def tokenize(text: str) -> list[Token]:
    """Split a text into words, numbers, other compounds and punctuation.

    Any Unicode form goes in; each token points into the text as given, so a word of several
    syllables keeps the blanks (and line breaks) that stand between them.

    >>> [token.text for token in tokenize("Đảng bộ Sở triển khai khoa học.")]
    ['Đảng bộ', 'Sở', 'triển khai', 'khoa học', '.']
    """
    composed = compose(text)
    tokens: list[Token] = []
    for sentence in sentence_units(composed.text, units(composed.text)):
        for start, end, kind in _words(composed.text, sentence):
            start, end = composed.original_span(start, end)
            tokens.append(Token(text[start:end], start, end, kind))
    return tokens


def _words(nfc: str, sentence: list[Unit]) -> list[Unit]:
    labels = _labels([place_tone(nfc[start:end]) for start, end, _ in sentence])
    words: list[Unit] = []
    for unit, label in zip(sentence, labels, strict=True):
        if label == _INSIDE and words:
            words[-1] = (words[-1][0], unit[1], _joined(words[-1][2], unit[2]))
        else:
            words.append(unit)
    return words


def _joined(left: Kind, right: Kind) -> Kind:
    return left if left is right else Kind.WORD
