"""BM25 over single characters and bigrams of Chinese, and words of everything else; numpy only.

Characters with bigrams beat word segmentation on short questions, and need no dictionary.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from knowledge.postings import Postings, Scores

# A text here is all that an entry says: a word that comes back in variant after variant is its subject, so
# repeats count for longer than usual (1.2). Measured on held-out questions.
K1 = 3.0
B = 0.5

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_CJK}]+)|[^\W_{_CJK}]+")
_ABOUT = "about.json"


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
    """What each term adds to the score of each row that has it.

    Scores are BM25 sums over that of the query itself, so that they compare between queries.
    """

    postings: Postings  # the value of a term in a row is what it adds
    mean_length: float  # terms in a row, on average
    _weights: Scores = field(init=False, repr=False)  # (terms,) inverse document frequency

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weights", _rarities(self.postings))

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """The index of normalised `texts`, one row each."""
        counted = [Counter(terms(text)) for text in texts]
        lengths = np.array([sum(counter.values()) for counter in counted], dtype=np.float32)
        mean = float(lengths.mean()) if len(lengths) else 0.0
        postings = Postings.of(enumerate(counted), size=len(texts))
        counts, rows = postings.values, postings.places
        saturated = counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths[rows] / max(mean, 1.0)))
        impacts = (np.repeat(_rarities(postings), postings.sizes) * saturated).astype(np.float32)
        return cls(replace(postings, values=impacts), mean)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.postings.size

    def known(self, text: str) -> float:
        """The share of the different terms of a normalised text that any row has, 0-1."""
        different = set(terms(text))
        return float((self.postings.numbers(different) >= 0).sum()) / max(len(different), 1)

    def scores(self, text: str) -> Scores:
        """The score of every row for a normalised text, over what a row with exactly this text would score.

        float32, (rows,): 0.0 without a common word, about 1.0 where all words are. An unknown term counts as the
        rarest known one.
        """
        counter = Counter(terms(text))
        if not counter:
            return np.zeros(self.size, dtype=np.float32)
        numbers = self.postings.numbers(counter)
        counts = np.fromiter(counter.values(), dtype=np.float64, count=len(counter))
        is_known = numbers >= 0
        rarest = math.log1p((self.size - 0.5) / 1.5) if self.size else 0.0
        weights = np.where(is_known, self._weights[numbers] if len(self._weights) else 0.0, rarest)
        length = counts.sum() / max(self.mean_length, 1.0)
        own = (counts * weights * counts * (K1 + 1) / (counts + K1 * (1 - B + B * length))).sum()
        if not own > 0.0:
            return np.zeros(self.size, dtype=np.float32)
        total = self.postings.total(numbers[is_known], counts[is_known].astype(int).tolist())
        result: Scores = total / np.float32(own)
        return result

    def save(self, folder: Path) -> None:
        """Writes the index into `folder`, which must exist."""
        self.postings.save(folder)
        (folder / _ABOUT).write_text(json.dumps({"mean_length": self.mean_length}), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """The index saved in `folder`; its arrays are mapped, not read."""
        about = json.loads((folder / _ABOUT).read_text("utf-8"))
        return cls(Postings.load(folder), about["mean_length"])


def _rarities(postings: Postings) -> Scores:
    """(terms,) inverse document frequency."""
    found: Scores = np.log1p((postings.size - postings.sizes + 0.5) / (postings.sizes + 0.5)).astype(
        np.float32
    )
    return found
