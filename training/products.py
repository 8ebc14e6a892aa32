"""Two ways to write a matrix product: in float32 to measure, in int8 to ship."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from training.e5_binary import Floats
from training.quantize import int8_columns
from training.writer import Writer

CALM, STEPS, SCALES, BIAS = "calm", "steps", "scales", "bias"  # suffixes of a product's constants


class Products(Protocol):
    """Writes `source @ matrix + bias`; matrix is (in, out)."""

    def write(self, writer: Writer, source: str, *, matrix: Floats, bias: Floats, into: str) -> str:
        """Name of the result, which is `into`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatProducts:
    """Exact products; remembers the input of each, so that it can be watched."""

    inputs: dict[str, str] = field(default_factory=dict)

    def write(self, writer: Writer, source: str, *, matrix: Floats, bias: Floats, into: str) -> str:
        """See `Products`."""
        self.inputs[into] = source
        rows = writer.constant(f"{into}.weight", matrix)
        product = writer.node("MatMul", [source, rows], f"{into}.product")
        return writer.node("Add", [product, writer.constant(f"{into}.{BIAS}", bias)], into)


@dataclass(frozen=True, slots=True, kw_only=True)
class Int8Products:
    """Products of int8 weights with inputs that are quantised as they come, one scale a run.

    A few loud input channels would use up that scale. So each channel is first divided by its
    factor in `loudness` and its weights are multiplied by it: the product stays the same, the
    rounding error falls to a quarter.
    """

    loudness: Mapping[str, Floats]  # by product name; (in,), all above zero

    def write(self, writer: Writer, source: str, *, matrix: Floats, bias: Floats, into: str) -> str:
        """See `Products`."""
        factors = self.loudness[into]
        columns = int8_columns(matrix * factors[:, None])
        calm = writer.constant(f"{into}.{CALM}", (1 / factors).astype(np.float32))
        inputs = [
            writer.node("Mul", [source, calm], f"{into}.calmed"),
            writer.constant(f"{into}.{STEPS}", columns.steps),
            writer.constant(f"{into}.{SCALES}", columns.scales),
            "",  # no zero points: the weights are symmetric
            writer.constant(f"{into}.{BIAS}", bias),
        ]
        return writer.contrib("DynamicQuantizeMatMul", inputs, into)
