from datetime import date

import numpy as np
import pytest

from knowledge.calibrate import (
    MOST_FALSE_ANSWERS,
    Example,
    Outcome,
    calibrate,
    choose_thresholds,
)
from knowledge.confidence import Evidence, ranked
from knowledge.errors import BuildError, KnowledgeError
from knowledge.fusion import RANK_FEATURES, RIGHT_FEATURES, SCOPE_FEATURES, load_fusion
from knowledge.logistic import fit_choice, fit_yes_no

TODAY = date(2026, 11, 23)
CANDIDATES = 5


def made_up(number, *, in_scope):
    """Evidence in which the right candidate is usually nearer, and strange questions are far from all."""
    chance = np.random.default_rng(number)
    base = 0.86 if in_scope else 0.80
    near = base + chance.normal(0, 0.02, CANDIDATES)
    right = int(chance.integers(CANDIDATES))
    if in_scope:
        near[right] += 0.06
    words = chance.uniform(0, 0.5, CANDIDATES)
    evidence = Evidence(
        entries=np.arange(CANDIDATES),
        rows=np.arange(CANDIDATES),
        dense=near + 0.01,
        support=near,
        answer=near + chance.normal(0, 0.02, CANDIDATES),
        lexical=words + 0.4 * (np.arange(CANDIDATES) == right) * in_scope,
        likelihood=words,
        fuzzy=words,
        coverage=words,
        foreign=np.zeros(CANDIDATES),
        inside=0.0,
        known=0.9 if in_scope else 0.6,
        elsewhere=float(chance.uniform(0.5, 0.7)),
        length=int(chance.integers(4, 80)),
    )
    is_right = (np.arange(CANDIDATES) == right) & in_scope
    return Example(id=str(number), evidence=evidence, is_right=is_right, in_scope=in_scope)


@pytest.fixture(scope="module")
def cases():
    return [made_up(number, in_scope=number % 4 > 0) for number in range(400)]


@pytest.fixture(scope="module")
def fusion(cases):
    return calibrate(cases, encoder="hash@1", today=TODAY, command="a test")


def test_the_fit_orders_and_knows_how_sure_it_is_on_questions_it_has_not_seen(fusion):
    fresh = [made_up(number, in_scope=number % 4 > 0) for number in range(1000, 1400)]
    results = [(case, ranked(case.evidence, fusion)) for case in fresh]

    inside = [(case, result) for case, result in results if case.in_scope]
    right = [bool(case.is_right[result.order[0]]) for case, result in inside]
    sure = [float(result.confidence[0]) for _, result in inside]
    strange = [float(result.confidence[0]) for case, result in results if not case.in_scope]
    assert np.mean(right) > 0.9
    assert np.mean(sure) == pytest.approx(np.mean(right), abs=0.05)
    assert np.mean(np.array(strange) >= fusion.thresholds.answer) <= 0.05
    assert np.mean(strange) < 0.2 < np.mean(sure)


def test_more_evidence_never_counts_against_a_candidate(fusion):
    for weights in (fusion.rank, fusion.right.weights, fusion.scope.weights):
        assert all(weight >= 0.0 for name, weight in weights.items() if name not in ("length", "foreign"))


def test_the_file_reads_back_and_says_where_it_comes_from(fusion, tmp_path):
    fusion.save(tmp_path / "fusion.json")

    loaded = load_fusion(tmp_path / "fusion.json")

    assert (loaded.encoder, loaded.trained_on, loaded.command, loaded.questions) == (
        "hash@1",
        "2026-11-23",
        "a test",
        400,
    )
    assert loaded.thresholds.answer == pytest.approx(fusion.thresholds.answer, abs=1e-4)
    assert loaded.rank == pytest.approx(fusion.rank, abs=1e-3)
    assert tuple(loaded.rank) == RANK_FEATURES
    assert tuple(loaded.right.weights) == RIGHT_FEATURES
    assert tuple(loaded.scope.weights) == SCOPE_FEATURES


def test_few_questions_are_refused(cases):
    with pytest.raises(KnowledgeError, match="49 questions are too few"):
        calibrate(cases[:49], encoder="", today=TODAY, command="")


def test_questions_in_scope_only_are_enough(cases):
    inside = [case for case in cases if case.in_scope]

    fusion = calibrate(inside, encoder="", today=TODAY, command="")

    assert ranked(inside[0].evidence, fusion).in_scope > 0.95


def test_coefficients_for_other_features_are_refused(fusion, tmp_path):
    fusion.save(tmp_path / "fusion.json")
    text = (tmp_path / "fusion.json").read_text("utf-8")
    (tmp_path / "fusion.json").write_text(text.replace('"support"', '"moon_phase"'), "utf-8")

    with pytest.raises(BuildError, match="calibrate again"):
        load_fusion(tmp_path / "fusion.json")


def test_the_shipped_coefficients_load():
    fusion = load_fusion()

    assert 0.0 < fusion.thresholds.ask < 1.0
    assert 0.0 < fusion.thresholds.answer < 1.0


def outcome(confidence, *, right=False, found=False, in_scope=True):
    return Outcome(
        confidence=confidence, named=confidence, right_at_1=right, right_at_3=found, in_scope=in_scope
    )


def test_thresholds_answer_what_is_right_and_keep_out_what_is_strange():
    outcomes = [
        *(outcome(0.8, right=True, found=True) for _ in range(50)),
        *(outcome(0.5, found=True) for _ in range(30)),
        *(outcome(0.2) for _ in range(10)),
        *(outcome(0.1, in_scope=False) for _ in range(49)),
        outcome(0.9, in_scope=False),
    ]

    thresholds = choose_thresholds(outcomes)

    assert 0.5 < thresholds.answer <= 0.8
    assert 0.2 < thresholds.ask <= 0.5


def test_the_limit_on_false_answers_goes_before_all_else():
    outcomes = [
        *(outcome(0.7, right=True, found=True) for _ in range(90)),
        *(outcome(0.8, in_scope=False) for _ in range(10)),
    ]

    thresholds = choose_thresholds(outcomes)

    false = sum(not each.in_scope and each.confidence >= thresholds.answer for each in outcomes)
    assert false / 10 <= MOST_FALSE_ANSWERS


def test_a_yes_or_no_fit_finds_the_coefficients_that_made_the_data():
    chance = np.random.default_rng(5)
    features = chance.normal(size=(4000, 3)) * [1.0, 10.0, 1.0] + 5.0
    odds = 2.0 * features[:, 0] - 0.1 * features[:, 1] - 9.0
    is_yes = (chance.uniform(size=4000) < 1 / (1 + np.exp(-odds))).astype(float)

    coefficients, bias = fit_yes_no(
        features, is_yes, weights=np.ones(4000), pull=0.1, monotone=np.zeros(3, dtype=bool)
    )

    assert coefficients == pytest.approx([2.0, -0.1, 0.0], abs=0.15)
    assert bias == pytest.approx(-9.0, abs=1.0)


def test_a_choice_fit_puts_the_right_ones_first_and_leaves_out_what_would_count_against():
    chance = np.random.default_rng(6)
    groups = []
    for _ in range(300):
        features = chance.normal(size=(4, 3))
        share = np.zeros(4)
        share[np.argmax(3 * features[:, 0] - features[:, 2])] = 1.0
        groups.append((features, share))

    free = fit_choice(groups, pull=1.0, monotone=np.zeros(3, dtype=bool))
    limited = fit_choice(groups, pull=1.0, monotone=np.array([True, True, True]))

    assert free[0] > 1.0 > abs(free[1])
    assert free[2] < -0.5
    assert limited[0] > 1.0
    assert limited[2] == 0.0
