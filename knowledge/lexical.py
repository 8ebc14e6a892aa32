"""BM25 over single characters and bigrams of Chinese, and words of everything else; numpy only.

Characters with bigrams beat word segmentation on short questions, and need no dictionary.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# A text here is all that an entry says: a word that comes back in variant after variant is its subject, so
# repeats count for longer than usual (1.2). Measured on held-out questions.
K1 = 3.0
B = 0.5

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_CJK}]+)|[^\W_{_CJK}]+")
_ARRAYS = ("starts", "rows", "impacts")

Scores = NDArray[np.float32]


def terms(text: str) -> list[str]:
    """The terms of a normalised text, in order, repeats included.

    >>> terms("被骗了 call 110")
    ['被', '骗', '了', '被骗', '骗了', 'call', '110']
    """
    found: list[str] = []
    for match in _RUN.finditer(text):
        run = match[0]
        if match[1] is None:
            found.append(run)
            continue
        found.extend(run)
        found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """An inverted index: for each term the rows that have it, with what each adds to a score.

    Scores are BM25 sums, 0.0 or more, higher is better; they compare only within one query. Divided by
    `self_score` of the query they are comparable: 1.0 is about a row with the same words.
    """

    vocabulary: dict[str, int]  # term -> number
    starts: NDArray[np.int64]  # (terms + 1,): the postings of term t are starts[t]:starts[t + 1]
    rows: NDArray[np.int32]  # (postings,)
    impacts: NDArray[np.float32]  # (postings,)
    size: int  # how many rows there are
    mean_length: float  # terms in a row, on average
    _weights: NDArray[np.float32] = field(init=False, repr=False)  # (terms,) inverse document frequency

    def __post_init__(self) -> None:
        counts = np.diff(self.starts)
        weights = np.log1p((self.size - counts + 0.5) / (counts + 0.5)).astype(np.float32)
        object.__setattr__(self, "_weights", weights)

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """The index of normalised `texts`, one row each."""
        counted = [Counter(terms(text)) for text in texts]
        lengths = np.array([sum(counter.values()) for counter in counted], dtype=np.float32)
        mean = float(lengths.mean()) if len(lengths) else 0.0
        postings: dict[str, list[tuple[int, int]]] = {}
        for row, counter in enumerate(counted):
            for term, count in counter.items():
                postings.setdefault(term, []).append((row, count))
        vocabulary = {term: number for number, term in enumerate(postings)}
        sizes = [len(items) for items in postings.values()]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        flat = np.array([pair for items in postings.values() for pair in items], dtype=np.int32).reshape(
            -1, 2
        )
        rows, counts = flat[:, 0], flat[:, 1].astype(np.float32)
        weights = np.log1p((len(texts) - np.diff(starts) + 0.5) / (np.diff(starts) + 0.5))
        saturated = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths[rows] / max(mean, 1.0)))
        impacts = (np.repeat(weights, sizes) * saturated).astype(np.float32)
        return cls(vocabulary, starts, np.ascontiguousarray(rows), impacts, len(texts), mean)

    def scores(self, text: str) -> Scores:
        """The score of every row for a normalised text: float32, (rows,)."""
        rows, impacts = [], []
        for term, count in Counter(terms(text)).items():
            number = self.vocabulary.get(term)
            if number is not None:
                part = slice(*self.starts[number : number + 2].tolist())
                rows.append(self.rows[part])
                impacts.append(self.impacts[part] if count == 1 else self.impacts[part] * count)
        if not rows:
            return np.zeros(self.size, dtype=np.float32)
        # One sum over all postings: a sum for each term costs more than its few additions.
        total = np.bincount(np.concatenate(rows), np.concatenate(impacts), minlength=self.size)
        return total.astype(np.float32)

    def self_score(self, text: str) -> float:
        """What a row with exactly this text would score; unknown terms count as the rarest known."""
        counter = Counter(terms(text))
        if not counter:
            return 0.0
        length = sum(counter.values()) / max(self.mean_length, 1.0)
        rarest = math.log1p((self.size - 0.5) / 1.5) if self.size else 0.0
        total = 0.0
        for term, count in counter.items():
            number = self.vocabulary.get(term)
            weight = rarest if number is None else float(self._weights[number])
            total += count * weight * count * (K1 + 1) / (count + K1 * (1 - B + B * length))
        return total

    def save(self, folder: Path) -> None:
        """Writes the index into `folder`, which must exist."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        about = {"terms": list(self.vocabulary), "size": self.size, "mean_length": self.mean_length}
        (folder / "terms.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """The index saved in `folder`; its arrays are mapped, not read."""
        about = json.loads((folder / "terms.json").read_text("utf-8"))
        vocabulary = {term: number for number, term in enumerate(about["terms"])}
        # As plain arrays: the memory-map class makes every slice slower.
        starts, rows, impacts = (
            np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS
        )
        return cls(vocabulary, starts, rows, impacts, about["size"], about["mean_length"])
