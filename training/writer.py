"""A pen for ONNX graphs: collects nodes and constants in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

CONTRIB = "com.microsoft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """What has been written so far; every method answers the name of what it wrote."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """An array stored in the graph."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def int4(self, name: str, *, shape: tuple[int, ...], packed: bytes) -> str:
        """An int4 array stored in the graph, two numbers a byte."""
        self.constants.append(helper.make_tensor(name, TensorProto.INT4, shape, packed, raw=True))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """A standard operator with one result."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def contrib(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """An operator of onnxruntime's own set with one result."""
        return self.node(kind, inputs, output, domain=CONTRIB, **attributes)

    def split(self, source: str, outputs: Sequence[str]) -> None:
        """`source` cut into equal parts along its last axis."""
        name = f"{source}.split"
        self.nodes.append(
            helper.make_node("Split", [source], outputs, name=name, axis=-1, num_outputs=len(outputs))
        )
