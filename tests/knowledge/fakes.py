"""A tiny encoder: texts with the same characters and bigrams are near, everything else is far."""

import hashlib
from collections.abc import Sequence

import numpy as np

from knowledge.lexical import terms
from knowledge.textnorm import normalized
from knowledge.vectors import Matrix


class HashEncoder:
    """Deterministic, the same on every machine; counts the texts it was given."""

    def __init__(self, *, dim: int = 256, name: str = "hash@1") -> None:
        self.dim = dim
        self.name = name
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Matrix:
        self.encoded += len(texts)
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(normalized(text)) or [""]:
                digest = hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=8).digest()
                row[int.from_bytes(digest[:4], "big") % self.dim] += 1.0 if digest[4] % 2 else -1.0
            if not row.any():
                row[0] = 1.0
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
