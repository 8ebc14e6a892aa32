"""Writes the encoder as an ONNX graph: token ids in, unit vectors out.

The graph is written node by node, so the same weights give the same file, byte for byte, and no
exporter has to be trusted. The word table is int4 in blocks of 32; how matrix products are stored
is the caller's choice; everything else is float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, TensorProto, helper

from training import weights as names
from training.e5_binary import BLOCK
from training.products import Products
from training.quantize import int4_rows
from training.weights import Weights
from training.writer import CONTRIB, Writer

INPUT_IDS, ATTENTION_MASK, EMBEDDING = "input_ids", "attention_mask", "embedding"
MASK_INT32, MASK_FLOAT = "mask.int32", "mask.float32"
OPSET, CONTRIB_OPSET, IR_VERSION = 21, 1, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What the weights alone do not say."""

    heads: int
    norm_epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    weights: Weights
    recipe: Recipe
    products: Products
    writer: Writer


def build(weights: Weights, recipe: Recipe, products: Products) -> ModelProto:
    """The model: `input_ids`, `attention_mask` int64 (n, tokens) -> `embedding` float32 (n, hidden)."""
    task = _Task(weights=weights, recipe=recipe, products=products, writer=Writer())
    _cast_mask(task.writer)
    states = _embed(task)
    for number in range(names.layer_count(weights)):
        states = _layer(task, states, number=number)
    _pool(task.writer, states)
    return _model(task.writer, hidden=weights[names.WORDS].shape[1])


def _cast_mask(writer: Writer) -> None:
    writer.node("Cast", [ATTENTION_MASK], MASK_INT32, to=TensorProto.INT32)
    writer.node("Cast", [ATTENTION_MASK], MASK_FLOAT, to=TensorProto.FLOAT)


def _embed(task: _Task) -> str:
    writer = task.writer
    table = int4_rows(task.weights[names.WORDS])
    steps = writer.int4(f"{names.WORDS}.steps", shape=table.steps.shape, packed=table.packed())
    scales = writer.constant(f"{names.WORDS}.scales", table.scales)
    words = writer.contrib(
        "GatherBlockQuantized", [steps, INPUT_IDS, scales], "words",
        block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    wide = writer.node("Cast", [words], "words.float32", to=TensorProto.FLOAT)
    placed = writer.node("Add", [wide, _places(task)], "placed")
    inputs = [placed, *_norm(task, names.EMBEDDING_NORM)]
    epsilon = task.recipe.norm_epsilon
    return writer.node("LayerNormalization", inputs, "embedded", axis=-1, epsilon=epsilon)


def _places(task: _Task) -> str:
    """Position rows for the length of the run, with the constant token type already added."""
    writer = task.writer
    table = task.weights[names.POSITIONS] + names.type_row(task.weights)
    rows = writer.constant(names.POSITIONS, table)
    start = writer.constant("zero", np.array([0], np.int64))
    length = writer.node("Shape", [INPUT_IDS], "length", start=1, end=2)
    return writer.node("Slice", [rows, start, length, start], "places")


def _layer(task: _Task, states: str, *, number: int) -> str:
    def part(name: str) -> str:
        return names.layer(number, name)

    seen = _attend(task, states, number=number)
    mixed = _linear(task, [part(names.ATTENTION_OUT)], seen, into=part(names.ATTENTION_OUT))
    states = _add_norm(task, mixed, states, norm=part(names.ATTENTION_NORM))
    wide = _linear(task, [part(names.FEED_IN)], states, into=part(names.FEED_IN))
    active = task.writer.contrib("Gelu", [wide], f"{wide}.active")
    narrow = _linear(task, [part(names.FEED_OUT)], active, into=part(names.FEED_OUT))
    return _add_norm(task, narrow, states, norm=part(names.OUT_NORM))


def _attend(task: _Task, states: str, *, number: int) -> str:
    stem = names.layer(number, names.ATTENTION)
    parts = [names.layer(number, name) for name in names.JOINT_PARTS]
    joint = _linear(task, parts, states, into=names.layer(number, names.JOINT))
    task.writer.split(joint, parts)
    inputs = [*parts, "", MASK_INT32]
    return task.writer.contrib("MultiHeadAttention", inputs, stem, num_heads=task.recipe.heads)


def _linear(task: _Task, parts: Sequence[str], source: str, *, into: str) -> str:
    """`source` times the weights of `parts` side by side, plus their biases."""
    matrix = np.concatenate([task.weights[f"{part}.weight"].T for part in parts], axis=1)
    bias = np.concatenate([task.weights[f"{part}.bias"] for part in parts])
    return task.products.write(task.writer, source, matrix=matrix, bias=bias, into=into)


def _add_norm(task: _Task, change: str, states: str, *, norm: str) -> str:
    inputs = [change, states, *_norm(task, norm)]
    epsilon = task.recipe.norm_epsilon
    return task.writer.contrib("SkipLayerNormalization", inputs, norm, epsilon=epsilon)


def _norm(task: _Task, part: str) -> list[str]:
    """Names of a layer norm's gain and bias."""
    return [task.writer.constant(name, task.weights[name]) for name in (f"{part}.weight", f"{part}.bias")]


def _pool(writer: Writer, states: str) -> None:
    """Mean of the real tokens' states, scaled to length one."""
    last = writer.constant("last", np.array([2], np.int64))
    middle = writer.constant("middle", np.array([1], np.int64))
    column = writer.node("Unsqueeze", [MASK_FLOAT, last], "mask.column")
    real = writer.node("Mul", [states, column], "real")
    total = writer.node("ReduceSum", [real, middle], "total", keepdims=0)
    writer.node("LpNormalization", [total], EMBEDDING, axis=-1, p=2)


def _model(writer: Writer, *, hidden: int) -> ModelProto:
    sizes = ["batch", "tokens"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, sizes) for name in (INPUT_IDS, ATTENTION_MASK)
    ]
    outputs = [helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, ["batch", hidden])]
    graph = helper.make_graph(writer.nodes, "anwen-encoder", inputs, outputs, writer.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, CONTRIB_OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="anwen")
