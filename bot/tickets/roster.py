"""The duty roster: who takes new tickets at which hours. Pure.

The roster works the same switch that people have: where a shift begins it puts a person on duty, where it ends off.
In between everybody may switch as before, because people fall ill and stay longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.tickets.office_hours import OfficeHours
from bot.tickets.people import Staff
from knowledge.entries import Queue

LOOK_BACK = timedelta(days=14)  # longer than any run of public holidays
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Hours that some people work, on some queues.

    Args:
        staff: their user names, in small letters.
        queues: what they take in this shift; empty: every queue they work on.
    """

    staff: frozenset[str]
    queues: frozenset[Queue]
    hours: OfficeHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A shift began (`on`) or ended."""

    at: datetime
    on: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """All shifts. Whoever is in none works the switch alone."""

    shifts: tuple[Shift, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The user names of everybody in it."""
        return frozenset(name for shift in self.shifts for name in shift.staff)

    def takes(self, person: Staff, queue: Queue, *, now: datetime) -> bool:
        """Whether a ticket of `queue` is theirs to take now, as far as the roster has a say.

        Who is not in a shift now, and on duty all the same, takes what they always take.
        """
        current = [shift for shift in self._of(person.username) if shift.hours.is_open(now)]
        return not current or any(not shift.queues or queue in shift.queues for shift in current)

    def last_change(self, username: str, *, now: datetime) -> Change | None:
        """When the person's shift began or ended last; None for somebody who had none in two weeks."""
        last: Change | None = None
        for start, end in self._spans(username, since=now - LOOK_BACK, until=now):
            if start > now:
                break
            last = Change(at=start, on=True) if end > now else Change(at=end, on=False)
        return last

    def today(self, username: str, *, now: datetime) -> tuple[Span, ...]:
        """From when to when the person works on the district's day of `now`; touching shifts are one."""
        found: list[Span] = []
        for shift in self._of(username):
            day = now.astimezone(shift.hours.zone).date()
            found += shift.hours.spans_on(day)
        return tuple(_joined(sorted(found)))

    def _of(self, username: str) -> tuple[Shift, ...]:
        return tuple(shift for shift in self.shifts if username in shift.staff)

    def _spans(self, username: str, *, since: datetime, until: datetime) -> Iterator[Span]:
        spans: list[Span] = []
        for shift in self._of(username):
            day = since.astimezone(shift.hours.zone).date()
            last = until.astimezone(shift.hours.zone).date() + timedelta(
                days=1
            )  # a shift may go on past midnight
            while day <= last:
                spans += shift.hours.spans_on(day)
                day += timedelta(days=1)
        return _joined(sorted(spans))


NOBODY = Roster()


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Sorted spans, those that touch or overlap as one."""
    current: Span | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
