"""What fine-tuning learns from: the rows of the product's index, so training sees what search sees."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from knowledge.rows import Row, RowKind, rows_of
from knowledge.schema import read_entries
from training.errors import TrainingError


def read(content: Path) -> tuple[Row, ...]:
    """The rows of every entry below `content` that can be read; the others are the content check's task.

    Raises TrainingError if there are none.
    """
    entries, _ = read_entries(content)
    if not entries:
        raise TrainingError(f"{content}: no entries; pass the folder that holds faq/ with --content")
    return rows_of(entries)


def hold_out(rows: Sequence[Row], *, per_entry: int, seed: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """`rows` without, and only, `per_entry` random Chinese variants of each entry that can spare them."""
    chance = random.Random(seed)
    variants: dict[int, list[Row]] = {}
    for row in rows:
        if row.kind is RowKind.VARIANT:
            variants.setdefault(row.entry, []).append(row)
    held = {
        row
        for texts in variants.values()
        if len(texts) > per_entry
        for row in chance.sample(texts, per_entry)
    }
    return tuple(row for row in rows if row not in held), tuple(row for row in rows if row in held)
