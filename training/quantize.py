"""Weights in fewer bits: int8 a column for matrix products, int4 a block for the word table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.e5_binary import BLOCK, Floats

INT8_TOP = 63  # seven bits: x86 CPUs without VNNI add two products in 16 bits, and eight would overflow
INT4_LOW, INT4_TOP = -8, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Int8Columns:
    """A (in, out) matrix: `steps` times the `scales` of its column."""

    steps: NDArray[np.int8]  # (in, out)
    scales: Floats  # (out,)

    def floats(self) -> Floats:
        """The matrix these numbers stand for, float32 (in, out)."""
        return self.steps.astype(np.float32) * self.scales


@dataclass(frozen=True, slots=True, kw_only=True)
class Int4Rows:
    """A (rows, columns) table: `steps` times the scale of each block of 32 in a row."""

    steps: NDArray[np.int8]  # (rows, columns), each -8..7
    scales: NDArray[np.float16]  # (rows, columns / 32)

    def floats(self) -> Floats:
        """The table these numbers stand for, float32 (rows, columns)."""
        blocks = self.steps.reshape(*self.scales.shape, BLOCK).astype(np.float32)
        wide = blocks * self.scales[..., None].astype(np.float32)
        return wide.reshape(self.steps.shape)

    def packed(self) -> bytes:
        """Two steps a byte, the earlier one in the low half: ONNX's INT4 layout."""
        halves = (self.steps.reshape(-1, 2) & 0x0F).astype(np.uint8)
        return (halves[:, 0] | (halves[:, 1] << 4)).tobytes()


def int8_columns(matrix: Floats) -> Int8Columns:
    """`matrix` (in, out) in symmetric int8, one scale a column."""
    largest = np.abs(matrix).max(axis=0)
    scales = (np.where(largest == 0, 1, largest) / INT8_TOP).astype(np.float32)
    steps = np.clip(np.rint(matrix / scales), -INT8_TOP, INT8_TOP).astype(np.int8)
    return Int8Columns(steps=steps, scales=scales)


def int4_rows(table: Floats) -> Int4Rows:
    """`table` (rows, columns) in int4 blocks; a table that came from such blocks loses nothing.

    The weight farthest from zero becomes -8, which is how the source was made, so its scales
    come back exactly.
    """
    blocks = table.reshape(table.shape[0], -1, BLOCK)
    where = np.abs(blocks).argmax(axis=2)[..., None]
    scales = (np.take_along_axis(blocks, where, axis=2)[..., 0] / INT4_LOW).astype(np.float16)
    wide = scales.astype(np.float32)[..., None]
    ratio = np.divide(blocks, wide, out=np.zeros_like(blocks), where=wide != 0)
    steps = np.clip(np.rint(ratio), INT4_LOW, INT4_TOP).astype(np.int8)
    return Int4Rows(steps=steps.reshape(table.shape), scales=scales)
