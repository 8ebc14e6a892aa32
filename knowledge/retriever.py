"""From a person's words to the entries that may answer them: dense, lexical and by letters, fused."""

import hashlib
from collections import OrderedDict
from datetime import date
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge.confidence import Evidence, ranked
from knowledge.fusion import Fusion, Values, load_fusion
from knowledge.hits import Hit, Thresholds
from knowledge.lexical import terms
from knowledge.opened import Opened, open_build
from knowledge.textnorm import normalized, plain
from knowledge.vectors import Encoder
from knowledge.windows import windows

__all__ = ["Hit", "Retriever"]

NEAREST_ROWS = 384  # rows taken from the index: some thirty entries with all their variants
CANDIDATES = 12  # entries taken from either side
SUPPORTING_ROWS = 3
# An answer mentions many things beside its subject; measured on development questions.
ANSWER_PENALTY = 0.02
KEYWORD = 8  # characters; a shorter question is looked for inside the rows
REMEMBERED = 4096  # searches

Floats = NDArray[np.float32]


class Retriever:
    """Searches one build. Safe to call from many threads.

    Args:
        opened: the build.
        encoder: the one it was made with.
        fusion: the coefficients; a set fitted for another encoder works, but is less sure of itself.
    """

    def __init__(self, opened: Opened, *, encoder: Encoder, fusion: Fusion) -> None:
        self._opened = opened
        self._encoder = encoder
        self._fusion = fusion
        self._visible: dict[date, NDArray[np.bool_]] = {}
        self._remembered: OrderedDict[tuple[bytes, date, int], tuple[Hit, ...]] = OrderedDict()
        self._lock = Lock()  # over the two memories

    @classmethod
    def open(cls, build: Path, encoder: Encoder, *, fusion: Fusion | None = None) -> "Retriever":
        """The retriever of a build folder, with the shipped coefficients unless given. Raises BuildError."""
        return cls(open_build(build, encoder), encoder=encoder, fusion=fusion or load_fusion())

    @property
    def opened(self) -> Opened:
        """The build that is searched."""
        return self._opened

    @property
    def thresholds(self) -> Thresholds:
        """From which confidence on to answer, and to ask back."""
        return self._fusion.thresholds

    def search(self, text: str, *, today: date, limit: int = 5) -> tuple[Hit, ...]:
        """The entries that may answer `text` and may be shown `today`, best first, at most `limit`.

        Empty when `text` has no word. Confidence never rises from one hit to the next.
        """
        # A digest, so that nobody's words stay in memory after they are answered.
        key = (hashlib.blake2b(text.encode("utf-8", "replace")).digest(), today, limit)
        with self._lock:
            if (hits := self._remembered.get(key)) is not None:
                self._remembered.move_to_end(key)
                return hits
        hits = self._search(text, today=today, limit=limit)
        with self._lock:
            self._remembered[key] = hits
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return hits

    def evidence(self, text: str, *, today: date) -> Evidence | None:
        """What speaks for each candidate entry; None when `text` has no word. For calibration."""
        text = plain(text)
        matched = normalized(text)
        if not matched:
            return None
        parts = windows(text)
        dense = self._dense(parts)
        lexical = self._lexical([normalized(part) for part in parts])
        candidates = self._candidates(dense, lexical, self._visible_on(today))
        return self._evidence(matched, candidates, dense=dense, lexical=lexical)

    def _search(self, text: str, *, today: date, limit: int) -> tuple[Hit, ...]:
        evidence = self.evidence(text, today=today)
        if evidence is None:
            return ()
        result = ranked(evidence, self._fusion)
        return tuple(
            self._hit(evidence, place, confidence)
            for place, confidence in zip(result.order[:limit], result.confidence[:limit], strict=True)
        )

    def _hit(self, evidence: Evidence, place: int, confidence: float) -> Hit:
        return Hit(
            entry=self._opened.entries[evidence.entries[place]],
            confidence=float(confidence),
            dense=float(evidence.dense[place]),
            lexical=float(evidence.lexical[place]),
            fuzzy=float(evidence.fuzzy[place]),
            row_text=self._opened.texts[evidence.rows[place]],
        )

    def _dense(self, parts: tuple[str, ...]) -> Floats:
        """The best cosine of every row over all `parts`; rows that are not near get the least that is."""
        scores, rows = self._opened.index.search(self._encoder.encode_queries(parts), NEAREST_ROWS)
        best = np.full(self._opened.index.size, scores.min(), dtype=np.float32)
        for found, places in zip(scores, rows, strict=True):
            best[places] = np.maximum(best[places], found)
        best[self._opened.is_answer] -= ANSWER_PENALTY
        return best

    def _lexical(self, parts: list[str]) -> Floats:
        """The best BM25 of every row over all `parts`, each over the part's own."""
        index = self._opened.lexical
        best = np.zeros(index.size, dtype=np.float32)
        for part in parts:
            if (own := index.self_score(part)) > 0.0:
                np.maximum(best, index.scores(part) / np.float32(own), out=best)
        return best

    def _candidates(self, dense: Floats, lexical: Floats, visible: NDArray[np.bool_]) -> NDArray[np.int64]:
        chosen: set[int] = set()
        for scores in (dense, lexical):
            best = np.where(visible, np.maximum.reduceat(scores, self._opened.starts[:-1]), -np.inf)
            count = min(CANDIDATES, int(visible.sum()))
            chosen.update(np.argpartition(-best, count - 1)[:count].tolist() if count else ())
        return np.array(sorted(chosen), dtype=np.int64)

    def _evidence(
        self, matched: str, candidates: NDArray[np.int64], *, dense: Floats, lexical: Floats
    ) -> Evidence:
        spans = [slice(self._opened.starts[entry], self._opened.starts[entry + 1]) for entry in candidates]
        fuzzy = self._fuzzy(matched, spans)
        # The row to show: near in meaning, and better still if it has the words.
        rows = [span.start + int(np.argmax(dense[span] + 0.1 * lexical[span])) for span in spans]
        return Evidence(
            entries=candidates,
            rows=np.array(rows, dtype=np.int64),
            dense=np.array([dense[span].max() for span in spans], dtype=np.float64),
            support=np.array([_mean_of_best(dense[span]) for span in spans], dtype=np.float64),
            lexical=np.array([lexical[span].max() for span in spans], dtype=np.float64),
            fuzzy=fuzzy,
            coverage=np.array([_coverage(matched, self._opened.matched[row]) for row in rows]),
            known=self._known(matched),
            length=len(matched),
        )

    def _fuzzy(self, matched: str, spans: list[slice]) -> Values:
        """Likeness by letters of the best row of each span; a keyword may stand anywhere in a row."""
        texts = [text for span in spans for text in self._opened.matched[span]]
        scores = process.cdist([matched], texts, scorer=fuzz.ratio, dtype=np.float32)[0]
        if len(matched) <= KEYWORD:
            inside = process.cdist([matched], texts, scorer=fuzz.partial_ratio, dtype=np.float32)[0]
            scores = np.maximum(scores, 0.9 * inside)
        sizes = [span.stop - span.start for span in spans]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        best: Values = (
            np.maximum.reduceat(scores, starts).astype(np.float64) / 100.0 if texts else np.empty(0)
        )
        return best

    def _known(self, matched: str) -> float:
        words = set(terms(matched))
        return sum(word in self._opened.lexical.vocabulary for word in words) / max(len(words), 1)

    def _visible_on(self, day: date) -> NDArray[np.bool_]:
        with self._lock:
            if day not in self._visible:
                self._visible = {day: self._opened.visible(day)}
            return self._visible[day]


def _mean_of_best(scores: Floats) -> float:
    return float(np.sort(scores)[-SUPPORTING_ROWS:].mean())


def _coverage(asked: str, row: str) -> float:
    characters = set(asked)
    return len(characters & set(row)) / len(characters)
