"""What a text shows: signs of fraud with their place, and signs of honesty. The rules are `signals.yaml`.

Trying every pattern at every place would cost milliseconds, so each is tried only where it can begin
(`intents.openings`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from intents.openings import alternatives, openings
from knowledge.yaml_files import shipped

RULES = Path(__file__).parent / "signals.yaml"
_FIELDS = {"code", "any", "with", "unless", "decides", "types", "ground", "why"}
_NAME = re.compile(r"<(\w+)>")
_OPEN = re.compile(r"\((?!\?)")  # a group that would be numbered: the files write (?:…) throughout


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A red flag: its code, why it is one in both languages, what that rests on, the types it speaks for.

    `decides`: an official rule with both its halves, enough by itself to raise suspicion.
    """

    code: str
    why: Mapping[str, str]
    ground: str
    types: tuple[str, ...] = ()
    decides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A signal and the place of the words that gave it away, in the text that was read."""

    signal: Signal
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Alternatives that can begin in known ways, and the rest that is searched for anywhere."""

    parts: tuple[tuple[frozenset[str] | None, str], ...]

    def first(self, text: "_Indexed") -> tuple[int, int] | None:
        """Where the first match stands."""
        return min(self._matches(text), default=None)

    def _matches(self, text: "_Indexed") -> Iterator[tuple[int, int]]:
        for heads, pattern in self.parts:
            if heads is None:
                match = _compiled(pattern).search(text.text)
                if match and match.end() > match.start():
                    yield match.span()
                continue
            for place in text.places(heads):
                match = _compiled(pattern).match(text.text, place)
                if match and match.end() > match.start():
                    yield match.span()
                    break


class _Indexed:
    """A text with the places where each character and each pair of characters stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, character in enumerate(text):
            self._places[character].append(place)
            self._places[text[place : place + 2]].append(place)

    def places(self, heads: frozenset[str]) -> list[int]:
        """Where one of `heads` stands, in order."""
        known = self._places.keys() & heads
        return sorted({place for head in known for place in self._places[head]})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    signal: Signal
    words: _Pattern
    beside: tuple[_Pattern, ...]
    unless: _Pattern | None

    def found(self, text: _Indexed) -> Found | None:
        place = self.words.first(text)
        if place is None or any(pattern.first(text) is None for pattern in self.beside):
            return None
        if self.unless is not None and self.unless.first(text) is not None:
            return None
        return Found(signal=self.signal, start=place[0], end=place[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    rules: tuple[_Rule, ...]
    calm: Mapping[str, _Pattern]


def look(text: str) -> tuple[tuple[Found, ...], frozenset[str]]:
    """The signs of fraud in `text` (as `disguise.unmask` gives it), and the codes of the signs of honesty."""
    book, indexed = _book(), _Indexed(text)
    found = tuple(found for rule in book.rules if (found := rule.found(indexed)) is not None)
    calm = frozenset(code for code, pattern in book.calm.items() if pattern.first(indexed) is not None)
    return found, calm


def known() -> tuple[Signal, ...]:
    """Every signal of the file, in its order."""
    return tuple(rule.signal for rule in _book().rules)


def calm_codes() -> tuple[str, ...]:
    """The codes of the signs of honesty, in the order of the file."""
    return tuple(_book().calm)


@cache
def _book() -> _Book:
    raw = shipped(RULES)
    words = raw["words"]
    return _Book(
        rules=tuple(_rule(rule, words, raw["grounds"]) for rule in raw["signals"]),
        calm={code: _pattern(pattern, words) for code, pattern in raw["calm"].items()},
    )


def _rule(raw: Mapping[str, Any], words: Mapping[str, str], grounds: Mapping[str, str]) -> _Rule:
    if unknown := raw.keys() - _FIELDS:
        raise ValueError(f"signals.yaml: {raw['code']}: unknown {', '.join(sorted(unknown))}")
    unless = raw.get("unless")
    return _Rule(
        signal=Signal(
            code=raw["code"],
            why=raw["why"],
            ground=grounds[raw["ground"]],
            types=tuple(raw["types"]),
            decides=raw.get("decides", False),
        ),
        words=_pattern("|".join(raw["any"]), words),
        beside=tuple(_pattern(pattern, words) for pattern in raw.get("with", ())),
        unless=_pattern("|".join(unless), words) if unless else None,
    )


def _pattern(pattern: str, words: Mapping[str, str]) -> _Pattern:
    while _NAME.search(pattern):
        pattern = _NAME.sub(lambda match: f"(?:{words[match[1]]})", pattern)
    if _OPEN.search(pattern.replace("\\(", "")):
        raise ValueError(f"signals.yaml: write (?:…) instead of (…) in {pattern[:60]}")
    groups: dict[bool, list[str]] = {}
    for alternative in alternatives(pattern):
        groups.setdefault(openings(alternative) is None, []).append(alternative)
    return _Pattern(tuple((openings(joined), joined) for joined in map("|".join, groups.values())))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a text first needs it, which for most is long after the start."""
    return re.compile(pattern, re.ASCII | re.MULTILINE)
