"""Term by term, where it occurs and what it adds there: the store under every index over words.

Terms are kept as numbers, so that a file of them can be mapped: a dictionary of a hundred thousand strings costs every
process tens of megabytes and a good part of its start.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_ARRAYS = ("keys", "starts", "places", "values")
_ABOUT = "postings.json"

_SHORT = 2  # characters: such a term is its own key
_BITS = 21  # of a code point
_HASHED = 1 << 63  # set in the key of a longer term, so that it never equals a short one's

Scores = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term the places that have it, with a value each; a place is a row, a document or an entry."""

    keys: NDArray[np.uint64]  # (terms,) ascending
    starts: NDArray[np.int64]  # (terms + 1,): what belongs to term t is starts[t]:starts[t + 1]
    places: NDArray[np.int32]  # (postings,)
    values: NDArray[np.float32]  # (postings,)
    size: int  # how many places there are

    @classmethod
    def of(cls, counts: Iterable[tuple[int, Mapping[str, int]]], *, size: int) -> "Postings":
        """From how often each term occurs in each place; a place may come several times, one after the other."""
        found: dict[int, list[tuple[int, int]]] = {}
        for place, counter in counts:
            for term, count in counter.items():
                of_term = found.setdefault(_key(term), [])
                if of_term and of_term[-1][0] == place:
                    of_term[-1] = (place, of_term[-1][1] + count)
                else:
                    of_term.append((place, count))
        keys = sorted(found)
        sizes = [len(found[key]) for key in keys]
        flat = np.array([pair for key in keys for pair in found[key]], dtype=np.int32).reshape(-1, 2)
        return cls(
            keys=np.array(keys, dtype=np.uint64),
            starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            places=np.ascontiguousarray(flat[:, 0]),
            values=flat[:, 1].astype(np.float32),
            size=size,
        )

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(terms,) how many places each term has."""
        return np.diff(self.starts)

    def numbers(self, terms: Collection[str]) -> Numbers:
        """The number of each of `terms`, in their order; -1 where no place has it."""
        if not len(self.keys) or not terms:
            return np.full(len(terms), -1, dtype=np.int64)
        wanted = np.array([_key(term) for term in terms], dtype=np.uint64)
        found = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[found] == wanted, found, -1)

    def total(self, numbers: Numbers, counts: Iterable[int] | None = None) -> Scores:
        """The sum of the values of these known terms in every place, each as often as it is counted: (size,)."""
        places, values = [], []
        starts, ends = self.starts[numbers].tolist(), self.starts[numbers + 1].tolist()
        for start, end, count in zip(starts, ends, counts or [1] * len(starts), strict=True):
            places.append(self.places[start:end])
            values.append(self.values[start:end] if count == 1 else self.values[start:end] * count)
        if not places:
            return np.zeros(self.size, dtype=np.float32)
        # One sum over all postings: a sum for each term costs more than its few additions.
        total = np.bincount(np.concatenate(places), np.concatenate(values), minlength=self.size)
        return total.astype(np.float32)

    def save(self, folder: Path) -> None:
        """Writes the postings into `folder`, which must exist."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / _ABOUT).write_text(json.dumps({"size": self.size}), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Postings":
        """The postings saved in `folder`; their arrays are mapped, not read."""
        about = json.loads((folder / _ABOUT).read_text("utf-8"))
        # As plain arrays: the memory-map class makes every slice slower.
        keys, starts, places, values = (
            np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS
        )
        return cls(keys, starts, places, values, about["size"])


def _key(term: str) -> int:
    """The term as a number of 64 bits. Two long terms share one about once in 10^10 vocabularies."""
    if len(term) <= _SHORT:
        return ord(term[0]) << _BITS | ord(term[-1]) | (len(term) - 1) << 2 * _BITS
    digest = hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") | _HASHED
