"""What is found about a record: the verdict, the steps that led to it, the days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Verdict(StrEnum):
    """What can be done now."""

    NOW = "now"
    WAIT = "wait"
    FIX_FIRST = "fix_first"
    ENDED = "ended"  # it should no longer be shown
    NOT_REPAIRABLE = "not_repairable"
    OTHER_WAY = "other_way"  # an objection or an appeal, no repair
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step of the derivation: a key of `words.yaml` and what fills it."""

    key: str
    values: Mapping[str, date | int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The finding. `earliest` is set for NOW and WAIT, `ends_on` where the record ends by itself."""

    verdict: Verdict
    lines: tuple[Line, ...] = ()
    reasons: tuple[str, ...] = ()  # keys of `words.yaml` without `reason_`
    earliest: date | None = None
    ends_on: date | None = None


Answers = Mapping[str, str]
