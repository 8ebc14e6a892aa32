"""What an encoder is, and the arrays it gives. Nothing here needs an inference library."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]  # (rows, dim); every row has length 1 unless said otherwise


class Encoder(Protocol):
    """Turns text into unit vectors whose dot product is their cosine: 1.0 is the same meaning.

    Queries (what people type) and passages (what the knowledge base says) are encoded apart,
    because models are trained with a different prefix for each. Row i belongs to text i; no texts
    give shape (0, dim). Text beyond the model's length is cut off; an empty text has a vector too.
    The same text always gives the same row, alone or among others. Safe to call from many threads.
    Results may be shared with a cache: do not write into them.
    """

    @property
    def dim(self) -> int:
        """Length of a row."""
        ...

    @property
    def name(self) -> str:
        """Identifies model and weights: vectors of encoders with different names do not compare."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        """Rows of what people ask, float32 (len(texts), dim). Raises EncoderError."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """Rows of what can be found, float32 (len(texts), dim). Raises EncoderError."""
        ...
