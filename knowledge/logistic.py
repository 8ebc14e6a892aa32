"""Two small fits by Newton's method, with a pull towards zero: a yes or no, and a choice among several.

Coefficients of features that are `monotone` are never negative: evidence that counts against what it speaks
for is a quirk of the examples, and would punish a person for asking in our own words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

STEPS = 50
HALVINGS = 30
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


def fit_yes_no(
    features: Values, is_yes: Values, *, weights: Values, pull: float, monotone: NDArray[np.bool_]
) -> tuple[Values, float]:
    """Coefficients (features,) and bias of the probability of yes, on the scale `features` are given in.

    Args:
        features: (n, features).
        is_yes: (n,) 0.0 or 1.0.
        weights: (n,) how much each case counts.
        pull: L2 on the standardised coefficients; the bias is free.
        monotone: (features,) which coefficients may not be negative.
    """
    scale = Scale.of(features)
    scaled = scale.applied(features)
    bias = 0.0

    def fit(used: NDArray[np.bool_]) -> Values:
        nonlocal bias
        design = np.column_stack([scaled[:, used], np.ones(len(features))])
        penalty = np.diag([pull] * int(used.sum()) + [1e-6])
        *solution, bias = _newton(
            lambda at: _yes_no_terms(design, at, is_yes=is_yes, weights=weights, penalty=penalty),
            size=design.shape[1],
        )
        return np.array(solution)

    coefficients = _without_negative(fit, monotone) / scale.spread
    return coefficients, float(bias - coefficients @ scale.mean)


def fit_choice(
    groups: Sequence[tuple[Values, Values]], *, pull: float, monotone: NDArray[np.bool_]
) -> Values:
    """Coefficients (features,) under which the right members of each group come first.

    Args:
        groups: features (members, features) and the share of each member in being right, summing to 1.
        pull: L2 on the standardised coefficients.
        monotone: (features,) which coefficients may not be negative.
    """
    scale = Scale.of(np.concatenate([features for features, _ in groups]))
    scaled = [(scale.applied(features), share) for features, share in groups]

    def fit(used: NDArray[np.bool_]) -> Values:
        narrowed = [(features[:, used], share) for features, share in scaled]
        return _newton(lambda at: _choice_terms(narrowed, at, pull=pull), size=int(used.sum()))

    coefficients: Values = _without_negative(fit, monotone) / scale.spread
    return coefficients


def _newton(terms: Callable[[Values], tuple[float, Values, Values]], *, size: int) -> Values:
    """The lowest point; `terms` gives cost, slope and curvature at a point.

    A whole step can jump over the lowest point and further off each time, so it is halved until it leads down.
    """
    solution = np.zeros(size)
    cost, slope, curve = terms(solution)
    for _ in range(STEPS):
        step = np.linalg.solve(curve, slope)
        for _ in range(HALVINGS):
            tried = solution - step
            new_cost, new_slope, new_curve = terms(tried)
            if new_cost <= cost:
                break
            step = step / 2
        else:
            return solution
        solution, cost, slope, curve = tried, new_cost, new_slope, new_curve
        if float(np.abs(step).max(initial=0.0)) < CLOSE_ENOUGH:
            break
    return solution


def _yes_no_terms(
    design: Values, at: Values, *, is_yes: Values, weights: Values, penalty: Values
) -> tuple[float, Values, Values]:
    odds = design @ at
    chance = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    cost = float(weights @ (np.logaddexp(0.0, odds) - is_yes * odds) + 0.5 * at @ penalty @ at)
    slope = design.T @ (weights * (chance - is_yes)) + penalty @ at
    curve = (design * (weights * chance * (1.0 - chance))[:, None]).T @ design + penalty
    return cost, slope, curve


def _choice_terms(
    groups: Sequence[tuple[Values, Values]], at: Values, *, pull: float
) -> tuple[float, Values, Values]:
    cost, slope, curve = 0.5 * pull * float(at @ at), pull * at, pull * np.eye(len(at))
    for features, share in groups:
        odds = features @ at
        chance = np.exp(odds - odds.max())
        total = chance.sum()
        cost += float(np.log(total) + odds.max() - share @ odds)
        chance /= total
        middle = chance @ features
        slope = slope + (chance - share) @ features
        curve = curve + (features * chance[:, None]).T @ features - np.outer(middle, middle)
    return cost, slope, curve


def _without_negative(fit: Callable[[NDArray[np.bool_]], Values], monotone: NDArray[np.bool_]) -> Values:
    """All coefficients, those that would be negative though monotone left out one by one, as 0.0."""
    used = np.ones(len(monotone), dtype=np.bool_)
    while True:
        coefficients = np.zeros(len(monotone))
        coefficients[used] = fit(used)
        worst = int(np.argmin(np.where(monotone, coefficients, 0.0)))
        if not (monotone[worst] and coefficients[worst] < 0.0):
            return coefficients
        used[worst] = False
