"""The second net under the danger rules: how likely a text is by somebody in danger, learned from such texts.

A linear reading of three things: the text's vector, its characters, and what the rules found. It was learned from
texts of people in danger and of people who only sound so (`python -m training.danger`), and belongs to the encoder
whose vectors it reads.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intents.normalize import normalize
from intents.triage import URGENT_STAGES, Crisis, Stage, Triage

SHIPPED = Path(__file__).with_name("danger_reader.npz")
LABELS: tuple[Crisis | Stage, ...] = (*Crisis, *URGENT_STAGES)
BUCKETS = 8192  # of character runs; two that share one are rare enough
LONGEST_RUN = 3
LONGEST_TEXT = 400  # characters that are read
# So that neither side drowns the other: a unit vector has small numbers, a text of many runs smaller ones.
SCALE = 5.0

Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What a text was read as: the likeliest danger, and how likely there is any, 0-1."""

    label: Crisis | Stage
    probability: float


@dataclass(frozen=True, slots=True)
class DangerReader:
    """Weights over `features`: one row for “in danger at all”, then one for each of LABELS."""

    encoder: str  # whose vectors it was learned with
    weights: Features  # (1 + labels, features)
    bias: Features  # (1 + labels,)

    def read(self, text: str, vector: Features, triage: Triage) -> Danger:
        """The danger of one text, from its unit vector and what the rules said."""
        odds = self.weights @ features(text, vector, triage) + self.bias
        label = LABELS[int(np.argmax(odds[1:]))]
        return Danger(label=label, probability=float(1.0 / (1.0 + np.exp(-odds[0]))))


def features(text: str, vector: Features, triage: Triage) -> Features:
    """What is weighed, (dim + BUCKETS + labels,)."""
    found = [float(label in (triage.crisis, triage.stage)) for label in LABELS]
    return np.concatenate([vector * SCALE, _runs(text) * SCALE, found]).astype(np.float32)


def load_reader(path: Path = SHIPPED) -> DangerReader:
    """The reader in `path`. Raises OSError or ValueError when it is missing or not one."""
    with np.load(path, allow_pickle=False) as stored:
        return DangerReader(
            encoder=str(stored["encoder"]),
            weights=stored["weights"].astype(np.float32),
            bias=stored["bias"].astype(np.float32),
        )


def _runs(text: str) -> Features:
    """Which runs of one to three characters the text has, as a unit vector over buckets."""
    said = f"^{normalize(text)[:LONGEST_TEXT]}$"
    runs = {said[i : i + size] for size in range(1, LONGEST_RUN + 1) for i in range(len(said) - size + 1)}
    found = np.zeros(BUCKETS, dtype=np.float32)
    found[[_bucket(run) for run in runs]] = 1.0
    return found / np.float32(np.linalg.norm(found))


@lru_cache(maxsize=1 << 16)
def _bucket(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=4).digest(), "little") % BUCKETS
