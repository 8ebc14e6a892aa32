"""Teaches a shipped encoder our own entries in a minute: `python -m training.adapt --model knowledge/model`.

Learns one square map on top of the frozen encoder, so that the wordings of an entry come nearer to each other than
to those of any other entry; writes it as `head.npy` into the model folder and renames the model. Rows are compared
with every row there is, so that every near miss counts. Needs torch; an earlier head is learned anew.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from knowledge.elsewhere import load_elsewhere
from knowledge.encoder import OnnxEncoder
from knowledge.model_files import HEAD, MANIFEST, SHIPPED_MODEL, sha256_of
from knowledge.rows import encoded
from knowledge.vectors import Matrix
from training import pairs
from training.folder import renamed

ASKED_AT_ONCE = 384
EXCLUDED = -1e4  # logit of a row that is the question itself


def main() -> None:
    """Learn, write, and say how the loss fell."""
    arguments = _arguments()
    drop_head(arguments.model)
    rows = pairs.read(arguments.content)
    encoder = OnnxEncoder(arguments.model, threads=arguments.threads, cache_rows=0)
    strange = encoder.encode_queries(load_elsewhere(arguments.content))  # near misses of every question
    vectors = np.concatenate([encoded(rows, encoder), strange])
    entries = np.array([*(row.entry for row in rows), *range(-len(strange), 0)])
    asks = np.flatnonzero([not row.kind.is_answer for row in rows])
    head = learn(vectors, entries, asks, arguments)
    write_head(arguments.model, head)


def learn(
    vectors: Matrix, entries: NDArray[np.int64], asks: NDArray[np.int64], plan: argparse.Namespace
) -> Matrix:
    """The map, (dim, dim).

    Args:
        vectors: unit rows (n, dim); `entries` says whose each is, `asks` which of them people may say.
    """
    torch.manual_seed(plan.seed)
    chance = np.random.default_rng(plan.seed)
    known, owner, same = torch.from_numpy(vectors), torch.from_numpy(entries), torch.eye(vectors.shape[1])
    head = same.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([head], lr=plan.rate)
    progress = tqdm(range(plan.steps), unit="step")
    for step in progress:
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * min(1.0, (step + 1) / 20) * (1 - step / plan.steps)
        asked = torch.from_numpy(chance.choice(asks, ASKED_AT_ONCE, replace=False))
        loss = _loss(known @ head, asked, owner, plan.temperature)
        loss = loss + plan.stay * ((head - same) ** 2).sum()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        progress.set_postfix(loss=f"{loss.item():.3f}")
    result: Matrix = head.detach().numpy()
    return result


def _loss(mapped: Tensor, asked: Tensor, owner: Tensor, temperature: float) -> Tensor:
    """How much of the likeness of each asked row falls on rows of other entries (cross-entropy)."""
    rows = torch.nn.functional.normalize(mapped, dim=1)
    logits = rows[asked] @ rows.T / temperature
    logits[torch.arange(len(asked)), asked] = EXCLUDED
    others = logits.masked_fill(owner[asked][:, None] != owner[None, :], EXCLUDED)
    return (torch.logsumexp(logits, 1) - torch.logsumexp(others, 1)).mean()


def drop_head(folder: Path) -> None:
    """Forget the head of a model folder, so that its rows are those of the bare encoder."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    if manifest["files"].pop(HEAD, None) is not None:
        (folder / MANIFEST).write_text(renamed(manifest), "utf-8")


def write_head(folder: Path, head: Matrix) -> None:
    """Put the head into a model folder; the model's name changes with it."""
    np.save(folder / HEAD, np.ascontiguousarray(head, dtype=np.float32))
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    path = folder / HEAD
    manifest["files"][HEAD] = {"size_bytes": path.stat().st_size, "sha256": sha256_of(path)}
    (folder / MANIFEST).write_text(renamed(manifest), "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL, help="model folder to teach, in place")
    parser.add_argument(
        "--content", type=Path, default=Path("knowledge/content"), help="folder with the entries"
    )
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--stay", type=float, default=1e-2, help="weight of staying near the bare encoder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
