"""From a person's words to the entries that may answer them: dense, lexical and by letters, fused."""

import hashlib
from collections import OrderedDict
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.beside import beside
from knowledge.candidates import gather, words_of
from knowledge.confidence import Evidence, Ranked, ranked
from knowledge.fusion import Fusion, load_fusion
from knowledge.hits import Hit, Thresholds
from knowledge.opened import Opened, open_build
from knowledge.textnorm import normalized, plain
from knowledge.vectors import Encoder, Matrix
from knowledge.windows import windows

__all__ = ["Hit", "Retriever"]

REMEMBERED = 4096  # searches
# A reviewed wording, letter for letter: nothing is left to weigh.
EXACT = 0.995


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
        """From which probability on to answer, and to ask back."""
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

    def vector(self, text: str) -> Matrix | None:
        """The unit vector of `text` as one question, (dim,); None when it has no word. Known after a search."""
        matched = normalized(text)
        return self._encoder.encode_queries([matched])[0] if matched else None

    def evidence(self, text: str, *, today: date) -> Evidence | None:
        """What speaks for each candidate entry; None when `text` has no word. For calibration."""
        matched = _matched(text)
        return self._evidence(matched, today=today) if matched else None

    def _evidence(self, matched: list[str], *, today: date) -> Evidence:
        visible = self._visible_on(today)
        words = beside(lambda: words_of(self._opened, matched, visible=visible))
        queries = self._vectors(matched)
        return gather(self._opened, queries, matched, words.result(), visible=visible)

    def _vectors(self, matched: list[str]) -> Matrix:
        """A vector for each, (len(matched), dim): the first here, those of more parts on other threads."""
        others = [beside(partial(self._encoder.encode_queries, [part])) for part in matched[1:]]
        first = self._encoder.encode_queries(matched[:1])
        return np.concatenate([first, *(other.result() for other in others)]) if others else first

    def _search(self, text: str, *, today: date, limit: int) -> tuple[Hit, ...]:
        matched = _matched(text)
        if not matched:
            return ()
        evidence = self._evidence(matched, today=today)
        result = self._exact_first(ranked(evidence, self._fusion), evidence, matched[0])
        return tuple(
            self._hit(evidence, place, confidence, in_scope=result.in_scope)
            for place, confidence in zip(result.order[:limit], result.confidence[:limit], strict=True)
        )

    def _exact_first(self, result: Ranked, evidence: Evidence, matched: str) -> Ranked:
        row = self._opened.exact.get(matched)
        if row is None or self._opened.entry_of[row] not in evidence.entries:
            return result
        found = np.searchsorted(evidence.entries, self._opened.entry_of[row])
        place = int(np.flatnonzero(result.order == found)[0])
        return Ranked(
            order=np.concatenate([result.order[[place]], np.delete(result.order, place)]),
            confidence=np.concatenate(
                [[max(EXACT, result.confidence[place])], np.delete(result.confidence, place)]
            ),
            in_scope=max(EXACT, result.in_scope),
        )

    def _hit(self, evidence: Evidence, place: int, confidence: float, *, in_scope: float) -> Hit:
        return Hit(
            entry=self._opened.entries[evidence.entries[place]],
            confidence=float(confidence),
            in_scope=in_scope,
            dense=float(max(evidence.dense[place], evidence.answer[place])),
            lexical=float(evidence.lexical[place]),
            fuzzy=float(evidence.fuzzy[place]),
            row_text=self._opened.texts[evidence.rows[place]],
        )

    def _visible_on(self, day: date) -> NDArray[np.bool_]:
        with self._lock:
            if day not in self._visible:
                self._visible = {day: self._opened.visible(day)}
            return self._visible[day]


def _matched(text: str) -> list[str]:
    """The parts of `text` that are looked for, the whole first; empty when it has no word.

    They are encoded as they are matched: punctuation and case tell nothing, and people leave them out.
    """
    return list(dict.fromkeys(filter(None, map(normalized, windows(plain(text))))))
