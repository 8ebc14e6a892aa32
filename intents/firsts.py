r"""Which characters a pattern can begin with, so that it is tried only where it can match.

Trying some hundred patterns at every place of a long message costs milliseconds; most of them begin with one
of a few characters. Understands the part of the regular expression language that the rule files use.

>>> sorted(firsts("(?:救|快)?命|[ab]c"))
['a', 'b', '命', '快', '救']
>>> firsts(".命") is None
True
"""

import re

_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_GROUP = re.compile(r"\((?:\?:)?(?!\?)")
_QUANTIFIER = re.compile(r"[?*+]\??|\{(\d*)(?:,\d*)?\}\??")
_PLAIN_CLASS = re.compile(r"\[([^\\^\]-][^\\\]-]*)\]")
_NEEDS_NOTHING = ("\\b", "\\B")
_DIGITS = frozenset("0123456789")


def firsts(pattern: str) -> frozenset[str] | None:
    """The characters a match of `pattern` can begin with; None when it may be any, or the match may be empty."""
    found: set[str] = set()
    for alternative in _alternatives(pattern):
        characters = _of_sequence(alternative)
        if characters is None:
            return None
        found |= characters
    return frozenset(found)


def _of_sequence(sequence: str) -> set[str] | None:
    found: set[str] = set()
    while sequence:
        item, repeat, sequence = _split(sequence)
        if item in _NEEDS_NOTHING or _LOOK_AROUND.match(item):
            continue
        characters = _of_item(item)
        if characters is None:
            return None
        found |= characters
        if not _may_be_missing(repeat):
            return found
    return None


def _of_item(item: str) -> frozenset[str] | None:
    if item.startswith("("):
        return firsts(item[_GROUP.match(item).end() : -1])  # type: ignore[union-attr]  # every group is of this form
    if item.startswith("["):
        plain = _PLAIN_CLASS.fullmatch(item)
        return frozenset(plain[1]) if plain else None
    if item == "\\d":
        return _DIGITS
    if item.startswith("\\"):
        return None if item[1].isalnum() else frozenset(item[1])
    return None if item in ".^$" else frozenset(item)


def _may_be_missing(repeat: str) -> bool:
    return repeat.startswith(("?", "*", "{0", "{,"))


def _split(sequence: str) -> tuple[str, str, str]:
    """The first item of a sequence, how often it stands there, and the rest."""
    end = _end(sequence)
    quantifier = _QUANTIFIER.match(sequence, end)
    rest = quantifier.end() if quantifier else end
    return sequence[:end], sequence[end:rest], sequence[rest:]


def _end(text: str, start: int = 0) -> int:
    """Where the item that begins at `start` ends: a group, a class, an escape or a character."""
    if text[start] == "\\":
        return start + 2
    if text[start] == "[":
        return text.index("]", start + 2) + 1
    if text[start] != "(":
        return start + 1
    place = start + 1
    while text[place] != ")":
        place = _end(text, place)
    return place + 1


def _alternatives(pattern: str) -> list[str]:
    parts, start, place = [], 0, 0
    while place < len(pattern):
        if pattern[place] == "|":
            parts.append(pattern[start:place])
            start = place = place + 1
        else:
            place = _end(pattern, place)
    return [*parts, pattern[start:]]
