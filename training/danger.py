"""Teaches intents/danger_reader.npz who is in danger and who only sounds so: `python -m training.danger`.

Reads training/danger/texts.jsonl, the citizens' and scammers' texts of training/fraud/texts, the wordings of all
entries (those that content/desk.yaml calls a danger, and the others as calm) and the questions that belong
elsewhere. Prints what it makes of texts it did not learn from. Run it again when the encoder or its head changed.
Needs scipy; two minutes.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.content import load_desk
from intents.danger_reader import LABELS, SHIPPED, features
from intents.triage import triage
from knowledge.elsewhere import load_elsewhere
from knowledge.encoder import OnnxEncoder
from knowledge.rows import rows_of
from knowledge.schema import read_entries
from knowledge.textnorm import normalized

HERE = Path(__file__).parent
TEXTS = (HERE / "danger" / "texts.jsonl", *sorted((HERE / "fraud" / "texts").glob("*.jsonl")))
CALM = "none"
FOLDS = 5
PULL = 1.0
OWN_WEIGHT = 3.0  # of a text written for this, against the wording of an entry
DANGER_WEIGHT = 2.0  # of a text in danger, against a calm one: a person missed is worse than one alarmed
STEPS = 300

Column = NDArray[np.float64]


def main() -> None:
    """Read, encode, check by folds, learn from all, write."""
    arguments = _arguments()
    encoder = OnnxEncoder(threads=2)
    texts, labels, weights = zip(*_examples(arguments.content), strict=True)
    vectors = encoder.encode_queries([normalized(text) or "-" for text in texts])
    seen = csr_matrix(np.stack([features(t, v, triage(t)) for t, v in zip(texts, vectors, strict=True)]))
    wanted = np.stack([[label != CALM, *(label == each for each in LABELS)] for label in labels]).astype(
        float
    )
    counted = np.array(weights) * np.where(wanted[:, 0] > 0, DANGER_WEIGHT, 1.0)
    if not arguments.skip_check:
        _check(seen, wanted, counted, own=np.array(weights) == OWN_WEIGHT)
    learned = [_learned(seen, column, counted) for column in wanted.T]
    np.savez_compressed(
        SHIPPED,
        encoder=encoder.name,
        weights=np.stack([weight for weight, _ in learned]).astype(np.float16),
        bias=np.array([bias for _, bias in learned], dtype=np.float32),
    )
    print(f"{SHIPPED}: {len(texts)} texts, {int(wanted[:, 0].sum())} in danger, encoder {encoder.name}")


def _examples(content: Path) -> Iterator[tuple[str, str, float]]:
    """Text, label, weight."""
    meanings = load_desk(content).meanings
    entries, _ = read_entries(content)
    for row in rows_of(entries):
        if not row.kind.is_answer:
            yield row.text, meanings.get(entries[row.entry].id, CALM), 1.0
    for text in load_elsewhere(content):
        yield text, CALM, 1.0
    known = {label.value for label in LABELS}
    for path in TEXTS:
        for line in path.read_text("utf-8").splitlines():
            raw = json.loads(line)
            label = raw["label"] if path == TEXTS[0] else raw.get("stage")
            yield raw["text"], label if label in known else CALM, OWN_WEIGHT if path == TEXTS[0] else 1.0


def _learned(seen: csr_matrix, is_so: Column, weights: Column) -> tuple[Column, float]:
    """Logistic regression with an L2 pull on all but the bias."""
    size = seen.shape[1]

    def cost(at: Column) -> tuple[float, Column]:
        odds = seen @ at[:size] + at[size]
        off = weights * (1.0 / (1.0 + np.exp(-odds)) - is_so)
        loss = float((weights * (np.logaddexp(0.0, odds) - is_so * odds)).sum())
        slope = np.append(seen.T @ off + PULL * at[:size], off.sum())
        return loss + 0.5 * PULL * float(at[:size] @ at[:size]), slope

    found = minimize(cost, np.zeros(size + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return found[:size], float(found[size])


def _check(seen: csr_matrix, wanted: Column, weights: Column, *, own: NDArray[np.bool_]) -> None:
    """What a reader makes of texts it did not learn from, a fifth at a time."""
    fold = np.random.default_rng(7).integers(0, FOLDS, seen.shape[0])
    odds = np.zeros(seen.shape[0])
    for each in range(FOLDS):
        kept = fold != each
        weight, bias = _learned(seen[kept], wanted[kept, 0], weights[kept])
        odds[~kept] = seen[~kept] @ weight + bias
    chance, danger = 1.0 / (1.0 + np.exp(-odds)), wanted[:, 0] > 0
    for least in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5):
        caught, alarmed = (chance >= least)[own & danger].mean(), (chance >= least)[own & ~danger].mean()
        entries = (chance >= least)[~own & ~danger].mean()
        print(
            f"from {least:.2f}: {caught:.3f} of those in danger, {alarmed:.3f} of near misses, {entries:.3f} of others"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--content", type=Path, default=Path("knowledge/content"))
    parser.add_argument("--skip-check", action="store_true", help="do not measure, only learn")
    return parser.parse_args()


if __name__ == "__main__":
    main()
