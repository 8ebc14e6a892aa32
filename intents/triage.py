"""How far a person is in trouble: deterministic rules over the text, first of all, with no model and no network.

Two questions, answered apart: is a life in danger (`Crisis`), and how far has a fraud gone (`Stage`). Rules are
`danger.yaml`; the order of precedence is the order of the enums, and inside a label the order of the file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from intents.firsts import firsts
from intents.normalize import normalize

RULES = Path(__file__).parent / "danger.yaml"
CUT = "◇"  # stands where words were cut, so that what stood around them does not run together
DENIAL_REACH = 18  # characters before or after a word in which a denial of it is looked for


class Crisis(StrEnum):
    """A danger to life or limb, now."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    FIRE = "fire"
    GAS = "gas"
    MEDICAL = "medical"
    ACCIDENT = "accident"
    TRAPPED = "trapped"
    MISSING = "missing"


class Stage(StrEnum):
    """How far a fraud has gone, worst first."""

    TRANSFERRED = "transferred"
    ABOUT_TO_TRANSFER = "about_to_transfer"
    SCREEN_SHARED = "screen_shared"
    DISCLOSED = "disclosed"
    ACCOMPLICE = "accomplice"
    CONTACTED = "contacted"


class Risk(StrEnum):
    """What the public contract says of a message."""

    NONE = "none"
    SUSPECTED = "suspected"
    IN_PROGRESS = "in_progress"


_RISK = {
    Stage.TRANSFERRED: Risk.IN_PROGRESS,
    Stage.ABOUT_TO_TRANSFER: Risk.IN_PROGRESS,
    Stage.SCREEN_SHARED: Risk.IN_PROGRESS,
    Stage.DISCLOSED: Risk.IN_PROGRESS,
    Stage.ACCOMPLICE: Risk.SUSPECTED,
    Stage.CONTACTED: Risk.SUSPECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What the rules found. `evidence` are the words that fired, as the rules read them."""

    crisis: Crisis | None = None
    stage: Stage | None = None
    evidence: tuple[str, ...] = ()

    @property
    def risk(self) -> Risk:
        """The fraud risk; NONE means no sign was found, never that all is well."""
        return _RISK[self.stage] if self.stage else Risk.NONE

    @property
    def urgent(self) -> bool:
        """A life is in danger, or money is moving or can be moved by others now."""
        return self.crisis is not None or self.risk is Risk.IN_PROGRESS


def triage(text: str) -> Triage:
    """What `text` says about danger. Pure; well under half a millisecond for a long message."""
    book = _book()
    said = _Said(book.read(normalize(text)))
    crisis = next(book.fired(Crisis, said), None)
    stage = next(book.fired(Stage, said), None)
    return Triage(
        crisis=Crisis(crisis[0].label) if crisis else None,
        stage=Stage(stage[0].label) if stage else None,
        evidence=(crisis[1] if crisis else ()) + (stage[1] if stage else ()),
    )


# --- reading -----------------------------------------------------------------------------------------------


class _Said:
    """One message as the rules read it; every sign is looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[str, list[int]] = {}
        for place, character in enumerate(text):
            self._places.setdefault(character, []).append(place)
        self._found: dict[Sign, str | None] = {}

    def words(self, sign: "Sign") -> str | None:
        """What the message says of `sign`, or None."""
        if sign not in self._found:
            self._found[sign] = sign.first(self)
        return self._found[sign]

    def places(self, characters: frozenset[str]) -> list[int]:
        """Where one of `characters` stands, in order."""
        return sorted(place for character in characters & self._places.keys() for place in self._places[character])


@dataclass(frozen=True, slots=True)
class Words:
    """A pattern; a match does not count when `before` ends right before it or `after` starts right after it."""

    pattern: re.Pattern[str]
    firsts: frozenset[str] | None  # what a match can begin with; None: anything
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None

    def first(self, said: _Said) -> str | None:
        """The first words that count, or None."""
        matches = (
            self._everywhere(said.text)
            if self.firsts is None
            else (self.pattern.match(said.text, place) for place in said.places(self.firsts))
        )
        return next((match.group() for match in matches if match and not self._denied(match)), None)

    def _everywhere(self, text: str) -> Iterator[re.Match[str]]:
        match = self.pattern.search(text)
        while match:
            yield match
            match = self.pattern.search(text, match.start() + 1)

    def _denied(self, match: re.Match[str]) -> bool:
        start, end = match.span()
        if self.before and self.before.search(match.string[max(0, start - DENIAL_REACH) : start]):
            return True
        return bool(self.after and self.after.match(match.string[end : end + DENIAL_REACH]))


@dataclass(frozen=True, slots=True, eq=False)  # a sign is itself: compared and hashed by identity
class Sign:
    """Any of some words."""

    either: tuple[Words, ...]

    def first(self, said: _Said) -> str | None:
        """The first words that count, or None."""
        return next((found for words in self.either if (found := words.first(said)) is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Fires when every sign of `all_of` is there, one of `any_of` unless it is empty, and none of `none_of`."""

    label: str
    name: str
    all_of: tuple[Sign, ...]
    any_of: tuple[Sign, ...] = ()
    none_of: tuple[Sign, ...] = ()

    def evidence(self, said: _Said) -> tuple[str, ...] | None:
        """The words that fired, or None."""
        words = []
        for sign in self.all_of:
            found = said.words(sign)
            if found is None:
                return None
            words.append(found)
        if self.any_of:
            found = next((found for sign in self.any_of if (found := said.words(sign)) is not None), None)
            if found is None:
                return None
            words.append(found)
        return None if any(said.words(sign) is not None for sign in self.none_of) else tuple(words)


# --- the file ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """`danger.yaml`, compiled."""

    meant: Mapping[str, str]  # a wrong spelling or a dialect word, and what is meant
    misspelt: re.Pattern[str]
    between: re.Pattern[str]  # signs put between characters to hide a word
    cut: re.Pattern[str]
    rules: Mapping[type[StrEnum], tuple[Rule, ...]]

    def read(self, text: str) -> str:
        """`text` without disguise, with the usual spellings, and without what says nothing of the person."""
        text = self.between.sub("", text)
        text = self.misspelt.sub(lambda match: self.meant[match.group()], text)
        return self.cut.sub(CUT, text)

    def fired(self, kind: type[StrEnum], said: _Said) -> Iterator[tuple[Rule, tuple[str, ...]]]:
        """The rules of `kind` that fire, worst first, with their words."""
        for rule in self.rules[kind]:
            evidence = rule.evidence(said)
            if evidence is not None:
                yield rule, evidence


@cache
def _book() -> _Book:
    raw = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    signs = _Signs(lists=raw["words"], denials=raw["denials"])
    meant = {wrong: right for right, spellings in raw["spelling"].items() for wrong in spellings}
    return _Book(
        meant=meant,
        misspelt=re.compile("|".join(sorted(map(re.escape, meant), key=len, reverse=True))),
        between=re.compile(raw["between"]),
        cut=re.compile("|".join(signs.expanded(pattern) for pattern in raw["cut"])),
        rules={
            kind: tuple(
                signs.rule(label.value, rule) for label in kind for rule in raw[kind.__name__.lower()][label.value]
            )
            for kind in (Crisis, Stage)
        },
    )


class _Signs:
    """Turns the patterns of the file into signs; the same pattern is the same sign everywhere."""

    def __init__(self, *, lists: Mapping[str, list[str]], denials: Mapping[str, Mapping[str, str]]) -> None:
        self._lists = lists
        self._denials = denials
        self._known: dict[str, Sign] = {}

    def rule(self, label: str, raw: Mapping[str, Any]) -> Rule:
        unknown = raw.keys() - {"name", "ground", "all", "any", "none"}
        if unknown:
            raise ValueError(f"danger.yaml: {label}: {raw.get('name')}: unknown {', '.join(sorted(unknown))}")
        return Rule(
            label=label,
            name=raw["name"],
            all_of=tuple(self._sign(pattern) for pattern in raw["all"]),
            any_of=tuple(self._sign(pattern) for pattern in raw.get("any", ())),
            none_of=tuple(self._sign(pattern) for pattern in raw.get("none", ())),
        )

    def expanded(self, pattern: str) -> str:
        """`pattern` with every `<name>` replaced by that list of words."""
        return re.sub(r"<(\w+)>", lambda match: f"(?:{self._any_of(match[1])})", pattern)

    def _any_of(self, name: str) -> str:
        return "|".join(self.expanded(word) for word in self._lists[name])

    def _sign(self, pattern: str) -> Sign:
        """A pattern that is a `<name>`, or several joined by `|`, is denied as `denials` says; any other is not."""
        if pattern not in self._known:
            names = re.fullmatch(r"<\w+>(?:\|<\w+>)*", pattern)
            parts = pattern.split("|") if names else [pattern]
            self._known[pattern] = Sign(tuple(self._words(part) for part in parts))
        return self._known[pattern]

    def _words(self, pattern: str) -> Words:
        denial = self._denials.get(pattern.strip("<>"), {})
        before, after = denial.get("before"), denial.get("after")
        expanded = self.expanded(pattern)
        return Words(
            pattern=re.compile(expanded),
            firsts=firsts(expanded),
            before=re.compile(f"(?:{self.expanded(before)})$") if before else None,
            after=re.compile(self.expanded(after)) if after else None,
        )
