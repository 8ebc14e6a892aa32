r"""How the matches of a pattern can begin, so that it is tried only where it can match.

Trying some hundred patterns at every place of a long message costs milliseconds; most of them can begin in a few
ways only. Understands the part of the regular expression language that the rule files use.

>>> sorted(openings("(?:救|快来)?命.|[ab]c"))
['ac', 'bc', '命', '快来', '救命']
>>> openings(".命") is None
True
"""

import re
from functools import lru_cache
from itertools import product

LONGEST = 2  # characters; longer openings are rarer still, but there would be far more of them
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_GROUP = re.compile(r"\((?:\?:)?(?!\?)")
_QUANTIFIER = re.compile(r"[?*+]\??|\{(\d*)(?:,\d*)?\}\??")
_PLAIN_CLASS = re.compile(r"\[([^\\^\]-][^\\\]-]*)\]")
_NEEDS_NOTHING = ("\\b", "^")
_REMEMBERED = 2048  # parts of patterns: the same ones come again while a file is read, and never after it
_DIGITS = "0123456789"

_Heads = frozenset[tuple[str, bool]]  # how a part can begin, and whether the part is then over
_END: _Heads = frozenset({("", True)})
_ANY: _Heads = frozenset({("", False)})


def openings(pattern: str) -> frozenset[str] | None:
    """Strings of one or two characters, with one of which every match begins; None when it may begin in any way."""
    heads = {head for head, _ in _heads(pattern)}
    return None if "" in heads else frozenset(heads)


def alternatives(pattern: str) -> list[str]:
    """The parts of `pattern` between its outermost bars.

    >>> alternatives("a(?:b|c)|d")
    ['a(?:b|c)', 'd']
    """
    parts, start, place = [], 0, 0
    while place < len(pattern):
        if pattern[place] == "|":
            parts.append(pattern[start:place])
            start = place = place + 1
        else:
            place = _end(pattern, place)
    return [*parts, pattern[start:]]


@lru_cache(maxsize=_REMEMBERED)
def _heads(pattern: str) -> _Heads:
    return frozenset(head for alternative in alternatives(pattern) for head in _of_sequence(alternative))


@lru_cache(maxsize=_REMEMBERED)
def _of_sequence(sequence: str) -> _Heads:
    if not sequence:
        return _END
    item, repeat, rest = _split(sequence)
    if item in _NEEDS_NOTHING or _LOOK_AROUND.match(item):
        return _of_sequence(rest)
    found = _followed(_of_item(item), rest, once=repeat in ("", "?"))
    return found | _of_sequence(rest) if repeat.startswith(("?", "*", "{0", "{,")) else found


def _followed(heads: _Heads, rest: str, *, once: bool) -> _Heads:
    """The heads of an item that `rest` follows; an item that may repeat may be followed by itself."""
    if all(len(head) >= LONGEST for head, _ in heads):
        return frozenset((head[:LONGEST], False) for head, _ in heads)
    after = _of_sequence(rest) if once else _ANY
    return frozenset(
        ((head + next_head)[:LONGEST], next_over) if over else (head, False)
        for (head, over), (next_head, next_over) in product(heads, after)
    )


def _of_item(item: str) -> _Heads:
    if item.startswith("("):
        return _heads(item[_GROUP.match(item).end() : -1])  # type: ignore[union-attr]  # every group is of this form
    if item.startswith("["):
        plain = _PLAIN_CLASS.fullmatch(item)
        return frozenset((character, True) for character in plain[1]) if plain else _ANY
    if item == "\\d":
        return frozenset((digit, True) for digit in _DIGITS)
    if item.startswith("\\"):
        return _ANY if item[1].isalnum() else frozenset({(item[1], True)})
    return _ANY if item in ".$" else frozenset({(item, True)})


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
