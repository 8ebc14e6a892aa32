"""A small linear model over the features: how likely a fraud, of which type, how far gone. numpy only.

Made by `python -m training.fraud`, stored as `model.npz` with small integers and one scale for each output. There are
two panels of the same heads: one also hears the meaning of the text as the encoder gives it, one does without.
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
MEANING_SIZE = 0.03  # of one standardised dimension of meaning, beside n-grams of length one together

Values = NDArray[np.float32]
_HEADS = ("fraud", "types", "stages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One question to the text: weights of n-grams (outputs, BUCKETS) and of the rest, and a bias for each output."""

    labels: tuple[str, ...]
    grams: NDArray[np.int8]
    scale: Values  # (outputs,) what one step of `grams` is worth
    dense: Values  # (outputs, flags), or (outputs, flags + dimensions of meaning)
    bias: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The three heads with what was set on texts they did not see: calibration and thresholds."""

    fraud: Head
    types: Head
    stages: Head
    slope: float
    shift: float
    thresholds: Mapping[str, float]  # by name; see docs/evaluation/fraud.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a panel thinks: calibrated probability of fraud, that of each type and stage, and its thresholds."""

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
    middle: Values  # (dimensions,) mean of meaning
    spread: Values
    plain: Panel
    meant: Panel

    def judge(self, features: Features, meaning: Values | None = None) -> Opinion:
        """The opinion on one text; `meaning` is its vector (dimensions,) by the encoder it was trained with."""
        panel = self.plain if meaning is None else self.meant
        grams, dense = self.vector(features, meaning)
        odds = float(_scores(panel.fraud, features.buckets, grams, dense)[0])
        return Opinion(
            fraud=float(1.0 / (1.0 + np.exp(-np.clip(panel.slope * odds + panel.shift, -30.0, 30.0)))),
            types=_shares(panel.types, features.buckets, grams, dense),
            stages=_shares(panel.stages, features.buckets, grams, dense),
            thresholds=panel.thresholds,
        )

    def vector(self, features: Features, meaning: Values | None = None) -> tuple[Values, Values]:
        """The grams weighted to length one, and the flags as 0 or `flag_size`, with the scaled meaning behind them."""
        weights = (1.0 + np.log(features.counts)) * self.rarity[features.buckets]
        length = float(np.sqrt(weights @ weights)) or 1.0
        dense = np.array([name in features.flags for name in self.flag_names], np.float32) * self.flag_size
        if meaning is not None:
            dense = np.concatenate([dense, (meaning - self.middle) / self.spread * MEANING_SIZE])
        return (weights / length).astype(np.float32), dense.astype(np.float32)


def _scores(head: Head, buckets: NDArray[np.int64], grams: Values, dense: Values) -> Values:
    scores: Values = (head.grams[:, buckets].astype(np.float32) @ grams) * head.scale
    return scores + head.dense @ dense + head.bias


def _shares(head: Head, buckets: NDArray[np.int64], grams: Values, dense: Values) -> dict[str, float]:
    scores = _scores(head, buckets, grams, dense)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    return dict(zip(head.labels, map(float, shares), strict=True))


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
        "middle": model.middle,
        "spread": model.spread,
    }
    for name, panel in (("plain", model.plain), ("meant", model.meant)):
        arrays |= _packed(name, panel)
    np.savez_compressed(path, **arrays)


def load(path: Path) -> Model:
    """The model in `path`. Raises ValueError when it was made for other features."""
    with np.load(path, allow_pickle=False) as stored:
        if stored["rarity"].shape != (BUCKETS,):
            raise ValueError(f"{path}: made for other features; run python -m training.fraud")
        return Model(
            flag_names=tuple(map(str, stored["flag_names"])),
            rarity=stored["rarity"].astype(np.float32) / 16,
            flag_size=float(stored["flag_size"]),
            middle=stored["middle"],
            spread=stored["spread"],
            plain=_unpacked("plain", stored),
            meant=_unpacked("meant", stored),
        )


def _packed(name: str, panel: Panel) -> dict[str, Any]:
    arrays: dict[str, Any] = {
        f"{name}_line": np.array([panel.slope, panel.shift]),
        f"{name}_threshold_names": np.array(list(panel.thresholds)),
        f"{name}_thresholds": np.array(list(panel.thresholds.values())),
    }
    for of in _HEADS:
        head: Head = getattr(panel, of)
        arrays[f"{name}_{of}_labels"] = np.array(head.labels)
        arrays[f"{name}_{of}_dense"] = head.dense.astype(np.float16)
        for part in ("grams", "scale", "bias"):
            arrays[f"{name}_{of}_{part}"] = getattr(head, part)
    return arrays


def _unpacked(name: str, stored: Any) -> Panel:
    heads = {
        of: Head(
            labels=tuple(map(str, stored[f"{name}_{of}_labels"])),
            dense=stored[f"{name}_{of}_dense"].astype(np.float32),
            **{part: stored[f"{name}_{of}_{part}"] for part in ("grams", "scale", "bias")},
        )
        for of in _HEADS
    }
    slope, shift = map(float, stored[f"{name}_line"])
    names, values = stored[f"{name}_threshold_names"], stored[f"{name}_thresholds"]
    return Panel(
        **heads,
        slope=slope,
        shift=shift,
        thresholds=dict(zip(map(str, names), map(float, values), strict=True)),
    )
