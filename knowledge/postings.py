"""Term by term, where it occurs and what it adds there: the store under every index over words."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ARRAYS = ("starts", "places", "values")
_TERMS = "terms.json"

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term the places that have it, with a value each; a place is a row, a document or an entry."""

    vocabulary: dict[str, int]  # term -> number
    starts: NDArray[np.int64]  # (terms + 1,): what belongs to term t is starts[t]:starts[t + 1]
    places: NDArray[np.int32]  # (postings,)
    values: NDArray[np.float32]  # (postings,)
    size: int  # how many places there are

    @classmethod
    def of(cls, counts: Iterable[tuple[int, Mapping[str, int]]], *, size: int) -> "Postings":
        """From how often each term occurs in each place; a place may come several times, one after the other."""
        found: dict[str, list[tuple[int, int]]] = {}
        for place, counter in counts:
            for term, count in counter.items():
                of_term = found.setdefault(term, [])
                if of_term and of_term[-1][0] == place:
                    of_term[-1] = (place, of_term[-1][1] + count)
                else:
                    of_term.append((place, count))
        sizes = [len(pairs) for pairs in found.values()]
        flat = np.array([pair for pairs in found.values() for pair in pairs], dtype=np.int32).reshape(-1, 2)
        return cls(
            vocabulary={term: number for number, term in enumerate(found)},
            starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            places=np.ascontiguousarray(flat[:, 0]),
            values=flat[:, 1].astype(np.float32),
            size=size,
        )

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(terms,) how many places each term has."""
        return np.diff(self.starts)

    def total(self, counter: Mapping[str, int]) -> Scores:
        """The sum of the values of these terms in every place, each as often as it is counted: (size,)."""
        places, values = [], []
        for term, count in counter.items():
            number = self.vocabulary.get(term)
            if number is not None:
                part = slice(*self.starts[number : number + 2].tolist())
                places.append(self.places[part])
                values.append(self.values[part] if count == 1 else self.values[part] * count)
        if not places:
            return np.zeros(self.size, dtype=np.float32)
        # One sum over all postings: a sum for each term costs more than its few additions.
        total = np.bincount(np.concatenate(places), np.concatenate(values), minlength=self.size)
        return total.astype(np.float32)

    def save(self, folder: Path) -> None:
        """Writes the postings into `folder`, which must exist."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        about = {"terms": list(self.vocabulary), "size": self.size}
        (folder / _TERMS).write_text(json.dumps(about, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Postings":
        """The postings saved in `folder`; their arrays are mapped, not read."""
        about = json.loads((folder / _TERMS).read_text("utf-8"))
        vocabulary = {term: number for number, term in enumerate(about["terms"])}
        # As plain arrays: the memory-map class makes every slice slower.
        starts, places, values = (
            np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS
        )
        return cls(vocabulary, starts, places, values, about["size"])
