"""Fits the fusion to labelled questions: the order of candidates, the confidence in them, the thresholds."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import product

import numpy as np
from numpy.typing import NDArray

from knowledge.confidence import Evidence, rank_features, ranked, right_features, scope_features
from knowledge.errors import KnowledgeError
from knowledge.evaluation import Question
from knowledge.fusion import (
    FREE_FEATURES,
    RANK_FEATURES,
    RIGHT_FEATURES,
    SCOPE_FEATURES,
    Fusion,
    Logistic,
    Values,
)
from knowledge.hits import MOST_NAMED, Thresholds, any_right
from knowledge.logistic import fit_choice, fit_yes_no
from knowledge.retriever import Retriever

FEWEST_QUESTIONS = 50
FOLDS = 5
MOST_GOLD = 5  # right answers of a question; what has more is a subject
PULL = 1.0
# The first candidate is what people see; the next two only tell right from wrong a little better.
PLACE_WEIGHTS = (1.0, 0.3, 0.3)

# The thresholds: nobody is answered out of scope more often than this...
MOST_FALSE_ANSWERS = 0.02
MOST_FALSE_CHOICES = 0.1  # answers and choices together
# ...and within that, what each turn is worth to the person. Declining is worth nothing.
RIGHT_ANSWER = 1.0
WRONG_ANSWER = -1.0
RIGHT_CHOICE = 0.5
WRONG_CHOICE = -0.2
STEPS = np.linspace(0.0, 0.99, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The evidence for one labelled question."""

    id: str
    evidence: Evidence
    is_right: NDArray[np.bool_]  # one a candidate
    in_scope: bool
    is_subject: bool = False  # a bare word on which many entries are right: it tells scope, not order


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a fusion made of one example it was not fitted on."""

    confidence: float  # in the first
    named: float  # that one of the first three is right
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
                Example(
                    id=question.id,
                    evidence=evidence,
                    is_right=is_right,
                    in_scope=question.in_scope,
                    is_subject=len(question.gold) > MOST_GOLD,
                )
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
        asked = (case for case in cases if not case.is_subject)
        outcomes += [_outcome(case, fusion) for case in asked if _fold(case) == fold]
    return replace(
        _fitted(cases),
        thresholds=choose_thresholds(outcomes),
        encoder=encoder,
        trained_on=today.isoformat(),
        command=command,
        questions=len(cases),
    )


def choose_thresholds(outcomes: Sequence[Outcome]) -> Thresholds:
    """The thresholds of most value that keep false answers and false choices within their limits."""
    table = _Table.of(outcomes)
    best, most = Thresholds(answer=1.0, ask=1.0), -np.inf
    for answer, ask in product(STEPS, STEPS):
        thresholds = Thresholds(answer=float(answer), ask=float(ask))
        if (value := table.value(thresholds)) > most:
            best, most = thresholds, value
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Outcomes as columns, to try many thresholds on."""

    confidence: Values
    named: Values
    right_at_1: NDArray[np.bool_]
    right_at_3: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "_Table":
        return cls(
            **{field.name: np.array([getattr(o, field.name) for o in outcomes]) for field in fields(cls)}
        )

    def value(self, thresholds: Thresholds) -> float:
        """What a question in scope is worth on average; minus infinity beyond the limits."""
        answered = self.confidence >= thresholds.answer
        asked = (self.named >= thresholds.ask) & ~answered
        strange = max(int((~self.in_scope).sum()), 1)
        if (answered & ~self.in_scope).sum() > MOST_FALSE_ANSWERS * strange:
            return -np.inf
        if ((answered | asked) & ~self.in_scope).sum() > MOST_FALSE_CHOICES * strange:
            return -np.inf
        gains = np.where(answered, np.where(self.right_at_1, RIGHT_ANSWER, WRONG_ANSWER), 0.0)
        gains += np.where(asked, np.where(self.right_at_3, RIGHT_CHOICE, WRONG_CHOICE), 0.0)
        return float(gains[self.in_scope].mean())


def _outcome(case: Example, fusion: Fusion) -> Outcome:
    result = ranked(case.evidence, fusion)
    right = case.is_right[result.order]
    return Outcome(
        confidence=float(result.confidence[0]),
        named=any_right(result.confidence[:MOST_NAMED].tolist(), in_scope=result.in_scope),
        right_at_1=bool(right[0]),
        right_at_3=bool(right[:3].any()),
        in_scope=case.in_scope,
    )


def _fitted(cases: Sequence[Example]) -> Fusion:
    """The fusion without its thresholds."""
    groups = [
        (rank_features(case.evidence), case.is_right / case.is_right.sum())
        for case in cases
        if case.is_right.any() and not case.is_right.all() and not case.is_subject
    ]
    rank = fit_choice(groups, pull=PULL, monotone=_monotone(RANK_FEATURES))
    return Fusion(
        rank=dict(zip(RANK_FEATURES, rank.tolist(), strict=True)),
        right=_fit_right([case for case in cases if case.in_scope and not case.is_subject], rank),
        scope=_fit_scope(cases),
        thresholds=Thresholds(answer=1.0, ask=1.0),
        encoder="",
        trained_on="",
        command="",
        questions=0,
    )


def _fit_right(cases: Sequence[Example], rank: Values) -> Logistic:
    features, is_right, weights = [], [], []
    for case in cases:
        ranks = rank_features(case.evidence) @ rank
        of_case = right_features(case.evidence, ranks)
        for place, weight in zip(np.argsort(-ranks, kind="stable"), PLACE_WEIGHTS, strict=False):
            features.append(of_case[place])
            is_right.append(float(case.is_right[place]))
            weights.append(weight)
    return _logistic(RIGHT_FEATURES, np.array(features), np.array(is_right), np.array(weights))


def _fit_scope(cases: Sequence[Example]) -> Logistic:
    features = np.concatenate([scope_features(case.evidence) for case in cases])
    in_scope = np.array([float(case.in_scope) for case in cases])
    return _logistic(SCOPE_FEATURES, features, in_scope, np.ones(len(cases)))


def _logistic(names: tuple[str, ...], features: Values, is_yes: Values, weights: Values) -> Logistic:
    coefficients, bias = fit_yes_no(features, is_yes, weights=weights, pull=PULL, monotone=_monotone(names))
    return Logistic(weights=dict(zip(names, coefficients.tolist(), strict=True)), bias=bias)


def _monotone(names: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([name not in FREE_FEATURES for name in names])


def _fold(case: Example) -> int:
    # By the id, so that the same question always falls into the same fold.
    return hashlib.sha256(case.id.encode()).digest()[0] % FOLDS
