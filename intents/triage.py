"""How far a person is in trouble: deterministic rules over the text, first of all, with no model and no network.

Two questions, answered apart: is a life in danger (`Crisis`), and how far has a fraud gone (`Stage`). Rules are
`danger.yaml`; the order of precedence is the order of the enums.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from intents.normalize import normalize

RULES = Path(__file__).parent / "danger.yaml"


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
    """What the rules found. `evidence` are the words that fired, as normalised."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Fires when every pattern of `all_of` is found and none of `none_of`."""

    name: str
    all_of: tuple[re.Pattern[str], ...]
    none_of: tuple[re.Pattern[str], ...]

    def evidence(self, text: str) -> tuple[str, ...] | None:
        """The words that fired, or None."""
        found = tuple(pattern.search(text) for pattern in self.all_of)
        if not all(found) or any(pattern.search(text) for pattern in self.none_of):
            return None
        return tuple(match.group() for match in found if match)


def triage(text: str) -> Triage:
    """What `text` says about danger. Pure; a few microseconds a rule."""
    plain = normalize(text)
    crises, stages = _rules()
    crisis = _first(crises, plain)
    stage = _first(stages, plain)
    return Triage(
        crisis=Crisis(crisis[0]) if crisis else None,
        stage=Stage(stage[0]) if stage else None,
        evidence=(crisis[1] if crisis else ()) + (stage[1] if stage else ()),
    )


def _first(rules: tuple[tuple[str, tuple[Rule, ...]], ...], text: str) -> tuple[str, tuple[str, ...]] | None:
    for label, group in rules:
        for rule in group:
            evidence = rule.evidence(text)
            if evidence is not None:
                return label, evidence
    return None


_Rules = tuple[tuple[str, tuple[Rule, ...]], ...]


@cache
def _rules() -> tuple[_Rules, _Rules]:
    raw = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    words: dict[str, str] = {name: "|".join(terms) for name, terms in raw["words"].items()}
    return (
        tuple((crisis.value, _group(raw["crisis"].get(crisis.value, []), words)) for crisis in Crisis),
        tuple((stage.value, _group(raw["stage"].get(stage.value, []), words)) for stage in Stage),
    )


def _group(rules: list[dict[str, Any]], words: dict[str, str]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            name=rule["name"],
            all_of=tuple(_pattern(pattern, words) for pattern in rule["all"]),
            none_of=tuple(_pattern(pattern, words) for pattern in rule.get("none", [])),
        )
        for rule in rules
    )


def _pattern(pattern: str, words: dict[str, str]) -> re.Pattern[str]:
    """A rule's pattern with every `<name>` replaced by that list of words."""
    return re.compile(re.sub(r"<(\w+)>", lambda match: f"(?:{words[match[1]]})", pattern))
