"""Chooses which pieces of the source vocabulary a Chinese/English help desk keeps.

Kept: every Chinese piece, digits, punctuation, symbols and emoji, single letters of the Latin and
kana alphabets, and the ASCII pieces that spell the most frequent English words. Added: characters
that the source lacks but whose traditional or simplified twin it has; they borrow the twin's row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from training.e5_binary import Pieces

METASPACE = "▁"
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
ENGLISH_WORDS = 100_000  # most frequent first; 32,476 pieces spell them, plain and capitalised
ALWAYS_KEPT_LETTERS = 2  # ASCII pieces this short spell abbreviations
_SINGLE_SCRIPTS = ("LATIN", "HIRAGANA", "KATAKANA")
_GB2312_LEADS = range(0xB0, 0xF8)
_BIG5_LEADS = range(0xA4, 0xC7)  # level 1, the common traditional characters

Split = Callable[[str], Sequence[int]]
Twin = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The kept pieces in id order: text, log-probability and the source row each takes."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.texts)


def choose(pieces: Pieces, *, english: Iterable[int], twins: Sequence[Twin]) -> Vocabulary:
    """The kept part of `pieces`; `english` are the ids that English words need."""
    wanted = frozenset(english)
    kept = [
        (text, pieces.scores[number], number)
        for number, text in enumerate(pieces.texts)
        if is_kept(text, spells_english=number in wanted)
    ]
    kept += _borrowed(pieces, twins=twins)
    texts, scores, rows = zip(*kept, strict=True)
    return Vocabulary(texts=texts, scores=scores, rows=rows)


def is_kept(piece: str, *, spells_english: bool) -> bool:
    """Whether a Chinese/English service has a use for `piece`.

    >>> is_kept("▁劳动", spells_english=False), is_kept("▁Straße", spells_english=False)
    (True, False)
    """
    body = piece.removeprefix(METASPACE)
    if piece in SPECIALS or not body:
        return True
    if not all(_is_ours(char) or char.isascii() for char in body):
        return len(body) == 1 and _script(body) in _SINGLE_SCRIPTS
    if body.isascii() and any(char.isalpha() for char in body):
        return spells_english or len(body) <= ALWAYS_KEPT_LETTERS
    return True


def english_ids(words: Iterable[str], split: Split) -> Iterator[int]:
    """Ids of the pieces that spell `words`, lower-case and capitalised."""
    for word in words:
        yield from split(word)
        yield from split(word.capitalize())


def common_characters() -> Iterator[str]:
    """Every Chinese character of GB2312 and of the common half of Big5, without repeats."""
    seen: set[str] = set()
    for codec, leads in (("gb2312", _GB2312_LEADS), ("big5", _BIG5_LEADS)):
        for char in _plane(codec, leads):
            if char not in seen and _script(char) == "CJK":
                seen.add(char)
                yield char


def _borrowed(pieces: Pieces, *, twins: Sequence[Twin]) -> Iterator[tuple[str, float, int]]:
    numbers = {text: number for number, text in enumerate(pieces.texts)}
    for char in common_characters():
        forms = (twin(char) for twin in twins)
        source = next((numbers[form] for form in forms if form in numbers), None)
        if char not in numbers and source is not None:
            yield char, pieces.scores[source], source


def _plane(codec: str, leads: range) -> Iterator[str]:
    for lead in leads:
        for trail in range(0x40, 0xFF):
            try:
                yield bytes((lead, trail)).decode(codec)
            except UnicodeDecodeError:
                continue  # a hole in the code table


def _is_ours(char: str) -> bool:
    return _script(char) == "CJK" or unicodedata.category(char)[0] in "PS"


def _script(char: str) -> str:
    """First word of the character's Unicode name: CJK, LATIN, HIRAGANA…; empty if unnamed."""
    return unicodedata.name(char, "").partition(" ")[0]
