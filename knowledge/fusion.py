"""The coefficients that turn evidence into one probability, and where they are kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from knowledge.errors import BuildError
from knowledge.hits import Thresholds
from knowledge.yaml_files import Shape

FUSION_FILE = "fusion.json"
SHIPPED_FUSION = Path(__file__).parent / "model" / FUSION_FILE

Values = NDArray[np.float64]

# What orders the candidates of one question.
RANK_FEATURES = ("dense", "support", "lexical", "fuzzy", "coverage")
# What tells whether a candidate is right; margins are to the best other candidate.
CONFIDENCE_FEATURES = (
    "dense",
    "support",
    "lexical",
    "fuzzy",
    "coverage",
    "dense_margin",
    "lexical_margin",
    "rank_margin",
    "agreement",
    "known",
    "length",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """A linear ranking and a logistic confidence, with the thresholds that go with them.

    Features mean what `confidence.py` says; a missing or unknown one is an error, not a zero.
    """

    rank: Mapping[str, float]
    confidence: Mapping[str, float]
    bias: float
    thresholds: Thresholds
    encoder: str  # name of the encoder whose scores were fitted; "" for hand-made coefficients
    trained_on: str  # day, as a date
    command: str  # what was run to make them
    questions: int  # how many labelled questions; 0 for hand-made coefficients

    def ranks(self, features: Values) -> Values:
        """Rank scores (n,) of candidates with RANK_FEATURES (n, features); higher is better."""
        weights = np.array([self.rank[name] for name in RANK_FEATURES])
        result: Values = features @ weights
        return result

    def probabilities(self, features: Values) -> Values:
        """Probabilities (n,) that candidates with CONFIDENCE_FEATURES (n, features) are right."""
        weights = np.array([self.confidence[name] for name in CONFIDENCE_FEATURES])
        result: Values = 1.0 / (1.0 + np.exp(-np.clip(features @ weights + self.bias, -30.0, 30.0)))
        return result

    def save(self, path: Path) -> None:
        """Writes the coefficients, in one step."""
        raw = {
            "trained_on": self.trained_on,
            "command": self.command,
            "encoder": self.encoder,
            "questions": self.questions,
            "thresholds": {"answer": round(self.thresholds.answer, 4), "ask": round(self.thresholds.ask, 4)},
            "rank": {name: round(self.rank[name], 4) for name in RANK_FEATURES},
            "bias": round(self.bias, 4),
            "confidence": {name: round(self.confidence[name], 4) for name in CONFIDENCE_FEATURES},
        }
        fresh = path.with_suffix(".tmp")
        fresh.write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", "utf-8")
        fresh.replace(path)


def load_fusion(path: Path = SHIPPED_FUSION) -> Fusion:
    """The coefficients in `path`. Raises BuildError when it is missing or made for other features."""
    try:
        shape = _Fusion.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BuildError(f"{path}: no usable coefficients; run: anwen eval --calibrate") from error
    if set(shape.rank) != set(RANK_FEATURES) or set(shape.confidence) != set(CONFIDENCE_FEATURES):
        raise BuildError(f"{path}: made for other features; run: anwen eval --calibrate")
    values = dict(shape) | {"thresholds": Thresholds(**shape.thresholds.model_dump())}
    return Fusion(**values)


class _Thresholds(Shape):
    answer: float
    ask: float


class _Fusion(Shape):
    trained_on: str
    command: str
    encoder: str
    questions: int
    thresholds: _Thresholds
    rank: dict[str, float]
    bias: float
    confidence: dict[str, float]
