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


class Words(NamedTuple):
    """What the words of a question tell, without its meaning."""

    lexical: Values  # (entries,) BM25 over the question's own: about 1.0 where all its words are
    likelihood: Values  # (entries,)
    candidates: frozenset[int]  # entries that come into question for their words
    fuzzy: Values  # (entries,) as in the evidence for `candidates`, else nan
    inside: float
    known: float  # share of its words that occur anywhere


def words_of(opened: Opened, matched: Sequence[str], *, visible: NDArray[np.bool_]) -> Words:
    """The evidence that needs no vector; the arguments as for `gather`."""
    by_words = np.maximum.reduce([opened.lexical.scores(part) for part in matched])
    likelihood = opened.likelihood.scores(matched[0])
    candidates = _named(opened, by_words, likelihood, visible, exact=opened.exact.get(matched[0]))
    lexical, fuzzy = np.zeros(len(opened.entries)), np.full(len(opened.entries), np.nan)
    np.maximum.at(lexical, opened.document_entries, by_words)
    places = np.array(sorted(candidates), dtype=np.int64)
    fuzzy[places] = _fuzzy(opened, matched[0], places)
    return Words(
        lexical=lexical,
        likelihood=likelihood,
        candidates=candidates,
        fuzzy=fuzzy,
        inside=_inside(opened, matched[0]),
        known=opened.lexical.known(matched[0]),
    )


def gather(
    opened: Opened, queries: Matrix, matched: Sequence[str], words: Words, *, visible: NDArray[np.bool_]
) -> Evidence:
    """The evidence for every entry worth weighing; of several parts of a question, that of the best part.

    Args:
        queries: a vector for each part of the question, the whole first, (parts, dim).
        matched: the parts, normalised, the whole first; none empty.
        words: what `words_of` says of them.
        visible: for each entry whether it may be found, (entries,).
    """
    candidates = np.array(sorted(words.candidates | _near(opened, queries, visible)), dtype=np.int64)
    near = _nearness(opened, queries, candidates)
    fuzzy = words.fuzzy[candidates]
    is_new = np.isnan(fuzzy)
    fuzzy[is_new] = _fuzzy(opened, matched[0], candidates[is_new])
    return Evidence(
        entries=candidates,
        rows=near.row,
        dense=near.best,
        support=near.support,
        answer=near.answer,
        lexical=words.lexical[candidates],
        likelihood=words.likelihood[candidates],
        fuzzy=fuzzy,
        coverage=_coverage(opened, matched[0], near.row),
        foreign=_foreign(opened, candidates, matched[0]),
        inside=words.inside,
        known=words.known,
        elsewhere=_elsewhere(opened, queries),
        length=len(matched[0]),
    )


def _elsewhere(opened: Opened, queries: Matrix) -> float:
    """Cosine of the whole question to the nearest one that belongs elsewhere; 0.0 where none is known."""
    return float(opened.elsewhere.search(queries[:1], 1)[0][0, 0]) if opened.elsewhere.size else 0.0


class _Near(NamedTuple):
    """How near each candidate is, by cosine, (candidates,)."""

    row: Places  # the nearest of what people ask
    best: Values  # of that row
    support: Values  # mean of the best three
    answer: Values  # of the nearest answer


def _named(
    opened: Opened, by_words: Scores, likelihood: Values, visible: NDArray[np.bool_], *, exact: int | None
) -> frozenset[int]:
    """The best entries by their words, and the one with this very row."""
    best = np.argsort(-by_words, kind="stable")[: 2 * CANDIDATES]
    chosen = {
        *_first(opened.document_entries[best[by_words[best] > 0.0]], visible),
        *_first(np.argsort(-likelihood, kind="stable")[: 2 * CANDIDATES], visible),
    }
    if exact is not None and visible[opened.entry_of[exact]]:
        chosen.add(int(opened.entry_of[exact]))
    return frozenset(chosen)


def _near(opened: Opened, queries: Matrix, visible: NDArray[np.bool_]) -> frozenset[int]:
    """The best entries by meaning."""
    asked = opened.asked_rows[_nearest(opened.asked, queries, NEAREST_ASKED)]
    said = opened.said_rows[_nearest(opened.said, queries, NEAREST_SAID)]
    return frozenset((*_first(opened.entry_of[asked], visible), *_first(opened.entry_of[said], visible)))


def _first(entries: Places, visible: NDArray[np.bool_]) -> list[int]:
    """The first different ones that may be found."""
    return list(dict.fromkeys(entries[visible[entries]].tolist()))[:CANDIDATES]


def _nearest(index: Index, queries: Matrix, k: int) -> Places:
    """Places in `index` near to any of `queries`, the nearest first; one may come twice."""
    scores, places = index.search(queries, k)
    nearest: Places = places.ravel()[np.argsort(-scores.ravel(), kind="stable")]
    return nearest


def _nearness(opened: Opened, queries: Matrix, candidates: Places) -> _Near:
    asked = _Spans.of(opened.asked_starts, candidates)
    grid = asked.grid(opened.asked.among(queries, asked.places))
    best = -np.partition(-grid, SUPPORTING_ROWS - 1, axis=1)[:, :SUPPORTING_ROWS]
    said = _Spans.of(opened.said_starts, candidates)
    return _Near(
        row=opened.asked_rows[asked.starts + grid.argmax(axis=1)],
        best=best[:, 0],
        support=_mean(best),
        answer=said.grid(opened.said.among(queries, said.places)).max(axis=1),
    )


def _mean(best: Values) -> Values:
    """Of each row, leaving out what is -inf."""
    is_there = best > -np.inf
    mean: Values = np.where(is_there, best, 0.0).sum(axis=1) / is_there.sum(axis=1)
    return mean


class _Spans(NamedTuple):
    """The places of each candidate in an index."""

    starts: Places  # (candidates,)
    is_place: NDArray[np.bool_]  # (candidates, widest)
    places: Places  # all of them

    @classmethod
    def of(cls, starts: Places, candidates: Places) -> "_Spans":
        """From where the places of each entry start."""
        first, after = starts[candidates], starts[candidates + 1]
        offsets = np.arange(max(SUPPORTING_ROWS, (after - first).max(initial=0)))
        all_places = first[:, None] + offsets
        is_place = all_places < after[:, None]
        return cls(first, is_place, all_places[is_place])

    def grid(self, scores: Scores) -> Values:
        """The scores of all places, a row for each candidate; -inf where it has no more."""
        grid = np.full(self.is_place.shape, -np.inf)
        grid[self.is_place] = scores
        return grid


def _fuzzy(opened: Opened, matched: str, candidates: Places) -> Values:
    """Likeness by letters of what is asked of each candidate, 0-1; a keyword may stand anywhere in it."""
    starts, ends = opened.asked_starts[candidates], opened.asked_starts[candidates + 1]
    texts: list[str] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        texts += opened.asked_texts[start:end]
    if not texts:
        return np.empty(0)
    scores = process.cdist([matched], texts, scorer=fuzz.ratio, dtype=np.float32)[0]
    if len(matched) <= KEYWORD:
        inside = process.cdist([matched], texts, scorer=fuzz.partial_ratio, dtype=np.float32)[0]
        scores = np.maximum(scores, INSIDE * inside)
    offsets = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])
    best: Values = np.maximum.reduceat(scores, offsets).astype(np.float64) / 100.0
    return best


def _coverage(opened: Opened, asked: str, rows: Places) -> Values:
    """Share of the different characters of `asked` that each row has."""
    characters = set(asked)
    return np.array([len(characters.intersection(opened.matched[row])) for row in rows]) / len(characters)


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
    count, place = 0, opened.running.find(matched)
    while place >= 0 and count < MANY_WORDINGS:
        count += 1
        place = opened.running.find(matched, opened.running.find("\n", place))
    return math.log1p(count) / math.log1p(MANY_WORDINGS)
