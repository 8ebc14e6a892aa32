"""Cuts a text into the pieces that the encoder knows: the unigram model of XLM-R, over our vocabulary."""

import re
import unicodedata
from pathlib import Path

from sentencepiece import SentencePieceProcessor

_SPACES = re.compile(r"\s+")
_MARKS = (" ", "\u2581")  # a blank, and the sign that stands for one in a piece


class Tokenizer:
    """A vocabulary file of sentencepiece, `tokenizer.model`; a piece's id is its place in it. Thread-safe.

    Raises:
        OSError, RuntimeError: the file is missing or not one.
    """

    def __init__(self, path: Path) -> None:
        self._pieces = SentencePieceProcessor(model_file=str(path))
        self._begin, self._end = int(self._pieces.bos_id()), int(self._pieces.eos_id())

    def ids(self, text: str, *, limit: int) -> list[int]:
        """The ids of `text` between the marks of beginning and end; of a longer text the first `limit` in all."""
        said = _SPACES.sub(" ", unicodedata.normalize("NFKC", text))
        said = said[1:] if said.startswith(_MARKS) else said  # one blank before a text is put there by itself
        return [self._begin, *self._pieces.encode(said)[: limit - 2], self._end]
