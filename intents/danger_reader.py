"""The second net under the danger rules: how likely a text is by somebody in danger, learned from such texts.

A linear reading of three things: the text's vector, its characters, and what the rules found. It was learned from
texts of people in danger and of people who only sound so (`python -m training.danger`), and belongs to the encoder
whose vectors it reads.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
Odds = NDArray[np.float32]  # (1 + labels,) logarithms, of “in danger at all” and of each of LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What a text was read as: the likeliest danger, and how likely there is any, 0-1."""

    label: Crisis | Stage
    probability: float


@dataclass(frozen=True)
class DangerReader:
    """Weights over `features`: one row for “in danger at all”, then one for each of LABELS."""

    encoder: str  # whose vectors it was learned with
    weights: Features  # (1 + labels, features)
    bias: Features  # (1 + labels,)

    def read(self, text: str, vector: Features, triage: Triage) -> Danger:
        """The danger of one text, from its unit vector and what the rules said."""
        return self.meant(self.written(text, triage), vector)

    def written(self, text: str, triage: Triage) -> Odds:
        """How likely each danger is by what is written and by what the rules said, for `meant`."""
        runs = buckets(text)
        # What `features` spells out, without its thousands of zeros.
        odds: Odds = self.bias + self.weights[:, -len(LABELS) :] @ _found(triage)
        odds += self._of_runs[runs].sum(axis=0) * np.float32(SCALE / np.sqrt(len(runs)))
        return odds

    def meant(self, written: Odds, vector: Features) -> Danger:
        """The danger, once the unit vector of the text that `written` is about is known too."""
        odds = written + self.weights[:, : len(vector)] @ (vector * np.float32(SCALE))
        label = LABELS[int(np.argmax(odds[1:]))]
        return Danger(label=label, probability=float(1.0 / (1.0 + np.exp(-odds[0]))))

    @cached_property
    def _of_runs(self) -> Features:
        """The weights of the runs, (BUCKETS, 1 + labels): those of one run side by side, where they are read."""
        return np.ascontiguousarray(self.weights[:, -len(LABELS) - BUCKETS : -len(LABELS)].T)


def features(text: str, vector: Features, triage: Triage) -> Features:
    """What is weighed, (dim + BUCKETS + labels,)."""
    runs = np.zeros(BUCKETS, dtype=np.float32)
    places = buckets(text)
    runs[places] = SCALE / np.sqrt(len(places))
    return np.concatenate([vector * SCALE, runs, _found(triage)]).astype(np.float32)


def buckets(text: str) -> list[int]:
    """The buckets of the runs of one to three characters that the text has, each once."""
    said = f"^{normalize(text)[:LONGEST_TEXT]}$"
    runs = {said[i : i + size] for size in range(1, LONGEST_RUN + 1) for i in range(len(said) - size + 1)}
    return list({_bucket(run) for run in runs})


def _found(triage: Triage) -> Features:
    return np.array([label in (triage.crisis, triage.stage) for label in LABELS], dtype=np.float32)


def load_reader(path: Path = SHIPPED) -> DangerReader:
    """The reader in `path`. Raises OSError or ValueError when it is missing or not one."""
    with np.load(path, allow_pickle=False) as stored:
        return DangerReader(
            encoder=str(stored["encoder"]),
            weights=stored["weights"].astype(np.float32),
            bias=stored["bias"].astype(np.float32),
        )


@lru_cache(maxsize=1 << 13)
def _bucket(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=4).digest(), "little") % BUCKETS
