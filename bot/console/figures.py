"""What the figures are made of: percentiles, kept promises, clusters of questions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import ceil

from bot.tickets.model import Satisfaction, Ticket
from bot.tickets.runs import Run
from bot.tickets.sla import ClockName

ALIKE = 0.4  # Jaccard likeness of the pairs of characters, from which two questions are one gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Half took at most `p50`, nine of ten at most `p90`; None when there was nothing to measure."""

    count: int
    p50: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How often a promise was kept, of the times it could be told."""

    kept: int
    of: int

    @property
    def share(self) -> float | None:
        """0-1; None when there was nothing to tell."""
        return self.kept / self.of if self.of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question nobody had an answer for."""

    text: str
    conversation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Questions that are about the same thing, as far as their letters tell."""

    example: str  # the newest
    count: int
    people: int  # chats it came up in


def spread(times: Iterable[timedelta]) -> Spread:
    """The spread of `times`, by nearest rank."""
    ordered = sorted(times)
    if not ordered:
        return Spread(count=0, p50=None, p90=None)
    return Spread(count=len(ordered), p50=_rank(ordered, 0.5), p90=_rank(ordered, 0.9))


def _rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[max(0, ceil(len(ordered) * share) - 1)]


def waiting(tickets: Iterable[Ticket]) -> Spread:
    """From opening to the first answer, by the clock on the wall."""
    return spread(
        ticket.first_answer_at - ticket.created_at for ticket in tickets if ticket.first_answer_at is not None
    )


def taken(runs: Iterable[Run], clock: ClockName) -> Spread:
    """How long it took to do what `clock` promises, as the clock counts."""
    return spread(run.took for run in runs if run.clock is clock and run.took is not None)


def promises(runs: Iterable[Run]) -> dict[ClockName, Kept]:
    """How often the promise of each clock was kept, of the times it could be told."""
    kept, told = dict.fromkeys(ClockName, 0), dict.fromkeys(ClockName, 0)
    for run in runs:
        told[run.clock] += 1
        kept[run.clock] += run.kept
    return {clock: Kept(kept=kept[clock], of=told[clock]) for clock in ClockName}


def ratings(tickets: Iterable[Ticket]) -> dict[Satisfaction, int]:
    """How many gave each of the five levels, best first."""
    counted = dict.fromkeys(sorted(Satisfaction, reverse=True), 0)
    for ticket in tickets:
        if ticket.satisfaction is not None:
            counted[ticket.satisfaction] += 1
    return counted


def satisfied(counted: Mapping[Satisfaction, int]) -> Kept:
    """Those who were at least fairly satisfied, of those who said."""
    good = sum(count for level, count in counted.items() if not level.is_complaint)
    return Kept(kept=good, of=sum(counted.values()))


def never_reopened(tickets: Iterable[Ticket]) -> Kept:
    """Closed tickets that were closed once, of the closed ones."""
    closed = [ticket for ticket in tickets if ticket.closed_at is not None]
    return Kept(kept=sum(ticket.reopened == 0 for ticket in closed), of=len(closed))


def gaps(questions: Sequence[Asked], *, most: int = 10) -> tuple[Gap, ...]:
    """Questions gathered by likeness, those of most people first. `questions` are newest first."""
    clusters: list[tuple[set[str], list[Asked]]] = []
    for question in questions:
        grams = _grams(question.text)
        if not grams:
            continue
        home = max(clusters, key=lambda cluster: _likeness(cluster[0], grams), default=None)
        if home is not None and _likeness(home[0], grams) >= ALIKE:
            home[1].append(question)
        else:
            clusters.append((grams, [question]))
    found = [
        Gap(
            example=members[0].text,
            count=len(members),
            people=len({member.conversation_id for member in members}),
        )
        for _, members in clusters
    ]
    return tuple(sorted(found, key=lambda gap: (-gap.people, -gap.count))[:most])


def _grams(text: str) -> set[str]:
    letters = [letter for letter in text.lower() if letter.isalnum()]
    return {first + second for first, second in pairwise(letters)}


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)
