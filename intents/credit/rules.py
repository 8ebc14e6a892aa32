"""Reads `rules.yaml`, the 21 kinds of records, and `words.yaml`, how a finding is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from intents.forms.model import Text
from intents.forms.steps import Ground
from knowledge.yaml_files import Shape, parse, read_yaml

FOLDER = Path(__file__).parent


class RuleKind(StrEnum):
    """How the day is found."""

    LEVELS = "levels"  # by the three levels of the national rules
    MARKET = "market"  # as LEVELS, with the older rules of the market regulators before
    CORRECTION = "correction"  # at once when corrected
    SERIOUS = "serious"  # not before the least publicity; the rest is for a person
    COURT = "court"
    KEPT = "kept"  # cannot be repaired: kept for a time after it was paid
    OBJECTION = "objection"
    ONE_OFF = "one_off"
    PUBLISHED = "published"  # ends by itself; earlier is for a person
    TERM = "term"  # early after a time from the correction, else at the end of the listing
    RULING = "ruling"
    SANCTION = "sanction"
    APPEAL = "appeal"  # another way than repair
    PERSON = "person"


class _Source(Shape):
    law: str | None = None
    article: str | None = None
    document: str | None = None


class _Words(Shape):
    zh: str
    en: str


class _Record(Shape):
    code: str
    id: str
    entry: str
    who: _Words
    rule: RuleKind
    sources: tuple[_Source, ...]
    in_force: date | None = None
    old_from: date | None = None
    old_months: int = 0
    old_food_months: int = 0
    least_months: int = 0
    months: int = 0
    days: int = 0
    workdays: int = 0
    paid_until: date | None = None
    early_until: date | None = None
    early_shown: date | None = None
    reason: str | None = None


class _File(Shape):
    reviewed_on: date
    documents: dict[str, str]
    levels: dict[str, tuple[int, int]]
    records: tuple[_Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of record. The numbers are months unless they say otherwise; see `rules.yaml`."""

    code: str
    id: str
    entry: str
    who: Text
    kind: RuleKind
    sources: tuple[Ground, ...]
    in_force: date | None
    old_from: date | None
    old_months: int
    old_food_months: int
    old_title: str
    least_months: int
    months: int
    days: int
    workdays: int
    paid_until: date | None
    early_until: date | None
    early_shown: date | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """All kinds of records by id, the months of each level (least, most), and the words."""

    rules: Mapping[str, Rule]
    levels: Mapping[str, tuple[int, int]]
    words: Mapping[str, Text]


@cache
def rulebook(folder: Path = FOLDER) -> RuleBook:
    """The shipped rules. Raises ContentError for a broken file."""
    file = parse(
        _File,
        read_yaml(folder / "rules.yaml", name="credit/rules.yaml"),
        file="credit/rules.yaml",
        key="rules",
    )
    raw = read_yaml(folder / "words.yaml", name="credit/words.yaml")
    assert isinstance(raw, dict), "words.yaml is a list of keys"
    words = {
        str(key): parse(_Words, value, file="credit/words.yaml", key=str(key)) for key, value in raw.items()
    }
    return RuleBook(
        rules={record.id: _rule(record, file) for record in file.records},
        levels=file.levels,
        words={key: Text(zh=value.zh, en=value.en) for key, value in words.items()},
    )


def _rule(record: _Record, file: _File) -> Rule:
    own = ("who", "sources", "rule")
    return Rule(
        who=Text(zh=record.who.zh, en=record.who.en),
        kind=record.rule,
        sources=tuple(_ground(source, file) for source in record.sources),
        old_title=file.documents["market_2021"],
        **{name: getattr(record, name) for name in type(record).model_fields if name not in own},
    )


def _ground(source: _Source, file: _File) -> Ground:
    title = file.documents[source.document] if source.document else source.law or ""
    return Ground(title=title, article=source.article, reviewed_on=file.reviewed_on)
