"""Batches for contrastive training: each question with a text of its entry and near misses."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.rows import Row, encoded
from knowledge.vectors import Encoder
from training.errors import TrainingError

NEAREST = 8  # near misses kept for each question; a batch takes some of them at random
SAME_TEXT = 0.995  # cosine from which two entries say the same words, so neither is wrong

Nearest = Mapping[Row, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Questions and texts; text number i belongs with question i, the rest are misses."""

    questions: tuple[Row, ...]
    texts: tuple[Row, ...]

    def excused(self) -> NDArray[np.bool_]:
        """(questions, texts): True where a text shares the question's entry but is not the one asked for."""
        asked = np.array([row.entry for row in self.questions])
        found = np.array([row.entry for row in self.texts])
        same: NDArray[np.bool_] = asked[:, None] == found[None, :]
        np.fill_diagonal(same, val=False)
        return same


def nearest_misses(encoder: Encoder, rows: Sequence[Row]) -> dict[Row, tuple[Row, ...]]:
    """For each row that asks: the `NEAREST` most similar rows of other entries, nearest first."""
    vectors = encoded(rows, encoder)
    entries = np.array([row.entry for row in rows])
    nearest = {}
    for row, vector in zip(rows, vectors, strict=True):
        if not row.kind.is_answer:
            scores = vectors @ vector
            scores[(entries == row.entry) | (scores > SAME_TEXT)] = -1
            best = np.argsort(-scores, kind="stable")[:NEAREST]
            nearest[row] = tuple(rows[number] for number in best)
    return nearest


def draw(rows: Sequence[Row], nearest: Nearest, *, size: int, misses: int, seed: int) -> Iterator[Batch]:
    """Endless batches of `size` different entries with `misses` near misses a question.

    Every entry comes once before any comes again. Raises TrainingError if there are too few.
    """
    by_entry = _by_entry(rows)
    if size > len(by_entry):
        raise TrainingError(f"--batch {size}: only {len(by_entry)} entries have two texts; take fewer")
    chance = random.Random(seed)
    waiting: list[int] = []
    while True:
        if len(waiting) < size:
            fresh = sorted(set(by_entry) - set(waiting))
            waiting = chance.sample(fresh, len(fresh)) + waiting
        chosen, waiting = waiting[-size:], waiting[:-size]
        yield _batch([by_entry[entry] for entry in chosen], nearest, misses=misses, chance=chance)


def _by_entry(rows: Sequence[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.entry, []).append(row)
    return {entry: texts for entry, texts in grouped.items() if len(texts) > 1}


def _batch(
    entries: Sequence[Sequence[Row]], nearest: Nearest, *, misses: int, chance: random.Random
) -> Batch:
    questions = [chance.choice([row for row in texts if not row.kind.is_answer]) for texts in entries]
    right = [
        chance.choice([row for row in texts if row != question])
        for texts, question in zip(entries, questions, strict=True)
    ]
    near = [row for question in questions for row in chance.sample(nearest[question], misses)]
    return Batch(questions=tuple(questions), texts=(*right, *near))
