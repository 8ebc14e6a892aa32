"""Questions that two entries both claim: retrieval could not tell them apart, nor could a reader."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.entries import Entry
from knowledge.problems import Problem
from knowledge.rows import Row, RowKind
from knowledge.vectors import Matrix

SAME_LETTERS = 92  # rapidfuzz ratio, 0-100
SAME_MEANING = 0.985  # cosine; of questions alone: short variants of siblings come near each other honestly
# One sign of a short text weighs so much that "结婚" and "离婚" would count as alike.
SHORTEST_FOR_LETTERS = 8
BLOCK = 512  # rows compared at once: a few MB

Pair = tuple[float, int, int]  # (how alike in percent, place of a row, place of another)


def near_duplicates(
    entries: Sequence[Entry], rows: Sequence[Row], vectors: Matrix | None = None
) -> list[Problem]:
    """One finding for each two entries that share a question or a variant, with their closest pair.

    Compared are questions and variants of entries whose dates overlap, as they are matched and by letters; and
    by meaning the questions, if `vectors` (one for each row) are given.
    """
    asked = [place for place, row in enumerate(rows) if not row.kind.is_answer]
    pairs = [*_equal(rows, asked), *_by_letters(rows, asked)]
    if vectors is not None:
        questions = [place for place in asked if rows[place].kind is RowKind.QUESTION]
        pairs += _by_meaning(rows, questions, vectors)
    return [_problem(entries, rows, pair) for pair in _closest(entries, rows, pairs)]


def _equal(rows: Sequence[Row], asked: Iterable[int]) -> Iterator[Pair]:
    first: dict[str, int] = {}
    for place in asked:
        other = first.setdefault(rows[place].matched, place)
        if rows[other].entry != rows[place].entry:
            yield 100.0, other, place


def _by_letters(rows: Sequence[Row], asked: Sequence[int]) -> Iterator[Pair]:
    long = [place for place in asked if len(rows[place].matched) >= SHORTEST_FOR_LETTERS]
    texts = [rows[place].matched for place in long]
    for start in range(0, len(texts), BLOCK):
        scores = process.cdist(
            texts[start : start + BLOCK], texts, scorer=fuzz.ratio, score_cutoff=SAME_LETTERS, dtype=np.uint8
        )
        for left, right in np.argwhere(scores):
            if left + start < right:
                yield float(scores[left, right]), long[left + start], long[right]


def _by_meaning(rows: Sequence[Row], asked: Sequence[int], vectors: Matrix) -> Iterator[Pair]:
    chosen = vectors[list(asked)]
    for start in range(0, len(asked), BLOCK):
        scores = chosen[start : start + BLOCK] @ chosen.T
        for left, right in np.argwhere(scores >= SAME_MEANING):
            if left + start < right:
                yield float(scores[left, right]) * 100, asked[left + start], asked[right]


def _closest(entries: Sequence[Entry], rows: Sequence[Row], pairs: Iterable[Pair]) -> list[Pair]:
    by_entries: dict[tuple[int, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        left, right = sorted((rows[pair[1]].entry, rows[pair[2]].entry))
        if left != right and entries[left].overlaps(entries[right]):
            by_entries[left, right].append(pair)
    return [max(found) for _, found in sorted(by_entries.items())]


def _problem(entries: Sequence[Entry], rows: Sequence[Row], pair: Pair) -> Problem:
    percent, left, right = pair
    mine, other = sorted((rows[left], rows[right]), key=lambda row: row.entry, reverse=True)
    entry, rival = entries[mine.entry], entries[other.entry]
    return Problem(
        file=entry.file,
        id=entry.id,
        key="question" if mine.kind is RowKind.QUESTION else "variants",
        message=f"{mine.text!r} is {percent:.0f} % like {other.text!r} of {rival.id} ({rival.file})",
        fix="reword or drop one, or join the entries",
    )
