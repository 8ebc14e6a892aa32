"""Service clocks: which runs now, until when, and a timeline that explains every pause. Pure.

    accept   from opening (or reopening) until somebody claims
    first    from opening until the first answer
    next     from the citizen's last message until staff answer it
    close    from the first claim until the ticket is resolved; stands still while we wait for the citizen
    rectify  from a bad rating until it is dealt with

Urgent tickets count every minute; the others count opening time only. Only the clock that ends first is stored on
the ticket; the sweep looks at nothing else.
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


def next_due(ticket: Ticket, policy: Policy, hours: OfficeHours) -> Due | None:
    """The clock of `ticket` that ends first; None while it is paused or done."""
    limits = policy.limits[ticket.priority]
    starts = _running(ticket)
    dues = [
        Due(clock=clock, at=_end(start, limits[clock], ticket, hours))
        for clock, start in starts.items()
        if clock in limits
    ]
    return min(dues, key=lambda due: due.at, default=None)


def expected_answer(ticket: Ticket, policy: Policy, hours: OfficeHours) -> datetime:
    """When the citizen may expect the first answer: what the receipt promises."""
    limit = policy.limits[ticket.priority][ClockName.FIRST]
    return _end(ticket.last_citizen_at or ticket.created_at, limit, ticket, hours)


def warning_at(started: datetime, due: Due, ticket: Ticket, policy: Policy, hours: OfficeHours) -> datetime:
    """When to warn of `due`, whose clock `started` then."""
    limit = policy.limits[ticket.priority][due.clock]
    return _end(started, limit * policy.warn_at, ticket, hours)


def started_at(ticket: Ticket, clock: ClockName) -> datetime | None:
    """When a clock that runs now began; None when it does not run."""
    return _running(ticket).get(clock)


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


def _running(ticket: Ticket) -> dict[ClockName, datetime]:
    """The clocks that run now and when each began."""
    if ticket.status in (TicketStatus.WAITING, TicketStatus.RESOLVED, TicketStatus.CLOSED):
        return {}
    asked = ticket.last_citizen_at or ticket.created_at
    if ticket.status is TicketStatus.OPEN:
        return {ClockName.ACCEPT: asked, ClockName.FIRST: asked}
    running = {ClockName.CLOSE: ticket.claimed_at or asked}
    if ticket.first_answer_at is None:
        running[ClockName.FIRST] = asked
    elif ticket.last_staff_at is None or asked > ticket.last_staff_at:
        running[ClockName.NEXT] = asked
    return running


def _end(start: datetime, limit: timedelta, ticket: Ticket, hours: OfficeHours) -> datetime:
    return start + limit if ticket.priority is Priority.URGENT else hours.add(start, limit)
