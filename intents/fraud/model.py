"""A small model over the features: how likely a fraud, of which type, how far gone. numpy only.

Two readers who disagree usefully. Linear heads weigh n-grams and flags; the known scripts are the texts it learned
from, of which those near in meaning, as the encoder gives it, vote with the labels they had (kernel ridge regression).
Without an encoder the linear heads judge alone. Made by `python -m training.fraud`, stored as `model.npz` with small
integers and one scale for each output.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.fraud.features import BUCKETS, Features

WEIGHTS = Path(__file__).parent / "model.npz"
# How fast a script's vote falls with its distance: 1.0 at none, 0.37 at a cosine of 0.5.
NARROWNESS = 1.0
# What a whole vote for a type or a stage is worth beside the linear head's odds; chosen on voices not learned from.
VOTE = 8.0

Values = NDArray[np.float32]
_HEADS = ("fraud", "types", "stages")
_STEPS = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One question to the text: weights of n-grams (outputs, BUCKETS) and of the flags, and a bias for each output."""

    labels: tuple[str, ...]
    grams: NDArray[np.int8]
    scale: Values  # (outputs,) what one step of `grams` is worth
    flags: Values  # (outputs, flags)
    bias: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """Known texts by their meaning, and how each votes."""

    vectors: NDArray[np.int8]  # (scripts, dimensions), unit vectors times `_STEPS`
    fraud: Values  # (scripts,) positive for fraud
    types: Values  # (scripts, types), in the order of the head's labels
    stages: Values  # (scripts, stages)

    def nearness(self, meaning: Values) -> Values:
        """How near each is to a unit vector (dimensions,): 0-1."""
        cosines = (self.vectors.astype(np.float32) @ meaning) / _STEPS
        near: Values = np.exp(2.0 * NARROWNESS * (cosines - 1.0))
        return near


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """From odds to a probability, and the probabilities from which on to suspect; set on voices not learned from."""

    words: float  # what the linear head's odds count
    scripts: float  # what the vote of the scripts counts; 0.0 without
    shift: float
    thresholds: Mapping[str, float]  # by name; see docs/evaluation/fraud.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the model thinks: calibrated probability of fraud, that of each type and stage, and its thresholds."""

    fraud: float
    types: Mapping[str, float]
    stages: Mapping[str, float]
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The trained model."""

    flag_names: tuple[str, ...]
    rarity: Values  # (BUCKETS,) how much a gram says by being rare
    flag_size: float
    fraud: Head
    types: Head
    stages: Head
    scripts: Scripts
    plain: Calibration
    meant: Calibration

    def judge(self, features: Features, meaning: Values | None = None) -> Opinion:
        """The opinion on one text; `meaning` is its unit vector (dimensions,) by the encoder it was trained with."""
        words, votes = self.odds(features, meaning)
        how = self.plain if meaning is None else self.meant
        odds = how.words * float(words["fraud"][0]) + how.scripts * float(votes["fraud"]) + how.shift
        return Opinion(
            fraud=float(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))),
            types=_shares(self.types.labels, words["types"] + VOTE * votes["types"]),
            stages=_shares(self.stages.labels, words["stages"] + VOTE * votes["stages"]),
            thresholds=how.thresholds,
        )

    def odds(self, features: Features, meaning: Values | None) -> tuple[dict[str, Values], dict[str, Values]]:
        """The odds of each head by its words, and the votes of the scripts, 0.0 without a meaning."""
        grams, flags = self.vector(features)
        words = {name: _scores(getattr(self, name), features.buckets, grams, flags) for name in _HEADS}
        if meaning is None:
            return words, {name: np.zeros((), np.float32) for name in _HEADS}
        near = self.scripts.nearness(meaning)
        return words, {name: near @ getattr(self.scripts, name) for name in _HEADS}

    def vector(self, features: Features) -> tuple[Values, Values]:
        """The grams weighted to length one, and the flags as 0 or `flag_size`."""
        weights = (1.0 + np.log(features.counts)) * self.rarity[features.buckets]
        length = float(np.sqrt(weights @ weights)) or 1.0
        flags = np.array([name in features.flags for name in self.flag_names], np.float32) * self.flag_size
        return (weights / length).astype(np.float32), flags.astype(np.float32)


def _scores(head: Head, buckets: NDArray[np.int64], grams: Values, flags: Values) -> Values:
    scores: Values = (head.grams[:, buckets].astype(np.float32) @ grams) * head.scale
    return scores + head.flags @ flags + head.bias


def _shares(labels: tuple[str, ...], odds: Values) -> dict[str, float]:
    shares = np.exp(odds - odds.max())
    shares /= shares.sum()
    return dict(zip(labels, map(float, shares), strict=True))


@cache
def shipped() -> Model:
    """The model beside this file."""
    return load(WEIGHTS)


def save(model: Model, path: Path) -> None:
    """Write `model`; the file loads on every machine."""
    arrays: dict[str, Any] = {
        "flag_names": np.array(model.flag_names),
        "rarity": np.round(model.rarity * 16).astype(np.uint8),
        "flag_size": np.array(model.flag_size),
        "scripts_vectors": model.scripts.vectors,
    }
    for name in _HEADS:
        head: Head = getattr(model, name)
        arrays[f"{name}_labels"] = np.array(head.labels)
        arrays[f"{name}_flags"] = head.flags.astype(np.float16)
        arrays[f"scripts_{name}"] = getattr(model.scripts, name).astype(np.float16)
        for part in ("grams", "scale", "bias"):
            arrays[f"{name}_{part}"] = getattr(head, part)
    for name, how in (("plain", model.plain), ("meant", model.meant)):
        arrays[f"{name}_line"] = np.array([how.words, how.scripts, how.shift])
        arrays[f"{name}_threshold_names"] = np.array(list(how.thresholds))
        arrays[f"{name}_thresholds"] = np.array(list(how.thresholds.values()))
    np.savez_compressed(path, **arrays)


def load(path: Path) -> Model:
    """The model in `path`. Raises ValueError when it was made for other features."""
    with np.load(path, allow_pickle=False) as stored:
        if "scripts_vectors" not in stored or stored["rarity"].shape != (BUCKETS,):
            raise ValueError(f"{path}: made for other features; run python -m training.fraud")
        votes = {name: stored[f"scripts_{name}"].astype(np.float32) for name in _HEADS}
        return Model(
            flag_names=tuple(map(str, stored["flag_names"])),
            rarity=stored["rarity"].astype(np.float32) / 16,
            flag_size=float(stored["flag_size"]),
            fraud=_head("fraud", stored),
            types=_head("types", stored),
            stages=_head("stages", stored),
            scripts=Scripts(vectors=stored["scripts_vectors"], **votes),
            plain=_calibration("plain", stored),
            meant=_calibration("meant", stored),
        )


def _head(name: str, stored: Any) -> Head:
    return Head(
        labels=tuple(map(str, stored[f"{name}_labels"])),
        flags=stored[f"{name}_flags"].astype(np.float32),
        **{part: stored[f"{name}_{part}"] for part in ("grams", "scale", "bias")},
    )


def _calibration(name: str, stored: Any) -> Calibration:
    words, scripts, shift = map(float, stored[f"{name}_line"])
    names, values = stored[f"{name}_threshold_names"], stored[f"{name}_thresholds"]
    return Calibration(
        words=words,
        scripts=scripts,
        shift=shift,
        thresholds=dict(zip(map(str, names), map(float, values), strict=True)),
    )
