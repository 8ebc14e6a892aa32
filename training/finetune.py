"""Fine-tunes the encoder on our own entries: `python -m training.finetune --start DIR --out DIR`.

Each step shows the model questions, one text of the right entry for each, and the texts of other
entries that it most easily confuses with them. Prints the loss, and recall on held-out variants
before and after. Start from a checkpoint that `training.build_encoder --torch-out` wrote.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from knowledge.encoder import OnnxEncoder
from knowledge.errors import EncoderError
from knowledge.model_files import SHIPPED_MODEL
from knowledge.rows import Row
from training import batches, checkpoint, contrastive, pairs
from training.contrastive import Plan
from training.errors import TrainingError
from training.export import export
from training.recall import recall

CONTENT = Path("knowledge/content")


def main() -> int:
    """Train and export; on an error print one line and answer 2."""
    try:
        finetune(_arguments())
    except (TrainingError, EncoderError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def finetune(arguments: argparse.Namespace) -> None:
    """Train from `arguments.start`, write the model folder `arguments.out`."""
    rows = pairs.read(arguments.content)
    known, held = pairs.hold_out(rows, per_entry=arguments.hold_out, seed=arguments.seed)
    miner = OnnxEncoder(arguments.mine_with, threads=arguments.threads)
    print(f"{len(known)} rows to learn from, {len(held)} variants held out")
    _print_recall("before", miner, known, held)
    nearest = batches.nearest_misses(miner, known)
    drawn = batches.draw(known, nearest, size=arguments.batch, misses=arguments.misses, seed=arguments.seed)
    plan = Plan(
        steps=arguments.steps,
        rate=arguments.rate,
        longest=arguments.longest,
        seed=arguments.seed,
        device=arguments.device,
    )

    weights, recipe, tokenizer = checkpoint.load(arguments.start)
    model = checkpoint.bert(weights, recipe)
    _follow(contrastive.train(model, tokenizer, drawn, plan), steps=plan.steps)

    tuned = checkpoint.weights_of(model)
    export(tuned, recipe, tokenizer, story=_story(arguments, rows=len(known)), out=arguments.out)
    if arguments.torch_out is not None:
        checkpoint.save(tuned, recipe, tokenizer, arguments.torch_out)
    _print_recall("after", OnnxEncoder(arguments.out, threads=arguments.threads), known, held)


def _follow(losses: Iterable[float], *, steps: int) -> None:
    """Take every step and show the loss as a moving average."""
    smooth = None
    with tqdm(losses, total=steps, unit="step") as progress:
        for loss in progress:
            smooth = loss if smooth is None else 0.9 * smooth + 0.1 * loss
            progress.set_postfix(loss=f"{smooth:.3f}")


def _print_recall(moment: str, encoder: OnnxEncoder, known: tuple[Row, ...], held: tuple[Row, ...]) -> None:
    if held:
        scores = recall(encoder, known, held)
        print(f"{moment}: " + ", ".join(f"recall@{cut} {share:.3f}" for cut, share in scores.items()))


def _story(arguments: argparse.Namespace, *, rows: int) -> str:
    return (
        f"The base weights, fine-tuned for {arguments.steps} steps of {arguments.batch} questions on {rows} texts "
        f"of our own entries (`python -m training.finetune`, seed {arguments.seed}, rate {arguments.rate:g}, "
        f"{arguments.misses} near misses a question, word table frozen)."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--start", type=Path, required=True, help="float32 checkpoint to start from")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--torch-out", type=Path, help="also write the tuned float32 checkpoint here")
    parser.add_argument("--content", type=Path, default=CONTENT, help="folder with the entries")
    parser.add_argument("--mine-with", type=Path, default=SHIPPED_MODEL, help="model that finds near misses")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--batch", type=int, default=48, help="questions a step")
    parser.add_argument("--misses", type=int, default=1, help="near misses a question")
    parser.add_argument("--rate", type=float, default=2e-5, help="highest learning rate")
    parser.add_argument("--longest", type=int, default=160, help="tokens of a text that are read")
    parser.add_argument("--hold-out", type=int, default=1, help="variants of each entry kept for measuring")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2, help="for encoding, not for training")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
