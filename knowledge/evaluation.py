"""How well the retriever finds the right entry, on questions it was not made from."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Protocol

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from knowledge.entries import Entry
from knowledge.errors import ContentError
from knowledge.hits import Decision, Hit, Thresholds

BINS = 15  # of the calibration error

Split = Literal["tune", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One labelled question. No gold: nothing we know answers it."""

    id: str
    text: str
    gold: tuple[str, ...]  # ids of topics or entries; any of them is right
    domain: str
    style: str
    split: Split
    also: tuple[
        str, ...
    ] = ()  # for a message with two questions: ids that answer the second; gold, the first

    @property
    def in_scope(self) -> bool:
        """Whether some entry answers it."""
        return bool(self.gold)

    def is_answered_by(self, entry: Entry) -> bool:
        """Whether `entry` is right: that it answers what was asked, of two questions either."""
        return answers(entry, self.gold) or answers(entry, self.also)


def answers(entry: Entry, wanted: Iterable[str]) -> bool:
    """Whether `entry` or one of its topics is among the `wanted` ids."""
    return not {entry.id, *entry.topics}.isdisjoint(wanted)


class Search(Protocol):
    """What is measured: `Retriever.search`, `KnowledgeBase.search`."""

    def __call__(self, text: str, *, today: date, limit: int = 5) -> tuple[Hit, ...]:
        """Hits, best first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Measures over a group of questions; shares are 0-1, and 0.0 over no questions."""

    in_scope: int
    out_of_scope: int
    recall_at_1: float  # of those in scope
    recall_at_3: float
    mrr: float  # mean of 1 / place of the first right hit among five
    coverage: float  # share of those in scope that are answered, rightly or not
    right: float  # share of those in scope that are answered, and rightly
    precision: float  # share right among those in scope that are answered
    offered: float  # share in scope whose right entry is the answer, or among three choices asked back
    false_answers: float  # share out of scope that are answered all the same
    false_choices: float  # share out of scope for which choices are named
    calibration_error: float  # expected difference between confidence and being right (ECE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A question in scope whose first hit is wrong, or one out of scope that is answered."""

    question: Question
    found: str  # id of the first hit, "" for none
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An evaluation."""

    split: str
    thresholds: Thresholds
    overall: Scores
    domains: dict[str, Scores]
    styles: dict[str, Scores]
    mistakes: tuple[Mistake, ...]  # the most confident first


def load_questions(folder: Path, *, split: Split | None = None) -> tuple[Question, ...]:
    """The questions of every *.jsonl file in `folder`, of one split or all. Raises ContentError."""
    questions = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                questions.append(_question(line, place=f"line {number}", file=path.name))
    return tuple(question for question in questions if split is None or question.split == split)


def evaluate(
    questions: Sequence[Question],
    search: Search,
    *,
    thresholds: Thresholds,
    today: date,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Searches every question and measures what comes back."""
    results = []
    for number, question in enumerate(questions, start=1):
        results.append(_Result(question, search(question.text, today=today)))
        progress(number, len(questions))
    mistakes = [result.mistake for result in results if result.is_mistake(thresholds)]
    return Report(
        split="+".join(sorted({question.split for question in questions})),
        thresholds=thresholds,
        overall=_scores(results, thresholds),
        domains=_grouped(results, thresholds, lambda question: question.domain),
        styles=_grouped(results, thresholds, lambda question: question.style),
        mistakes=tuple(sorted(mistakes, key=lambda mistake: -mistake.confidence)),
    )


@dataclass(frozen=True, slots=True)
class _Result:
    question: Question
    hits: tuple[Hit, ...]

    @property
    def confidence(self) -> float:
        return self.hits[0].confidence if self.hits else 0.0

    @property
    def place(self) -> int:
        """Of the first right hit, from 1; 0 if none is."""
        places = (n for n, hit in enumerate(self.hits, 1) if self.question.is_answered_by(hit.entry))
        return next(places, 0)

    def is_right(self, within: int) -> bool:
        return 0 < self.place <= within

    def is_mistake(self, thresholds: Thresholds) -> bool:
        if self.question.in_scope:
            return not self.is_right(1)
        return thresholds.decide(self.hits) is Decision.ANSWER

    @property
    def mistake(self) -> Mistake:
        found = self.hits[0].entry.id if self.hits else ""
        return Mistake(question=self.question, found=found, confidence=self.confidence)


def _grouped(
    results: Iterable[_Result], thresholds: Thresholds, key: Callable[[Question], str]
) -> dict[str, Scores]:
    groups: dict[str, list[_Result]] = defaultdict(list)
    for result in results:
        groups[key(result.question)].append(result)
    return {name: _scores(groups[name], thresholds) for name in sorted(groups)}


def _scores(results: Sequence[_Result], thresholds: Thresholds) -> Scores:
    known = [result for result in results if result.question.in_scope]
    strange = [result for result in results if not result.question.in_scope]
    decided = {id(result): thresholds.decide(result.hits) for result in results}
    answered = [result for result in known if decided[id(result)] is Decision.ANSWER]
    asked = [result for result in known if decided[id(result)] is Decision.ASK]
    offered = sum(r.is_right(1) for r in answered) + sum(r.is_right(3) for r in asked)
    return Scores(
        in_scope=len(known),
        out_of_scope=len(strange),
        recall_at_1=_share(result.is_right(1) for result in known),
        recall_at_3=_share(result.is_right(3) for result in known),
        mrr=float(np.mean([1 / result.place if result.place else 0.0 for result in known] or [0.0])),
        coverage=len(answered) / max(len(known), 1),
        right=sum(result.is_right(1) for result in answered) / max(len(known), 1),
        precision=_share(result.is_right(1) for result in answered),
        offered=offered / max(len(known), 1),
        false_answers=_share(decided[id(result)] is Decision.ANSWER for result in strange),
        false_choices=_share(decided[id(result)] is Decision.ASK for result in strange),
        calibration_error=calibration_error(
            [result.confidence for result in results], [result.is_right(1) for result in results]
        ),
    )


def calibration_error(confidence: Sequence[float], is_right: Sequence[bool]) -> float:
    """Mean distance between confidence and share right over BINS equal steps, by size; 0.0 is perfect."""
    if not confidence:
        return 0.0
    values, right = np.array(confidence), np.array(is_right, dtype=np.float64)
    bins = np.minimum((values * BINS).astype(int), BINS - 1)
    gaps = (abs(float(np.sum(values[bins == b] - right[bins == b]))) for b in range(BINS))
    return sum(gaps) / len(values)


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / max(len(found), 1)


class _Question(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, BeforeValidator(str)]
    text: str
    gold: tuple[str, ...]
    domain: str = "out_of_scope"
    style: str = "plain"
    split: Split
    also: tuple[str, ...] = ()


def _question(line: str, *, place: str, file: str) -> Question:
    try:
        return Question(**_Question.model_validate(json.loads(line)).model_dump())
    except (ValidationError, json.JSONDecodeError) as error:
        raise ContentError(file, place, str(error).splitlines()[0], "write id, text, gold, split") from error
