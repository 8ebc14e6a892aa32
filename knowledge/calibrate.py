"""Fits the fusion to labelled questions: the order of candidates, the confidence in them, the thresholds."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.confidence import Evidence, confidence_features, rank_features, ranked
from knowledge.errors import KnowledgeError
from knowledge.evaluation import Question
from knowledge.fusion import CONFIDENCE_FEATURES, RANK_FEATURES, Fusion, Values
from knowledge.hits import Thresholds
from knowledge.logistic import fit_choice, fit_yes_no
from knowledge.retriever import Retriever

FEWEST_QUESTIONS = 50
FOLDS = 5
PULL = 1.0
# The first candidate is what people see; the next two only tell right from wrong a little better.
PLACE_WEIGHTS = (1.0, 0.3, 0.3)

# The thresholds: nobody is answered out of scope more often than this...
MOST_FALSE_ANSWERS = 0.02
MOST_FALSE_CHOICES = 0.25  # answers and choices together
# ...and within that, a right answer is worth 1, a wrong one as much less, the right choice asked back this.
CHOICE_VALUE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The evidence for one labelled question."""

    id: str
    evidence: Evidence
    is_right: NDArray[np.bool_]  # one a candidate
    in_scope: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a fusion made of one example it was not fitted on."""

    confidence: float
    right_at_1: bool
    right_at_3: bool
    in_scope: bool


def examples(
    questions: Sequence[Question],
    retriever: Retriever,
    *,
    today: date,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Example]:
    """The evidence for each question that has a word."""
    found = []
    entries = retriever.opened.entries
    for number, question in enumerate(questions, start=1):
        evidence = retriever.evidence(question.text, today=today)
        if evidence is not None and len(evidence):
            is_right = np.array([question.is_answered_by(entries[place]) for place in evidence.entries])
            found.append(
                Example(id=question.id, evidence=evidence, is_right=is_right, in_scope=question.in_scope)
            )
        progress(number, len(questions))
    return found


def calibrate(cases: Sequence[Example], *, encoder: str, today: date, command: str) -> Fusion:
    """The fusion for these examples; save it with `Fusion.save`.

    The thresholds come from confidences in examples that the fit had not seen (cross-fitting).

    Args:
        encoder: name of the encoder the evidence was found with.
        today: noted as the day of training.
        command: noted as the way to repeat it.

    Raises:
        KnowledgeError: fewer than 50 examples, or none whose right entry was found at all.
    """
    if len(cases) < FEWEST_QUESTIONS or not any(case.is_right.any() for case in cases):
        raise KnowledgeError(
            f"{len(cases)} questions are too few to calibrate with; label at least {FEWEST_QUESTIONS}"
        )
    outcomes = []
    for fold in range(FOLDS):
        seen = [case for case in cases if _fold(case) != fold]
        fusion = _fitted(seen)
        outcomes += [_outcome(case, fusion) for case in cases if _fold(case) == fold]
    return replace(
        _fitted(cases),
        thresholds=choose_thresholds(outcomes),
        encoder=encoder,
        trained_on=today.isoformat(),
        command=command,
        questions=len(cases),
    )


def choose_thresholds(outcomes: Sequence[_Outcome]) -> Thresholds:
    """The thresholds of most value that keep false answers and false choices within their limits."""
    steps = np.linspace(0.0, 1.0, 201)
    strange = [outcome for outcome in outcomes if not outcome.in_scope]
    ask = next(step for step in steps if _share(strange, step) <= MOST_FALSE_CHOICES or step == 1.0)
    allowed = [step for step in steps if step >= ask and _share(strange, step) <= MOST_FALSE_ANSWERS]
    answer = max(allowed, key=lambda step: (_value(outcomes, answer=step, ask=ask), -step), default=1.0)
    return Thresholds(answer=float(answer), ask=float(ask))


def _share(outcomes: Sequence[_Outcome], threshold: float) -> float:
    return sum(outcome.confidence >= threshold for outcome in outcomes) / max(len(outcomes), 1)


def _value(outcomes: Sequence[_Outcome], *, answer: float, ask: float) -> float:
    total = 0.0
    for outcome in outcomes:
        if not outcome.in_scope:
            continue
        if outcome.confidence >= answer:
            total += 1.0 if outcome.right_at_1 else -1.0
        elif outcome.confidence >= ask and outcome.right_at_3:
            total += CHOICE_VALUE
    return total


def _outcome(case: Example, fusion: Fusion) -> _Outcome:
    result = ranked(case.evidence, fusion)
    right = case.is_right[result.order]
    return _Outcome(
        confidence=float(result.confidence[0]),
        right_at_1=bool(right[0]),
        right_at_3=bool(right[:3].any()),
        in_scope=case.in_scope,
    )


def _fitted(cases: Sequence[Example]) -> Fusion:
    """The fusion without its thresholds."""
    groups = [
        (rank_features(case.evidence), case.is_right / case.is_right.sum())
        for case in cases
        if case.is_right.any() and not case.is_right.all()
    ]
    rank = fit_choice(groups, pull=PULL)
    features, is_right, weights = _confidence_cases(cases, rank)
    confidence, bias = fit_yes_no(features, is_right, weights=weights, pull=PULL)
    return Fusion(
        rank=dict(zip(RANK_FEATURES, rank.tolist(), strict=True)),
        confidence=dict(zip(CONFIDENCE_FEATURES, confidence.tolist(), strict=True)),
        bias=bias,
        thresholds=Thresholds(answer=1.0, ask=1.0),
        encoder="",
        trained_on="",
        command="",
        questions=0,
    )


def _confidence_cases(cases: Sequence[Example], rank: Values) -> tuple[Values, Values, Values]:
    features, is_right, weights = [], [], []
    for case in cases:
        ranks = rank_features(case.evidence) @ rank
        of_case = confidence_features(case.evidence, ranks)
        for place, weight in zip(np.argsort(-ranks, kind="stable"), PLACE_WEIGHTS, strict=False):
            features.append(of_case[place])
            is_right.append(float(case.is_right[place]))
            weights.append(weight)
    return np.array(features), np.array(is_right), np.array(weights)


def _fold(case: Example) -> int:
    # By the id, so that the same question always falls into the same fold.
    return hashlib.sha256(case.id.encode()).digest()[0] % FOLDS
