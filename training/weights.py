"""The encoder's weights under the names that transformers gives a BertModel.

Every stage speaks this one dialect: the source file is renamed into it, torch loads and saves
it, the ONNX graph is built from it and is read back into it. Linear weights are (out, in).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training.e5_binary import E5File, Floats

Weights = Mapping[str, Floats]

PAD_ID = 1  # row of the padding piece, as XLM-R has it

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
TYPES = "embeddings.token_type_embeddings.weight"
EMBEDDING_NORM = "embeddings.LayerNorm"
ATTENTION = "attention.self"
QUERY = "attention.self.query"
KEY = "attention.self.key"
VALUE = "attention.self.value"
JOINT = "attention.self.joint"  # query, key and value side by side, as one product
JOINT_PARTS = (QUERY, KEY, VALUE)
ATTENTION_OUT = "attention.output.dense"
ATTENTION_NORM = "attention.output.LayerNorm"
FEED_IN = "intermediate.dense"
FEED_OUT = "output.dense"
OUT_NORM = "output.LayerNorm"

_LINEAR = {"q": QUERY, "k": KEY, "v": VALUE, "ao": ATTENTION_OUT, "fi": FEED_IN, "fo": FEED_OUT}
_NORM = {"aln": ATTENTION_NORM, "oln": OUT_NORM}


def layer(number: int, part: str) -> str:
    """Full name of a part of one layer, e.g. `encoder.layer.3.output.dense`."""
    return f"encoder.layer.{number}.{part}"


def from_e5(source: E5File, *, kept: Sequence[int]) -> dict[str, Floats]:
    """The source's weights, with only the word rows whose numbers are in `kept`, in that order."""
    shape = source.shape
    weights = {
        WORDS: source.matrix("emb.word", rows=shape.vocabulary)[np.asarray(kept)],
        POSITIONS: source.matrix("emb.pos", rows=shape.positions),
        TYPES: source.matrix("emb.type", rows=shape.token_types),
        f"{EMBEDDING_NORM}.weight": source.vector("emb.ln.w"),
        f"{EMBEDDING_NORM}.bias": source.vector("emb.ln.b"),
    }
    for number in range(shape.layers):
        weights |= _layer_from_e5(source, number=number)
    return weights


def _layer_from_e5(source: E5File, *, number: int) -> dict[str, Floats]:
    weights = {}
    for short, part in (_LINEAR | _NORM).items():
        bias = source.vector(f"l{number}.{short}.b")
        weight = source.vector(f"l{number}.{short}.w")
        if short in _LINEAR:
            weight = weight.reshape(len(bias), -1)
        weights[f"{layer(number, part)}.weight"] = weight
        weights[f"{layer(number, part)}.bias"] = bias
    return weights


def layer_count(weights: Weights) -> int:
    """How many transformer layers the weights describe."""
    return sum(name.endswith(f"{QUERY}.weight") for name in weights)


def type_row(weights: Weights) -> Floats:
    """The constant that token type 0 adds to every token, shape (hidden,)."""
    row: Floats = weights[TYPES][0]
    return row
