"""The script everybody writes first: sentence-transformers in front of a flat FAISS index."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals.rival import Wording, different

PREFIX = "query: "  # as the model's authors ask for
BATCH = 64
CHUNK = (
    16 * BATCH
)  # encoded together: the library sorts them by length, so that batches are not padded in vain
NEAREST = 50  # wordings looked at for FOUND different entries


class Script:
    """Every wording a vector, the nearest wording's entry the answer."""

    name = "sentence-transformers + FAISS script"

    def __init__(self, model: Any, vectors: NDArray[np.float32], wordings: Sequence[Wording]) -> None:
        self._model = model
        self._wordings = wordings
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def search(self, text: str) -> list[str]:
        """See `Rival`."""
        _, rows = self._index.search(encoded(self._model, [text]), NEAREST)
        return different([self._wordings[row].entry for row in rows[0]])


def open_model(folder: Path) -> Any:
    """The torch model in `folder`, on the CPU."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


def vectors_of(
    model: Any, wordings: Sequence[Wording], advance: Callable[[int], None]
) -> NDArray[np.float32]:
    """A vector a wording; `advance` is told how many are done."""
    found = []
    for start in range(0, len(wordings), CHUNK):
        texts = [wording.text for wording in wordings[start : start + CHUNK]]
        found.append(encoded(model, texts))
        advance(start + len(texts))
    return np.concatenate(found)


def encoded(model: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """L2-normalised vectors, (texts, dim)."""
    rows = model.encode(
        [PREFIX + text for text in texts],
        batch_size=BATCH,
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    return np.asarray(rows, dtype=np.float32)
