"""Makes a model folder out of float32 weights: smooth, quantise, write, check the size."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from training import folder, graph, smoothing
from training import weights as names
from training.errors import TrainingError
from training.graph import Recipe
from training.weights import Weights

SIZE_LIMIT_BYTES = 40_000_000  # the model travels in the repository


def export(weights: Weights, recipe: Recipe, tokenizer: Tokenizer, *, story: str, out: Path) -> None:
    """Write the int8 model folder `out`; `story` is the card's line on training.

    Raises TrainingError when the result is too large to ship.
    """
    products = smoothing.int8_products(weights, recipe, tokenizer)
    made = folder.Made(
        graph=graph.build(weights, recipe, products),
        tokenizer=tokenizer,
        dim=weights[names.WORDS].shape[1],
        max_tokens=weights[names.POSITIONS].shape[0],
        story=story,
    )
    folder.write(made, out)
    if folder.size_bytes(out) > SIZE_LIMIT_BYTES:
        raise TrainingError(f"{out}: larger than {SIZE_LIMIT_BYTES:,} bytes; keep fewer pieces")
