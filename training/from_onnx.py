"""Turns a shipped model folder back into a float32 checkpoint, to compare it with torch.

`python -m training.from_onnx --model knowledge/model --out DIR`
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, numpy_helper

from knowledge import model_files
from knowledge.model_files import HEAD, MODEL, TOKENIZER
from training import checkpoint, tokenizer
from training import weights as names
from training.e5_binary import Floats
from training.graph import Recipe
from training.products import BIAS, CALM, SCALES, STEPS
from training.quantize import Int4Rows, Int8Columns

Arrays = Mapping[str, NDArray[np.generic]]


def main() -> None:
    """Write --out from --model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder to read")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")
    arguments = parser.parse_args()
    convert(arguments.model, arguments.out)


def convert(folder: Path, out: Path) -> None:
    """Write the checkpoint `out` from nothing but the files in the model folder."""
    model = onnx.load(str(folder / MODEL))
    cutter = tokenizer.read(folder / TOKENIZER)
    checkpoint.save(weights_of(model), recipe_of(model), cutter, out, head=_head(folder))


def _head(folder: Path) -> Floats | None:
    named = HEAD in model_files.read_manifest(folder).files
    return np.load(folder / HEAD) if named else None


def weights_of(model: ModelProto) -> dict[str, Floats]:
    """The float32 weights that the stored integers stand for."""
    arrays = {item.name: _array(item) for item in model.graph.initializer}
    weights = _embeddings(arrays)
    for name in arrays:
        if name.endswith(f".{STEPS}") and name != f"{names.WORDS}.{STEPS}":
            weights |= _product(arrays, name.removesuffix(f".{STEPS}"))
        elif "LayerNorm" in name:
            weights[name] = _floats(arrays[name])
    return weights


def recipe_of(model: ModelProto) -> Recipe:
    """What the weights alone do not say, from the operators' attributes."""
    found = {item.name: item for node in model.graph.node for item in node.attribute}
    return Recipe(heads=found["num_heads"].i, norm_epsilon=found["epsilon"].f)


def _embeddings(arrays: Arrays) -> dict[str, Floats]:
    steps = arrays[f"{names.WORDS}.{STEPS}"].astype(np.int8)
    words = Int4Rows(steps=steps, scales=arrays[f"{names.WORDS}.{SCALES}"].astype(np.float16))
    positions = _floats(arrays[names.POSITIONS])
    nothing = np.zeros((2, positions.shape[1]), np.float32)  # token type 0 is part of the positions
    return {names.WORDS: words.floats(), names.POSITIONS: positions, names.TYPES: nothing}


def _product(arrays: Arrays, name: str) -> dict[str, Floats]:
    """Weights and biases of the linear parts that the product joins, (out, in)."""
    columns = Int8Columns(
        steps=arrays[f"{name}.{STEPS}"].astype(np.int8), scales=_floats(arrays[f"{name}.{SCALES}"])
    )
    matrix = (columns.floats() * _floats(arrays[f"{name}.{CALM}"])[:, None]).T
    bias = _floats(arrays[f"{name}.{BIAS}"])
    parts = _parts(name)
    weights = {}
    for part, rows, shift in zip(
        parts, np.split(matrix, len(parts)), np.split(bias, len(parts)), strict=True
    ):
        weights[f"{part}.weight"] = np.ascontiguousarray(rows)
        weights[f"{part}.bias"] = shift
    return weights


def _parts(name: str) -> list[str]:
    if not name.endswith(names.JOINT):
        return [name]
    stem = name.removesuffix(names.JOINT)
    return [stem + part for part in names.JOINT_PARTS]


def _array(item: TensorProto) -> NDArray[np.generic]:
    array: NDArray[np.generic] = numpy_helper.to_array(item)
    return array


def _floats(values: NDArray[np.generic]) -> Floats:
    return values.astype(np.float32)


if __name__ == "__main__":
    main()
