import numpy as np

from knowledge.logistic import fit_choice


def test_a_choice_is_fitted_though_whole_steps_would_jump_over_the_lowest_point():
    """Two nearly parting features on very different scales once sent Newton's method off to the thousands."""
    chance = np.random.default_rng(3)
    groups = []
    for _ in range(300):
        right = chance.integers(12)
        strong = chance.normal(0, 0.01, 12)
        strong[right] += 0.08
        wide = chance.normal(0, 40.0, 12)
        wide[right] += 200.0
        share = np.zeros(12)
        share[right] = 1.0
        groups.append((np.column_stack([strong, wide]), share))

    weights = fit_choice(groups, pull=1.0, monotone=np.ones(2, dtype=bool))

    assert np.isfinite(weights).all()
    assert (weights > 0).all()
    spread = np.concatenate([features for features, _ in groups]).std(axis=0)
    assert (weights * spread).max() < 20.0


def test_what_counts_against_the_right_one_is_left_out():
    groups = [
        (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1.0, 0.0])),
        (np.array([[0.9, 0.2], [0.1, 0.8]]), np.array([1.0, 0.0])),
    ]

    weights = fit_choice(groups, pull=1.0, monotone=np.ones(2, dtype=bool))

    assert weights[0] > 0.0
    assert weights[1] == 0.0
