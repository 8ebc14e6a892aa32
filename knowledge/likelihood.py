"""How likely the words of a question are from each entry: query likelihood with Dirichlet smoothing.

Nearest wordings say which single wording is like the question; this says whose *manner of talking* it is: every word
counts for the entries whose askers use it more than people do otherwise. On questions by other hands it finds the
right entry nearly as often as the encoder, and together they find far more than either (docs/adr/0009).
After Zhai and Lafferty, "A study of smoothing methods for language models" (2004); nothing is learned, so a new or
edited entry counts the moment it is built.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.lexical import terms
from knowledge.postings import Postings
from knowledge.rows import Row

# How many words from everywhere are mixed into what each entry's askers say. Chosen on wordings by hands whose
# texts were not in the build (100 to 1,000 are alike, 3,000 is worse).
MIXED_IN = 300.0
# A word that only one wording has says who wrote it, not what it is about.
FEWEST = 2
LONGEST = 400  # characters of a question that are read

_ABSENT = "absent.npy"


@dataclass(frozen=True, slots=True)
class WordLikelihood:
    """For each entry how much likelier a word is there than anywhere."""

    gains: Postings  # of term and entry: log odds over a text without the term, above 0
    absent: NDArray[np.float64]  # (entries,) log odds of a term the entry never has, below 0

    @classmethod
    def build(cls, rows: Sequence[Row], *, entries: int) -> "WordLikelihood":
        """From the wordings and answers of `entries` entries; a term counts once a row."""
        counted = [(row.entry, Counter(set(terms(row.matched)))) for row in rows]
        texts = Counter(term for _, counter in counted for term in counter)
        kept = [
            (place, {term: count for term, count in counter.items() if texts[term] >= FEWEST})
            for place, counter in counted
        ]
        postings = Postings.of(kept, size=entries)
        lengths = np.bincount(postings.places, postings.values, minlength=entries).astype(np.float64)
        everywhere = (
            np.add.reduceat(postings.values, postings.starts[:-1]) if len(postings.values) else np.empty(0)
        )
        expected = MIXED_IN * np.repeat(everywhere / max(lengths.sum(), 1.0), postings.sizes)
        gains = np.log1p(postings.values / expected).astype(np.float32)
        return cls(replace(postings, values=gains), np.log(MIXED_IN / (lengths + MIXED_IN)))

    def scores(self, text: str) -> NDArray[np.float64]:
        """Log odds of a normalised text from each entry against from anywhere, (entries,).

        Divided by the root of the number of its terms, so that long and short questions compare; 0.0 where no
        term is known.
        """
        numbers = self.gains.numbers(dict.fromkeys(terms(text[:LONGEST])))
        known = numbers[numbers >= 0]
        if not len(known):
            return np.zeros(self.gains.size)
        total = self.gains.total(known) + len(known) * self.absent
        result: NDArray[np.float64] = total / math.sqrt(len(known))
        return result

    def save(self, folder: Path) -> None:
        """Writes the model into `folder`, which must exist."""
        self.gains.save(folder)
        np.save(folder / _ABSENT, self.absent)

    @classmethod
    def load(cls, folder: Path) -> "WordLikelihood":
        """The model saved in `folder`."""
        return cls(Postings.load(folder), np.load(folder / _ABSENT))
