"""A text as the fraud rules read it, with the way back to what was really written.

`read` unifies width, case and script and drops what cannot be seen; `disguise.py` then undoes the tricks with words.
"""

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

import opencc

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LONGEST = 2400  # characters that are read; of a longer text the beginning and the end
_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")  # letters that show nothing
_BIDI = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")  # change the order in which others are shown
_FANCY = (
    (0x1D400, 0x1D7FF),
    (0x1F110, 0x1F189),
    (0x24B6, 0x24E9),
)  # mathematical, squared and circled letters
_SQUARED = {chr(first + at): chr(97 + at) for first in (0x1F150, 0x1F170) for at in range(26)}
_TWINS = str.maketrans("авеіјкмнорстухѕԁɡανορτχκ", "abeijkmhopctyxsdgavoptxk")
_PARTS = str.maketrans("⻅⻋⻓⻔⻚⻛⻜⻢⻥⻦⻨⻩⻬⻮⻰", "见车长门页风飞马鱼鸟麦黄齐齿龙")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trick:
    """A disguise found: its kind and the place in the original, `start` up to but without `end`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`text` is what the rules see; `origin[i]` is the place in `original` its character i came from."""

    original: str
    text: str
    origin: tuple[int, ...]
    tricks: tuple[Trick, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original the characters `start` to `end` of the text stand; never empty."""
        return self.origin[start], self.origin[end - 1] + 1

    def quote(self, start: int, end: int) -> str:
        """What the person's text really says there, with disguise and all."""
        first, last = self.span(start, end)
        return self.original[first:last]

    def changed(self, start: int, end: int, meant: str, kind: str | None = None) -> "Reading":
        """This reading with `meant` in the place of some characters, noted as a trick of `kind`."""
        place = self.origin[start]
        last = self.origin[end - 1]
        origin = tuple(min(place + at, last) if at < len(meant) - 1 else last for at in range(len(meant)))
        tricks = self.tricks if kind is None else (*self.tricks, Trick(kind=kind, start=place, end=last + 1))
        return replace(
            self,
            text=self.text[:start] + meant + self.text[end:],
            origin=self.origin[:start] + origin + self.origin[end:],
            tricks=tricks,
        )


def read(text: str) -> Reading:
    """`text` in one width, case and script, without what cannot be seen, blanks made one.

    >>> reading = read("加我Ｖ\\u200b信：轉賬")
    >>> reading.text, reading.quote(6, 8)
    ('加我v信:转账', '轉賬')
    """
    characters: list[str] = []
    origin: list[int] = []
    tricks: list[Trick] = []
    for place in _places(text):
        shown = _shown(text[place])
        if not shown and _is_hiding(text, place):
            kind = "reversed" if text[place] in _BIDI else "invisible"
            tricks.append(Trick(kind=kind, start=place, end=place + 1))
        if shown and _is_fancy(text[place]):
            tricks.append(Trick(kind="look_alike", start=place, end=place + 1))
        for character in shown:
            if character == " " and characters and characters[-1] in " \n":
                continue
            characters.append(character)
            origin.append(place)
    read_text = _simplified("".join(characters))
    if len(read_text) != len(origin):  # a phrase of another length: character by character instead
        read_text = "".join(_simplified(character)[:1] or character for character in characters)
    return Reading(original=text, text=read_text, origin=tuple(origin), tricks=tuple(tricks))


def _places(text: str) -> list[int]:
    if len(text) <= LONGEST:
        return list(range(len(text)))
    half = LONGEST // 2
    return [*range(half), *range(len(text) - half, len(text))]


def _shown(character: str) -> str:
    """What one character shows: "" for nothing."""
    if " " < character < "\x7f":
        return character.lower()
    if character in "\r\n\u2028\u2029":
        return "\n"
    if character.isspace():
        return " "
    if "一" <= character <= "鿿":
        return character
    if character in _SQUARED:
        return _SQUARED[character]
    unified = unicodedata.normalize("NFKC", character).casefold()
    unified = unicodedata.normalize("NFKC", unified)
    return "".join(_seen(part) for part in unified)


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn") or character in _FILLERS:
        return ""
    if character.isspace():
        return " "
    if category in ("Nd", "No"):
        digit = unicodedata.digit(character, None)
        return character if digit is None else str(digit)
    return character.translate(_PARTS)


def _is_hiding(text: str, place: int) -> bool:
    """Whether a sign nobody sees stands inside a word; between emoji it is how they are made."""
    if text[place].isspace() or (unicodedata.category(text[place]) == "Mn" and text[place] >= "\ufe00"):
        return False
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return before.isalnum() and (after.isalnum() or unicodedata.category(after or " ") == "Cf")


def _is_fancy(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _FANCY)


def latin_twins(word: str) -> str:
    """`word` with Cyrillic and Greek letters that look like Latin ones replaced by them."""
    return word.translate(_TWINS)


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplified(text: str) -> str:
    return str(_converter().convert(text))
