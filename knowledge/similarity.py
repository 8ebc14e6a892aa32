"""Questions that two entries both claim: retrieval could not tell them apart, nor could a reader."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz

from knowledge.entries import Entry
from knowledge.problems import Problem
from knowledge.rows import Row, RowKind
from knowledge.vectors import Matrix

SAME_LETTERS = 92  # rapidfuzz ratio, 0-100
SAME_MEANING = 0.985  # cosine; of questions alone: short variants of siblings come near each other honestly
# One sign of a short text weighs so much that "结婚" and "离婚" would count as alike.
SHORTEST_FOR_LETTERS = 8
GRAM = 4  # letters; no piece of a text of eight or more is shorter, see _pieces
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
    long.sort(key=lambda place: len(rows[place].matched))
    texts = [rows[place].matched for place in long]
    with_gram: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for gram in set(_grams(text)):
            with_gram[gram].append(number)
    for number, text in enumerate(texts):
        rarest = (min(_grams(piece), key=lambda gram: len(with_gram[gram])) for piece in _pieces(text))
        longer = {other for gram in rarest for other in with_gram[gram] if other > number}
        for other in longer:
            if score := fuzz.ratio(text, texts[other], score_cutoff=SAME_LETTERS):
                left, right = sorted((long[number], long[other]))
                yield score, left, right


def _pieces(text: str) -> Iterator[str]:
    """`text` cut so that whatever is alike and not shorter has at least one piece as it is.

    Texts alike by 92 % differ in at most 8 % of their letters together, and a letter lost or gained spoils one
    piece of one more than so many.
    """
    longest_other = len(text) * (200 - SAME_LETTERS) / SAME_LETTERS
    count = int((1 - SAME_LETTERS / 100) * (len(text) + longest_other)) + 1
    cuts = [len(text) * cut // count for cut in range(count + 1)]
    return (text[start:end] for start, end in pairwise(cuts))


def _grams(text: str) -> list[str]:
    return [text[start : start + GRAM] for start in range(len(text) - GRAM + 1)]


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
