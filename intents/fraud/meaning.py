"""The meaning of a text for the fraud model: the project's encoder over its beginning. The encoder is handed in."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from intents.fraud.reading import Reading

LONGEST = 128  # characters: the encoder's time grows with them, and the pretext comes first

Encode = Callable[
    [Sequence[str]], NDArray[np.float32]
]  # texts to rows (texts, dimensions), as `Encoder` does


def meaning_of(reading: Reading, encode: Encode) -> NDArray[np.float32]:
    """The vector of what was read, shape (dimensions,)."""
    row: NDArray[np.float32] = encode([reading.text[:LONGEST]])[0]
    return row
