"""Which entries come into question, and what speaks for each: the measuring half of a search."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge.confidence import Evidence
from knowledge.fusion import Values
from knowledge.index import Index
from knowledge.lexical import terms
from knowledge.opened import Opened, Places
from knowledge.postings import Scores
from knowledge.vectors import Matrix
from knowledge.wording import is_english

CANDIDATES = 12  # entries from each of four sides; with them 98 % of held-out questions have the right one
NEAREST_ASKED = 256  # rows from the index: more than 12 entries, though near entries have many near rows
NEAREST_SAID = 32
SUPPORTING_ROWS = 3
KEYWORD = 8  # characters; a shorter question is looked for inside the rows
MANY_WORDINGS = 50  # that a word stands in: no more of them would tell more
INSIDE = 0.9  # what being inside a row counts, against being the row


def gather(
    opened: Opened, queries: Matrix, matched: Sequence[str], *, visible: NDArray[np.bool_]
) -> Evidence:
    """The evidence for every entry worth weighing; of several parts of a question, that of the best part.

    Args:
        queries: a vector for each part of the question, the whole first, (parts, dim).
        matched: the parts, normalised, the whole first; none empty.
        visible: for each entry whether it may be found, (entries,).
    """
    by_words = _by_words(opened, matched)
    likelihood = opened.likelihood.scores(matched[0])
    candidates = _candidates(
        opened, queries, by_words, likelihood, visible, exact=opened.exact.get(matched[0])
    )
    spans = [(int(opened.starts[entry]), int(opened.starts[entry + 1])) for entry in candidates]
    near = _nearness(opened, queries, candidates)
    lexical = np.zeros(len(opened.entries))
    np.maximum.at(lexical, opened.document_entries, by_words)
    return Evidence(
        entries=candidates,
        rows=np.array([each.row for each in near], dtype=np.int64),
        dense=np.array([each.best for each in near]),
        support=np.array([each.support for each in near]),
        answer=np.array([each.answer for each in near]),
        lexical=lexical[candidates],
        likelihood=likelihood[candidates],
        fuzzy=_fuzzy(opened, matched[0], spans),
        coverage=np.array([_coverage(matched[0], opened.matched[each.row]) for each in near]),
        foreign=_foreign(opened, candidates, matched[0]),
        inside=_inside(opened, matched[0]),
        known=_known(opened, matched[0]),
        elsewhere=_elsewhere(opened, queries),
        length=len(matched[0]),
    )


def _elsewhere(opened: Opened, queries: Matrix) -> float:
    """Cosine of the whole question to the nearest one that belongs elsewhere; 0.0 where none is known."""
    return float((opened.elsewhere @ queries[0]).max()) if len(opened.elsewhere) else 0.0


class _Near(NamedTuple):
    """How near one entry is, by cosine."""

    row: int  # the nearest of what people ask
    best: float  # of that row
    support: float  # mean of the best three
    answer: float


def _candidates(
    opened: Opened,
    queries: Matrix,
    by_words: Scores,
    likelihood: Values,
    visible: NDArray[np.bool_],
    *,
    exact: int | None,
) -> Places:
    best = np.argsort(-by_words, kind="stable")[: 2 * CANDIDATES]
    sides = (
        opened.entry_of[opened.asked_rows[_nearest(opened.asked, queries, NEAREST_ASKED)]],
        opened.entry_of[opened.said_rows[_nearest(opened.said, queries, NEAREST_SAID)]],
        opened.document_entries[best[by_words[best] > 0.0]],
        np.argsort(-likelihood, kind="stable")[: 2 * CANDIDATES],
    )
    chosen: set[int] = set()
    for entries in sides:
        different = dict.fromkeys(entries[visible[entries]].tolist())
        chosen.update(list(different)[:CANDIDATES])
    if exact is not None and visible[opened.entry_of[exact]]:
        chosen.add(int(opened.entry_of[exact]))
    return np.array(sorted(chosen), dtype=np.int64)


def _nearest(index: Index, queries: Matrix, k: int) -> Places:
    """Places in `index` near to any of `queries`, the nearest first; one may come twice."""
    scores, places = index.search(queries, k)
    nearest: Places = places.ravel()[np.argsort(-scores.ravel(), kind="stable")]
    return nearest


def _by_words(opened: Opened, matched: Sequence[str]) -> Scores:
    """BM25 of every document over the question's own, (documents,): about 1.0 where all its words are."""
    index = opened.lexical
    best = np.zeros(index.size, dtype=np.float32)
    for part in matched:
        if (own := index.self_score(part)) > 0.0:
            np.maximum(best, index.scores(part) / np.float32(own), out=best)
    return best


def _nearness(opened: Opened, queries: Matrix, candidates: Places) -> list[_Near]:
    if not len(candidates):
        return []
    starts, ends = opened.starts[candidates], opened.starts[candidates + 1]
    rows = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
    cosines = (opened.vectors[rows] @ queries.T).max(axis=1).tolist()
    answers = (opened.answers[candidates] - starts).tolist()
    found, offset = [], 0
    # Plain Python: an entry has a dozen rows, for which each numpy call would cost more than the sum.
    for start, size, answer in zip(starts.tolist(), (ends - starts).tolist(), answers, strict=True):
        found.append(_near(start, cosines[offset : offset + size], answer))
        offset += size
    return found


def _near(start: int, cosines: list[float], answer: int) -> _Near:
    """From the cosines of an entry's rows, of which the first is row `start`; see `Opened.answers`."""
    asked = sorted(cosines[:answer] + cosines[answer + 1 : -1])
    return _Near(
        row=start + cosines.index(asked[-1]),
        best=asked[-1],
        support=sum(asked[-SUPPORTING_ROWS:]) / len(asked[-SUPPORTING_ROWS:]),
        answer=max(cosines[answer], cosines[-1]),
    )


def _fuzzy(opened: Opened, matched: str, spans: Sequence[tuple[int, int]]) -> Values:
    """Likeness by letters of the best row of each span, 0-1; a keyword may stand anywhere in a row."""
    texts = [text for start, end in spans for text in opened.matched[start:end]]
    if not texts:
        return np.empty(0)
    scores = process.cdist([matched], texts, scorer=fuzz.ratio, dtype=np.float32)[0]
    if len(matched) <= KEYWORD:
        inside = process.cdist([matched], texts, scorer=fuzz.partial_ratio, dtype=np.float32)[0]
        scores = np.maximum(scores, INSIDE * inside)
    starts = np.concatenate([[0], np.cumsum([end - start for start, end in spans])[:-1]]).astype(np.int64)
    best: Values = np.maximum.reduceat(scores, starts).astype(np.float64) / 100.0
    return best


def _coverage(asked: str, row: str) -> float:
    characters = set(asked)
    return len(characters & set(row)) / len(characters)


def _foreign(opened: Opened, candidates: Places, matched: str) -> Values:
    if not is_english(matched):
        return np.zeros(len(candidates))
    # What follows the Chinese answer is English.
    foreign: Values = (opened.answers[candidates] + 1 == opened.starts[candidates + 1]).astype(np.float64)
    return foreign


def _inside(opened: Opened, matched: str) -> float:
    """A bare “工资” is in hundreds of wordings, so it is about our subjects, though near to none of them."""
    if len(matched) > KEYWORD:
        return 0.0
    count = sum(matched in text for text in opened.matched)
    return min(math.log1p(count) / math.log1p(MANY_WORDINGS), 1.0)


def _known(opened: Opened, matched: str) -> float:
    words = set(terms(matched))
    return sum(map(opened.lexical.knows, words)) / max(len(words), 1)
