"""Rules over words: which of them fires on a text, and on what. Knows nothing of danger; see `triage.py` for that.

A rule names signs that must be found, or must not be. A sign is one or more lists of words; a list may say what
takes a word back (“没” before “转了”). Files are read as `danger.yaml` and `danger_words.yaml` explain them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from intents.openings import alternatives, openings
from knowledge.yaml_files import shipped

CUT = "◇"  # stands where words were cut, so that what stood around them does not run together
DENIAL_REACH = 18  # characters before or after words in which a denial of them is looked for
_FIELDS = {"name", "ground", "all", "any", "none"}
_NAMES = re.compile(r"<\w+>(?:\|<\w+>)*")


@dataclass(frozen=True, slots=True, eq=False)  # compared and hashed by identity, like the signs made of them
class Words:
    """A pattern; a match does not count when `before` ends right before it or `after` starts right after it."""

    pattern: str
    openings: frozenset[str] | None  # how a match can begin; None: in any way
    before: str = ""
    after: str = ""

    def first(self, said: "Said") -> str | None:
        """The first words that count, or None."""
        if self.openings is None:
            return self._anywhere(said.text)
        places = said.places.get(self)
        if not places:
            return None
        pattern = compiled(self.pattern)
        for place in places:
            match = pattern.match(said.text, place)
            if match and not self._denied(match):
                return match.group()
        return None

    def _anywhere(self, text: str) -> str | None:
        pattern = compiled(self.pattern)
        match = pattern.search(text)
        while match and self._denied(match):
            match = pattern.search(text, match.start() + 1)
        return match.group() if match else None

    def _denied(self, match: re.Match[str]) -> bool:
        start, end = match.span()
        if self.before and compiled(self.before).search(match.string[max(0, start - DENIAL_REACH) : start]):
            return True
        return bool(self.after and compiled(self.after).match(match.string[end : end + DENIAL_REACH]))


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """Any of some words."""

    either: tuple[Words, ...]

    def first(self, said: "Said") -> str | None:
        """The first words that count, or None."""
        for words in self.either:
            found = words.first(said)
            if found is not None:
                return found
        return None


class Said:
    """One text as rules read it; every sign is looked for once."""

    def __init__(self, text: str, beginners: Mapping[str, tuple[Words, ...]]) -> None:
        self.text = text
        self.places = _places(text, beginners)
        self._found: dict[Sign, str | None] = {}

    def words(self, sign: Sign) -> str | None:
        """What the text says of `sign`, or None."""
        if sign not in self._found:
            self._found[sign] = sign.first(self)
        return self._found[sign]


def _places(text: str, beginners: Mapping[str, tuple[Words, ...]]) -> Mapping[Words, list[int]]:
    """Where each of the words may begin, in order."""
    places: defaultdict[Words, list[int]] = defaultdict(list)
    nobody: tuple[Words, ...] = ()
    for place, character in enumerate(text):
        for words in beginners.get(character, nobody):
            places[words].append(place)
        for words in beginners.get(text[place : place + 2], nobody):
            places[words].append(place)
    return places


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Fires when every sign of `all_of` is there, one of `any_of` unless it is empty, and none of `none_of`."""

    label: str
    name: str
    all_of: tuple[Sign, ...]
    any_of: tuple[Sign, ...] = ()
    none_of: tuple[Sign, ...] = ()

    def evidence(self, said: Said) -> tuple[str, ...] | None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of two files, by section, in the order of the files; and how a text is made ready for them."""

    rules: Mapping[str, tuple[Rule, ...]]
    meant: Mapping[str, str]  # a wrong spelling or a dialect word, and what is meant
    misspelt: re.Pattern[str]
    between: re.Pattern[str]  # signs put between characters to hide a word
    polite: re.Pattern[str]  # what is said before and after the matter
    cut: re.Pattern[str]
    beginners: Mapping[str, tuple[Words, ...]]  # the words that can begin so

    def read(self, text: str) -> Said:
        """Normalised `text` without disguise, in the usual spelling, and without what tells nothing."""
        text = self.between.sub("", text)
        text = self.misspelt.sub(lambda match: self.meant[match.group()], self.polite.sub("", text))
        return Said(self.cut.sub(CUT, text), self.beginners)

    def first(self, section: str, said: Said) -> tuple[str, tuple[str, ...]] | None:
        """The label of the first rule that fires, and the words it fired on."""
        for rule in self.rules[section]:
            evidence = rule.evidence(said)
            if evidence is not None:
                return rule.label, evidence
        return None


def load(rules: Path, words: Path, *, sections: Mapping[str, Iterable[str]]) -> Rulebook:
    """The rulebook of two files. `sections` names the labels of each section, worst first."""
    judged = shipped(rules)
    language = shipped(words)
    signs = _Signs(lists=language["words"], denials=language["denials"])
    sectioned = {
        section: tuple(signs.rule(label, rule) for label in labels for rule in judged[section][label])
        for section, labels in sections.items()
    }
    meant = {wrong: right for right, spellings in language["spelling"].items() for wrong in spellings}
    return Rulebook(
        rules=sectioned,
        meant=meant,
        misspelt=compiled("|".join(sorted(map(re.escape, meant), key=len, reverse=True))),
        between=compiled(language["between"]),
        polite=compiled(language["polite"]),
        cut=compiled(signs.expanded("|".join(language["cut"]))),
        beginners=signs.beginners(),
    )


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a text first needs it: most of the hundreds of patterns wait long for theirs."""
    return re.compile(pattern, re.ASCII)  # so that a word of English ends where Chinese begins


class _Signs:
    """Turns the patterns of the files into signs; the same pattern is the same sign everywhere."""

    def __init__(
        self, *, lists: Mapping[str, list[str]], denials: Mapping[str, Mapping[str, list[str]]]
    ) -> None:
        self._lists = lists
        self._denials = denials
        self._known: dict[str, Sign] = {}

    def rule(self, label: str, raw: Mapping[str, Any]) -> Rule:
        unknown = raw.keys() - _FIELDS
        if unknown:
            raise ValueError(f"{label}: {raw.get('name')}: unknown {', '.join(sorted(unknown))}")
        return Rule(
            label=label,
            name=raw["name"],
            all_of=tuple(self._sign(pattern) for pattern in raw["all"]),
            any_of=self._either(raw.get("any", [])),
            none_of=self._either(raw.get("none", [])),
        )

    def beginners(self) -> dict[str, tuple[Words, ...]]:
        """The words of all signs by how they can begin."""
        found: dict[str, tuple[Words, ...]] = {}
        for words in (words for sign in self._known.values() for words in sign.either):
            for opening in words.openings or ():
                found[opening] = (*found.get(opening, ()), words)
        return found

    def expanded(self, pattern: str) -> str:
        """`pattern` with every `<name>` replaced by that list of words."""
        return re.sub(r"<(\w+)>", lambda match: f"(?:{self._joined(match[1])})", pattern)

    def _joined(self, name: str) -> str:
        return self.expanded("|".join(self._lists[name]))

    def _either(self, patterns: list[str]) -> tuple[Sign, ...]:
        """The lists each by itself, so that they are looked for once in a text; all other lines as one sign."""
        lists = [pattern for pattern in patterns if _NAMES.fullmatch(pattern)]
        others = [pattern for pattern in patterns if pattern not in lists]
        return tuple(self._sign(pattern) for pattern in (*lists, *(["|".join(others)] if others else [])))

    def _sign(self, pattern: str) -> Sign:
        if pattern not in self._known:
            names = pattern.split("|") if _NAMES.fullmatch(pattern) else []
            parts = [self._listed(name.strip("<>")) for name in names] or [self._words(pattern)]
            self._known[pattern] = Sign(tuple(words for part in parts for words in part))
        return self._known[pattern]

    def _listed(self, name: str) -> tuple[Words, ...]:
        denial = self._denials.get(name, {})
        before, after = ("|".join(denial.get(side, ())) for side in ("before", "after"))
        return self._words(
            "|".join(self._lists[name]),
            before=f"(?:{self.expanded(before)})$" if before else "",
            after=self.expanded(after),
        )

    def _words(self, pattern: str, before: str = "", after: str = "") -> tuple[Words, ...]:
        """One for what begins in known ways, one for the rest: the first is looked for much faster."""
        groups: dict[bool, list[str]] = {}
        for alternative in alternatives(self.expanded(pattern)):
            groups.setdefault(openings(alternative) is None, []).append(alternative)
        return tuple(
            Words(joined, openings(joined), before, after)
            for joined in ("|".join(group) for group in groups.values())
        )
