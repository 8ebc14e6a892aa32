"""The coefficients that turn evidence into probabilities, and where they are kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
RANK_FEATURES = ("support", "answer", "lexical", "likelihood", "fuzzy", "coverage", "foreign")
# What tells whether a candidate is right, if any is; margins are to the best other candidate.
RIGHT_FEATURES = (
    "dense",
    "support",
    "answer",
    "lexical",
    "likelihood",
    "fuzzy",
    "coverage",
    "support_margin",
    "answer_margin",
    "lexical_margin",
    "likelihood_margin",
    "rank_margin",
    "agreement",
    "known",
    "length",
    "foreign",
)
# What tells whether any candidate can be right: the best of each over the candidates.
# `ours`: how much nearer the nearest entry is than the nearest question that belongs elsewhere.
SCOPE_FEATURES = (
    "support",
    "answer",
    "lexical",
    "likelihood",
    "fuzzy",
    "coverage",
    "known",
    "inside",
    "ours",
    "length",
)
# These may count either way; more of any other feature never counts against a candidate.
FREE_FEATURES = ("length", "foreign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A logistic model over named features."""

    weights: Mapping[str, float]
    bias: float

    def probabilities(self, features: Values) -> Values:
        """Probabilities (n,) of cases with features (n, features), in the order of `weights`."""
        odds = features @ np.array(list(self.weights.values())) + self.bias
        result: Values = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """A linear ranking, two probabilities, and the thresholds that go with them.

    A candidate is right when the question is in scope and the candidate is the right one of those we have:
    two questions with different signs. One model for both would have to take a clear question about
    something else for an unclear one about our subjects.
    """

    rank: Mapping[str, float]
    right: Logistic  # that a candidate is right, given that the question is in scope
    scope: Logistic  # that some entry answers the question
    thresholds: Thresholds
    encoder: str  # name of the encoder whose scores were fitted; "" for hand-made coefficients
    trained_on: str  # day, as a date
    command: str  # what was run to make them
    questions: int  # how many labelled questions; 0 for hand-made coefficients

    @classmethod
    def unfitted(cls) -> "Fusion":
        """Every feature alike, and sure of nothing: to gather the evidence that a fusion is then fitted to."""
        return cls(
            rank=dict.fromkeys(RANK_FEATURES, 1.0),
            right=Logistic(weights=dict.fromkeys(RIGHT_FEATURES, 0.0), bias=0.0),
            scope=Logistic(weights=dict.fromkeys(SCOPE_FEATURES, 0.0), bias=0.0),
            thresholds=Thresholds(answer=1.0, ask=1.0),
            encoder="",
            trained_on="",
            command="",
            questions=0,
        )

    def ranks(self, features: Values) -> Values:
        """Rank scores (n,) of candidates with RANK_FEATURES (n, features); higher is better."""
        result: Values = features @ np.array(list(self.rank.values()))
        return result

    def save(self, path: Path) -> None:
        """Writes the coefficients, in one step."""
        raw = asdict(self)
        raw = {key: raw[key] for key in ("trained_on", "command", "encoder", "questions")} | _rounded(raw)
        fresh = path.with_suffix(".tmp")
        fresh.write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", "utf-8")
        fresh.replace(path)


def load_fusion(path: Path = SHIPPED_FUSION) -> Fusion:
    """The coefficients in `path`. Raises BuildError when it is missing or made for other features."""
    try:
        shape = _Fusion.model_validate_json(path.read_bytes())
        return Fusion(
            rank=_ordered(shape.rank, RANK_FEATURES),
            right=shape.right.made(RIGHT_FEATURES),
            scope=shape.scope.made(SCOPE_FEATURES),
            thresholds=Thresholds(**shape.thresholds.model_dump()),
            encoder=shape.encoder,
            trained_on=shape.trained_on,
            command=shape.command,
            questions=shape.questions,
        )
    except (OSError, ValidationError, KeyError) as error:
        raise BuildError(f"{path}: no coefficients for this program; calibrate again") from error


def _ordered(weights: Mapping[str, float], names: tuple[str, ...]) -> dict[str, float]:
    if set(weights) != set(names):
        raise KeyError(f"features {sorted(weights)}, not {sorted(names)}")
    return {name: weights[name] for name in names}


def _rounded(raw: dict[str, object]) -> dict[str, object]:
    kept = {key: raw[key] for key in ("thresholds", "rank", "right", "scope")}
    return json.loads(json.dumps(kept), parse_float=lambda text: round(float(text), 4))  # type: ignore[no-any-return]


class _Thresholds(Shape):
    answer: float
    ask: float


class _Logistic(Shape):
    weights: dict[str, float]
    bias: float

    def made(self, names: tuple[str, ...]) -> Logistic:
        return Logistic(weights=_ordered(self.weights, names), bias=self.bias)


class _Fusion(Shape):
    trained_on: str
    command: str
    encoder: str
    questions: int
    thresholds: _Thresholds
    rank: dict[str, float]
    right: _Logistic
    scope: _Logistic
