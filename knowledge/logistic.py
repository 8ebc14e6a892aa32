"""Two small fits by Newton's method, with a pull towards zero: a yes or no, and a choice among several."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

STEPS = 50
CLOSE_ENOUGH = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Mean and spread of each feature, so that one pull is fair to all."""

    mean: Values
    spread: Values

    @classmethod
    def of(cls, features: Values) -> "Scale":
        """The scale of `features` (n, features); a constant one has spread 1."""
        spread = features.std(axis=0)
        return cls(mean=features.mean(axis=0), spread=np.where(spread > 1e-9, spread, 1.0))

    def applied(self, features: Values) -> Values:
        """`features` with mean 0 and spread 1."""
        return (features - self.mean) / self.spread


def fit_yes_no(features: Values, is_yes: Values, *, weights: Values, pull: float) -> tuple[Values, float]:
    """Coefficients (features,) and bias of the probability of yes, on the scale `features` are given in.

    Args:
        features: (n, features).
        is_yes: (n,) 0.0 or 1.0.
        weights: (n,) how much each case counts.
        pull: L2 on the standardised coefficients; the bias is free.
    """
    scale = Scale.of(features)
    design = np.column_stack([scale.applied(features), np.ones(len(features))])
    penalty = np.diag([pull] * features.shape[1] + [1e-6])
    solution = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ solution, -30.0, 30.0)))
        slope = design.T @ (weights * (chance - is_yes)) + penalty @ solution
        curve = (design * (weights * chance * (1.0 - chance))[:, None]).T @ design + penalty
        step = np.linalg.solve(curve, slope)
        solution -= step
        if float(np.abs(step).max()) < CLOSE_ENOUGH:
            break
    coefficients = solution[:-1] / scale.spread
    return coefficients, float(solution[-1] - coefficients @ scale.mean)


def fit_choice(groups: Sequence[tuple[Values, Values]], *, pull: float) -> Values:
    """Coefficients (features,) under which the right members of each group come first.

    Args:
        groups: features (members, features) and the share of each member in being right, summing to 1.
        pull: L2 on the standardised coefficients.
    """
    scale = Scale.of(np.concatenate([features for features, _ in groups]))
    scaled = [(scale.applied(features), share) for features, share in groups]
    solution = np.zeros(len(scale.mean))
    for _ in range(STEPS):
        slope = pull * solution
        curve = pull * np.eye(len(solution))
        for features, share in scaled:
            odds = features @ solution
            chance = np.exp(odds - odds.max())
            chance /= chance.sum()
            middle = chance @ features
            slope = slope + (chance - share) @ features
            curve = curve + (features * chance[:, None]).T @ features - np.outer(middle, middle)
        step = np.linalg.solve(curve, slope)
        solution = solution - step
        if float(np.abs(step).max()) < CLOSE_ENOUGH:
            break
    coefficients: Values = solution / scale.spread
    return coefficients
