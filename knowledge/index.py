"""Nearest rows by vector: the contract, a plain implementation, and the one that serves."""

from pathlib import Path
from typing import Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.errors import BuildError
from knowledge.vectors import Matrix

Scores = NDArray[np.float32]  # (n, k), best first
Rows = NDArray[np.int64]  # (n, k)


class Index(Protocol):
    """Nearest rows by cosine similarity: 1.0 is the same direction, higher is better.

    Rows and queries are L2-normalised, so that the inner product is the cosine.
    """

    @property
    def size(self) -> int:
        """How many rows there are."""
        ...

    def search(self, queries: Matrix, k: int) -> tuple[Scores, Rows]:
        """Scores and row numbers, both of shape (len(queries), min(k, size)), best first.

        Rows of equal score come in any order.
        """
        ...


class FlatIndex:
    """The reference: one matrix product."""

    def __init__(self, vectors: Matrix) -> None:
        self._vectors = vectors

    @classmethod
    def load(cls, path: Path) -> "FlatIndex":
        """The vectors of a .npy file, mapped into memory."""
        try:
            return cls(np.load(path, mmap_mode="r"))
        except (OSError, EOFError, ValueError) as error:
            raise BuildError(f"{path}: no vectors; build the knowledge again") from error

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self._vectors.shape[0])

    def search(self, queries: Matrix, k: int) -> tuple[Scores, Rows]:
        """See `Index.search`."""
        k = min(k, self.size)
        scores = queries @ self._vectors.T
        if k < self.size:
            rows = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        else:
            rows = np.broadcast_to(np.arange(self.size), scores.shape)
        chosen = np.take_along_axis(scores, rows, axis=1)
        order = np.argsort(-chosen, axis=1, kind="stable")
        best = np.take_along_axis(chosen, order, axis=1)
        return best.astype(np.float32, copy=False), np.take_along_axis(rows, order, axis=1).astype(np.int64)


class FaissIndex:
    """faiss `IndexFlatIP` in a file that every process maps read-only and shares."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def of(cls, vectors: Matrix) -> "FaissIndex":
        """The index of `vectors`, in memory."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "FaissIndex":
        """The index saved at `path`, mapped read-only. Raises BuildError when it cannot be read."""
        # One question is searched by one thread; a team of threads for each would only get in each other's way.
        faiss.omp_set_num_threads(1)
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY))
        except RuntimeError as error:
            raise BuildError(f"{path}: not a readable index; build the knowledge again") from error

    def save(self, path: Path) -> None:
        """Writes the index to `path`."""
        faiss.write_index(self._index, str(path))

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self._index.ntotal)

    def search(self, queries: Matrix, k: int) -> tuple[Scores, Rows]:
        """See `Index.search`."""
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), min(k, self.size))
        return scores, rows
