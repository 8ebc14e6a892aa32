"""The texts of the knowledge base, as rows that belong to an entry: what fine-tuning learns from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from training.errors import TrainingError

_ANSWER_PARTS = ("lead", "steps", "where", "bring", "time", "cost", "note", "human")


class Kind(StrEnum):
    """What a row is in its entry."""

    QUESTION = "question"
    VARIANT = "variant"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One text of one entry; Chinese and English rows of an entry belong together."""

    entry: str
    kind: Kind
    text: str

    @property
    def asks(self) -> bool:
        """Whether a person could type it."""
        return self.kind is not Kind.ANSWER


def read(content: Path) -> tuple[Row, ...]:
    """Every row below `content`, by file and order. Raises TrainingError on an unusable entry."""
    rows = tuple(row for path in sorted(content.rglob("*.yaml")) for row in _rows_of(path))
    if not rows:
        raise TrainingError(f"{content}: no entries; pass the folder that holds faq/ with --content")
    return rows


def hold_out(rows: Sequence[Row], *, per_entry: int, seed: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """`rows` without, and only, `per_entry` random variants of each entry that can spare them."""
    chance = random.Random(seed)
    variants: dict[str, list[Row]] = {}
    for row in rows:
        if row.kind is Kind.VARIANT:
            variants.setdefault(row.entry, []).append(row)
    held = {
        row
        for entry in sorted(variants)
        if len(variants[entry]) > per_entry
        for row in chance.sample(variants[entry], per_entry)
    }
    return tuple(row for row in rows if row not in held), tuple(row for row in rows if row in held)


def _rows_of(path: Path) -> Iterator[Row]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from error
    entries = document.get("entries") if isinstance(document, dict) else None
    for entry in entries or []:
        try:
            yield from _rows_of_entry(entry)
        except (KeyError, TypeError, AttributeError) as error:
            name = entry.get("id", "?") if isinstance(entry, dict) else "?"
            raise TrainingError(
                f"{path}: {name}: cannot use the entry ({error!r}); run the content check"
            ) from error


def _rows_of_entry(entry: dict[str, Any]) -> Iterator[Row]:
    yield from _rows_in(entry["id"], asks=entry, answer=entry["answer"])
    if english := entry.get("en"):
        yield from _rows_in(entry["id"], asks=english, answer=english)


def _rows_in(entry: str, *, asks: dict[str, Any], answer: dict[str, Any]) -> Iterator[Row]:
    """Rows of one language; English keeps its answer beside its question, not below `answer`."""
    if question := asks.get("question"):
        yield Row(entry=entry, kind=Kind.QUESTION, text=str(question))
    for variant in asks.get("variants") or []:
        yield Row(entry=entry, kind=Kind.VARIANT, text=str(variant))
    yield Row(entry=entry, kind=Kind.ANSWER, text=_answer_text(answer))


def _answer_text(answer: dict[str, Any]) -> str:
    parts: list[str] = []
    for name in _ANSWER_PARTS:
        value = answer.get(name)
        parts += [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []
    return "\n".join(parts)
