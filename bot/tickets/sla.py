"""Service clocks: which runs now, until when, and a timeline that explains every pause. Pure.

    accept   from coming into a queue until somebody claims
    first    from what the citizen first wrote until the first answer
    next     from the oldest later message that nobody has answered until staff answer
    close    from the first claim until the ticket is resolved
    rectify  from a bad rating until it is dealt with; takes the place of accept and close

Urgent tickets count every minute; the others count opening time only. All stand still while the ticket waits for
the citizen or is resolved. Only the clock that ends first is stored on the ticket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.office_hours import OfficeHours


class ClockName(StrEnum):
    """The clocks, in the order they usually run."""

    ACCEPT = "accept"
    FIRST = "first"
    NEXT = "next"
    CLOSE = "close"
    RECTIFY = "rectify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The clock that ends next, and when."""

    clock: ClockName
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long each clock gives, by priority, and when to warn before it ends."""

    limits: Mapping[Priority, Mapping[ClockName, timedelta]]
    warn_at: float  # share of a clock's time after which staff are warned, 0-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of a ticket's life for the timeline: whether its clocks ran, and why."""

    start: datetime
    end: datetime
    running: bool
    why: str  # a phrase key: open, closed_office, waiting_for_citizen, resolved


def dues(ticket: Ticket, policy: Policy, hours: OfficeHours) -> tuple[Due, ...]:
    """Every clock of `ticket` that runs, the one that ends first in front; empty while it is paused or done."""
    found = [
        Due(clock=clock, at=ends_at(clock, start, ticket, policy, hours))
        for clock, start in running(ticket).items()
    ]
    return tuple(sorted(found, key=lambda due: due.at))


def ends_at(
    clock: ClockName, start: datetime, ticket: Ticket, policy: Policy, hours: OfficeHours
) -> datetime:
    """When `clock`, which began at `start`, ends for a ticket of this priority with these standstills."""
    return _end(start, policy.limits[ticket.priority][clock], ticket, hours)


def counted(start: datetime, end: datetime, ticket: Ticket, hours: OfficeHours) -> timedelta:
    """How much of the time between two moments the clocks of `ticket` count: without standstills and closed hours."""
    urgent = ticket.priority is Priority.URGENT
    total = end - start if urgent else hours.between(start, end)
    for begin, until in ticket.pauses:
        if until > start:
            stood = max(begin, start)
            total -= until - stood if urgent else hours.between(stood, until)
    return total


def next_due(ticket: Ticket, policy: Policy, hours: OfficeHours) -> Due | None:
    """The clock of `ticket` that ends first; None while it is paused or done."""
    return next(iter(dues(ticket, policy, hours)), None)


def expected_answer(ticket: Ticket, policy: Policy, hours: OfficeHours) -> datetime:
    """When the citizen may expect the first answer: what the receipt promises."""
    limit = policy.limits[ticket.priority][ClockName.FIRST]
    return _end(ticket.asked_at or ticket.open_since or ticket.created_at, limit, ticket, hours)


def warning_at(due: Due, ticket: Ticket, policy: Policy, hours: OfficeHours) -> datetime:
    """When to warn of `due`, a clock of `ticket` that runs."""
    limit = policy.limits[ticket.priority][due.clock]
    return _end(running(ticket)[due.clock], limit * policy.warn_at, ticket, hours)


def timeline(
    changes: Sequence[tuple[datetime, TicketStatus]], *, until: datetime, hours: OfficeHours, urgent: bool
) -> tuple[Stretch, ...]:
    """Every stretch from the first status change to `until`, with the reason its clocks ran or stood still.

    Args:
        changes: when the ticket took which status, oldest first.
        urgent: urgent tickets do not stop when the office closes.
    """
    stretches: list[Stretch] = []
    ends = [*(at for at, _ in changes[1:]), until]
    for (start, status), end in zip(changes, ends, strict=True):
        if end <= start or status is TicketStatus.CLOSED:
            continue
        if status in (TicketStatus.WAITING, TicketStatus.RESOLVED):
            why = "waiting_for_citizen" if status is TicketStatus.WAITING else "resolved"
            stretches.append(Stretch(start=start, end=end, running=False, why=why))
        elif urgent or hours.always:
            stretches.append(Stretch(start=start, end=end, running=True, why="open"))
        else:
            stretches += _by_hours(start, end, hours)
    return tuple(stretches)


def _by_hours(start: datetime, end: datetime, hours: OfficeHours) -> list[Stretch]:
    found = []
    at = start
    while at < end:
        if hours.is_open(at):
            closes = min(_closing(at, hours), end)
            found.append(Stretch(start=at, end=closes, running=True, why="open"))
        else:
            closes = min(hours.next_opening(at), end)
            found.append(Stretch(start=at, end=closes, running=False, why="closed_office"))
        at = closes
    return found


def _closing(at: datetime, hours: OfficeHours) -> datetime:
    day = at.astimezone(hours.zone).date()
    return next(end for start, end in hours.spans_on(day) if start <= at < end)


def running(ticket: Ticket) -> dict[ClockName, datetime]:
    """The clocks that run now and when each began."""
    if ticket.status in (TicketStatus.WAITING, TicketStatus.RESOLVED, TicketStatus.CLOSED):
        return {}
    running: dict[ClockName, datetime] = {}
    if ticket.rectify_since is not None:
        running[ClockName.RECTIFY] = ticket.rectify_since
    elif ticket.status is TicketStatus.OPEN:
        running[ClockName.ACCEPT] = ticket.open_since or ticket.created_at
    else:
        running[ClockName.CLOSE] = ticket.claimed_at or ticket.created_at
    if ticket.asked_at is not None:
        running[ClockName.FIRST if ticket.first_answer_at is None else ClockName.NEXT] = ticket.asked_at
    return running


def _end(start: datetime, limit: timedelta, ticket: Ticket, hours: OfficeHours) -> datetime:
    """When `limit` of counted time has passed since `start`, standstills left out."""
    urgent = ticket.priority is Priority.URGENT
    for begin, end in ticket.pauses:
        if end > start:
            stood = max(begin, start)
            limit += end - stood if urgent else hours.between(stood, end)
    return start + limit if urgent else hours.add(start, limit)
