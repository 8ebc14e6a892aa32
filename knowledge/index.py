"""Nearest rows by vector: the contract, a plain implementation, and the one that serves."""

from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.errors import BuildError
from knowledge.vectors import Matrix

Scores = NDArray[np.float32]  # (n, k), best first
Rows = NDArray[np.int64]  # (n, k)
Best = NDArray[np.float32]  # (m,)
Places = NDArray[np.int64]  # (m,) different row numbers

_EIGHT_BITS = faiss.ScalarQuantizer.QT_8bit_uniform


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

    def among(self, queries: Matrix, rows: Places) -> Best:
        """The score of each of `rows` for the query it is nearest to: (len(rows),)."""
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

    def among(self, queries: Matrix, rows: Places) -> Best:
        """See `Index.among`."""
        scores = self._vectors[rows] @ queries.T
        best: Best = scores.max(axis=1).astype(np.float32, copy=False)
        return best


class FaissIndex:
    """faiss `IndexScalarQuantizer` in a file that every process maps read-only and shares.

    A number takes 8 bits: a quarter of the memory and half the time of 32, and a cosine is at most 0.003 off
    (docs/adr/0010).
    """

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def of(cls, vectors: Matrix) -> "FaissIndex":
        """The index of `vectors`, in memory."""
        index = faiss.IndexScalarQuantizer(vectors.shape[1], _EIGHT_BITS, faiss.METRIC_INNER_PRODUCT)
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        # Learns the range of the numbers; of no rows there is none to learn.
        index.train(rows if len(rows) else np.zeros((1, vectors.shape[1]), dtype=np.float32))
        index.add(rows)
        return cls(index)

    def add(self, vectors: Matrix) -> None:
        """Puts rows like those it was made of behind them; not for a mapped index."""
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

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
        if not self.size:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), min(k, self.size))
        return scores, rows

    def among(self, queries: Matrix, rows: Places) -> Best:
        """See `Index.among`."""
        if not len(rows):
            return np.empty(0, dtype=np.float32)
        chosen = np.zeros(self.size, dtype=np.uint8)
        chosen[rows] = 1
        wrapped: Any = faiss  # whose stubs do not know what its wrappers take
        only = wrapped.SearchParameters(sel=wrapped.IDSelectorBitmap(np.packbits(chosen, bitorder="little")))
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        scores, found = self._index.search(asked, len(rows), params=only)
        spread = np.empty((len(asked), self.size), dtype=np.float32)
        np.put_along_axis(spread, found, scores, axis=1)
        best: Best = spread[:, rows].max(axis=0)
        return best
