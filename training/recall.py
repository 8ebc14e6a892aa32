"""How often the right entry is found: the number by which encoders are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge.rows import Row, encoded
from knowledge.vectors import Encoder

CUTS = (1, 3, 10)


def recall(encoder: Encoder, rows: Sequence[Row], questions: Sequence[Row]) -> dict[int, float]:
    """Share of `questions` whose entry is among the first 1, 3, 10 entries; 0..1 by cut.

    An entry stands where its best row stands, as in the product's dense search.
    """
    entries = sorted({row.entry for row in rows})
    column = {entry: number for number, entry in enumerate(entries)}
    best = np.full((len(questions), len(entries)), -1, np.float32)
    similar = encoded(questions, encoder) @ encoded(rows, encoder).T
    for row, scores in zip(rows, similar.T, strict=True):
        np.maximum(best[:, column[row.entry]], scores, out=best[:, column[row.entry]])
    right = best[np.arange(len(questions)), [column[row.entry] for row in questions]]
    ranks = (best > right[:, None]).sum(axis=1)
    return {cut: float((ranks < cut).mean()) for cut in CUTS}
