"""The correction rules: small, named, in order.

Each rule reads a :class:`~vnjournal.correction.passage.Passage` and yields proposals. What none of
them touches: names (capitals inside a sentence), codes, numbers, addresses and abbreviations (units
of their own kind), loanwords in use, and accepted variants of spelling, which the lexicon knows as
one. The thresholds were set on the development documents of Viwiki-Spelling and on counted edits in
clean laws and news; ``benchmarks`` measures both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import log

from vnjournal.correction.candidates import neighbours
from vnjournal.correction.passage import Passage, Proposal, Unit, in_case_of
from vnjournal.language.lexicon import lexicon
from vnjournal.text.alphabet import parse_letters, parse_syllable, split_tone
from vnjournal.text.fold import form
from vnjournal.text.spans import Kind

_I_FOR_Y = str.maketrans("yýỳỷỹỵiíìỉĩị", "iíìỉĩịyýỳỷỹỵ")

Rule = Callable[[Passage], Iterator[Proposal]]

_SPACED_AFTER = frozenset(",;:.!?")
_COMMON = 1000  # a syllable this frequent is an everyday one
_KNOWN = 100  # a syllable this frequent is certainly one
_LONGEST_GLUED = 15
_MARGIN = log(3)  # by how much the best candidate must fit better than the next
_DOMINANCE = 30
_FEW = 0.3  # stands for the count of a pair that was never seen
_OFTEN = 3  # a strange token that a text repeats so often is one of its terms

# when a common word takes the place of a pair that is hardly used; natural logarithms of counts
_RARE_PAIR = 30
_SAFE_GAIN = 7.5
_WORD_MARGIN = 1.6


def space_after_punctuation(passage: Passage) -> Iterator[Proposal]:
    """``cơ sở,theo`` → ``cơ sở, theo``; ``chi bộ.Các`` → ``chi bộ. Các``."""
    units = passage.units
    for at in range(1, len(units) - 1):
        left, mark, right = units[at - 1 : at + 2]
        if (
            mark.text in _SPACED_AFTER
            and mark.end == right.start
            and left.end == mark.start
            and _ends_clause(left)
            and _is_common(right)
        ):
            capital = right.text[0].isupper()
            if mark.text == "." and not (capital and (left.is_word or left.kind is Kind.NUMBER)):
                continue  # abc.xyz may be an address or a name
            reason = f"no space after '{mark.text}' between two words"
            yield Proposal(mark.end, mark.end, " ", "space-after-punctuation", 0.98, reason)


def _ends_clause(unit: Unit) -> bool:
    if unit.is_word:
        return lexicon.syllables.get(unit.spelling, 0) >= _KNOWN and len(unit.text) > 1
    return unit.kind is Kind.NUMBER or unit.text in '"”’»)'


def _is_common(unit: Unit) -> bool:
    return (
        unit.is_word
        and lexicon.syllables.get(unit.spelling, 0) >= _COMMON
        and (len(unit.text) > 1 or unit.has_marks)
    )


def misplaced_tone(passage: Passage) -> Iterator[Proposal]:
    """``tòan`` → ``toàn``, ``qúy`` → ``quý``: neither style puts the mark there."""
    for unit in passage.units:
        if not unit.is_word or unit.number or parse_syllable(unit.text):
            continue
        split = split_tone(unit.text.lower())
        syllable = parse_letters(*split) if split else None
        if syllable is None or syllable.spell() not in lexicon.syllables:
            continue
        after = in_case_of(unit.text, syllable.spell())
        reason = f"the tone mark of '{after}' stands on another letter"
        confidence = 0.7 if unit.is_name else 0.98
        yield Proposal(unit.start, unit.end, after, "misplaced-tone", confidence, reason)


def glued_syllables(passage: Passage) -> Iterator[Proposal]:
    """``việctriển`` → ``việc triển``: two syllables that stand together elsewhere."""
    for at, unit in enumerate(passage.units):
        if not _is_strange(unit) or not 4 <= len(unit.text) <= _LONGEST_GLUED:
            continue
        before, after = passage.word_before(at), passage.word_after(at)
        scored = []
        for size in range(1, len(unit.text)):
            left, right = unit.spelling[:size], unit.spelling[size:]
            left, right = _respelt(left), _respelt(right)
            if not left or not right:
                continue
            together = lexicon.pair_count(left, right)
            evidence = log(together + _FEW)
            evidence += log(lexicon.pair_count(before, left) + _FEW) if before else 0
            evidence += log(lexicon.pair_count(right, after) + _FEW) if after else 0
            scored.append((evidence, together, size, left, right))
        if not scored:
            continue
        _, together, size, left, right = max(scored)
        if together < (10 if unit.has_marks else _COMMON):
            continue  # plain letters are mostly foreign words and names of sites
        sure = unit.has_marks and together >= (_COMMON if unit.is_name else 10)
        yield Proposal(
            unit.start + size,
            unit.start + size,
            " ",
            "glued-syllables",
            0.96 if sure else 0.6,
            f"'{left} {right}' is common, '{unit.text}' is no word",
        )


def _is_strange(unit: Unit) -> bool:
    """Whether a unit is written in letters that make no Vietnamese syllable and no loanword."""
    return (
        unit.is_word
        and not unit.number
        and unit.text.isalpha()
        and parse_syllable(unit.text) is None
        and unit.spelling not in lexicon.loanwords
    )


def _respelt(part: str) -> str:
    syllable = parse_syllable(part)
    spelt = syllable.spell() if syllable else ""
    return spelt if lexicon.syllables.get(spelt, 0) >= _KNOWN else ""


def impossible_syllable(passage: Passage) -> Iterator[Proposal]:
    """``nghiên cúu`` → ``nghiên cứu``: no such syllable, and one letter away is one that fits."""
    for at, unit in enumerate(passage.units):
        if not unit.is_word or unit.number or unit.spelling in lexicon.loanwords:
            continue
        if _is_variant(unit.spelling) or not unit.text.isalpha() or len(unit.text) < 2:
            continue
        before, after = passage.word_before(at), passage.word_after(at)
        scored = sorted(
            (
                _fit(before, candidate, after) + 0.3 * log(lexicon.syllables[candidate]),
                candidate,
            )
            for candidate in neighbours(unit.spelling)
        )
        if not scored:
            continue
        best, candidate = scored[-1]
        if len(scored) > 1 and best - scored[-2][0] < _MARGIN:
            continue
        partner = _partner(before, candidate, after)
        if not partner and not _dominates(candidate, [other for _, other in scored[:-1]]):
            continue
        sure = unit.has_marks and not unit.is_name and passage.occurrences[unit.spelling] < _OFTEN
        yield Proposal(
            unit.start,
            unit.end,
            in_case_of(unit.text, candidate),
            "impossible-syllable",
            0.93 if sure else 0.5,
            f"'{unit.text}' is no syllable; '{partner or candidate}' is common",
        )


def _is_variant(spelling: str) -> bool:
    """Whether the other spelling with i or y is attested: ``quị`` beside ``quỵ``."""
    swapped = spelling.translate(_I_FOR_Y)
    return swapped in lexicon.syllables and form(swapped) == form(spelling)


def _fit(before: str, candidate: str, after: str) -> float:
    fit = 0.0
    if before:
        fit += log(lexicon.pair_count(before, candidate) + _FEW)
    if after:
        fit += log(lexicon.pair_count(candidate, after) + _FEW)
    return fit


def _dominates(candidate: str, others: list[str]) -> bool:
    """Whether a candidate is so much more frequent than all others that it needs no neighbour."""
    count = lexicon.syllables[candidate]
    return count >= 10 * _COMMON and all(
        count >= _DOMINANCE * lexicon.syllables[other] for other in others
    )


def _partner(before: str, candidate: str, after: str) -> str:
    """The better attested pair that a candidate makes with a neighbour; empty if none is common."""
    pairs = []
    if before:
        pairs.append((lexicon.pair_count(before, candidate), f"{before} {candidate}"))
    if after:
        pairs.append((lexicon.pair_count(candidate, after), f"{candidate} {after}"))
    count, pair = max(pairs, default=(0.0, ""))
    return pair if count >= _KNOWN else ""


def wrong_word(passage: Passage) -> Iterator[Proposal]:
    """``Chương tình`` → ``Chương trình``: a pair hardly used, one letter from a common word.

    A statistical model will take this rule's place.
    """
    for at in passage.rare_pairs(_RARE_PAIR):
        left, right = passage.units[at : at + 2]
        if (
            passage.joined(at)
            and left.number
            and right.number
            and not _among_strangers(passage, at)
        ):
            found = [
                *_replacements(passage, at, changed=at + 1),
                *_replacements(passage, at, changed=at),
            ]
            if not found:
                continue
            found.sort(reverse=True)
            gain, changed, candidate, word = found[0]
            if len(found) > 1 and gain - found[1][0] < _WORD_MARGIN:
                continue
            unit = passage.units[changed]
            yield Proposal(
                unit.start,
                unit.end,
                in_case_of(unit.text, candidate),
                "wrong-word",
                0.9 if gain >= _SAFE_GAIN else 0.6,
                f"'{left.spelling} {right.spelling}' is hardly used; '{word}' is common",
            )


def _among_strangers(passage: Passage, at: int) -> bool:
    """Whether foreign words or names stand around, where rare pairs prove nothing."""
    around = passage.units[max(at - 1, 0) : at + 3]
    return any(unit.is_word and not unit.number for unit in around)


def _replacements(
    passage: Passage, at: int, *, changed: int
) -> Iterator[tuple[float, int, str, str]]:
    """Common words that the pair at ``at`` becomes when one of its syllables changes a letter.

    Yields the gain in log count, the changed unit's place, the new syllable and the word. The
    syllable that stays must not belong to the word on its other side, the one that changes must
    not make a word there, and must not fit worse there than it does now.
    """
    unit = passage.units[changed]
    other = passage.units[2 * at + 1 - changed]
    forward = changed > at
    if unit.is_name or (other.is_name and not forward):
        return  # a word may begin with a capital, but not hold one only in its second syllable
    beyond = passage.word_after(changed) if forward else passage.word_before(changed)
    behind = passage.word_before(at) if forward else passage.word_after(at + 1)
    if _is_word(unit.spelling, beyond, forward) or _is_word(other.spelling, behind, not forward):
        return
    written = log(passage.pair_counts[at] + _FEW)
    now = _pair(unit.spelling, beyond, forward) if beyond else 0.0
    for candidate in neighbours(unit.spelling):
        word = f"{other.spelling} {candidate}" if forward else f"{candidate} {other.spelling}"
        count = lexicon.words.get(word, 0)
        if count < _KNOWN:
            continue
        gain = log(count) - written
        if beyond:
            then = _pair(candidate, beyond, forward)
            if then < now:
                continue
            gain += 0.5 * log((then + _FEW) / (now + _FEW))
        yield gain, changed, candidate, word


def _pair(syllable: str, beyond: str, forward: bool) -> float:
    left, right = (syllable, beyond) if forward else (beyond, syllable)
    return lexicon.pair_count(left, right)


def _is_word(syllable: str, beyond: str, forward: bool) -> bool:
    word = f"{syllable} {beyond}" if forward else f"{beyond} {syllable}"
    return bool(beyond) and word in lexicon.words


#: The rules in the order of their precedence: where two speak of the same place, the first decides.
RULES: tuple[Rule, ...] = (
    space_after_punctuation,
    misplaced_tone,
    glued_syllables,
    impossible_syllable,
    wrong_word,
)
