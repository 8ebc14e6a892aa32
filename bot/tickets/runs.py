"""Every run of every clock in a ticket's life, told from its history by the rules of `sla`. Pure.

The row of a ticket knows only its newest times; what was promised before a release, a transfer or a reopening, and
what stood still meanwhile, is in its events.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.tickets.model import CloseReason, Priority, Ticket, TicketStatus
from bot.tickets.office_hours import OfficeHours
from bot.tickets.queue import Event
from bot.tickets.rows import time_of
from bot.tickets.sla import ClockName, Policy, counted, ends_at, running
from knowledge.entries import Queue

_STILL = (TicketStatus.WAITING, TicketStatus.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A clock that began, and what came of its promise.

    `took` is the time that counted until what was promised was done, standstills left out; None when it was not done:
    the clock ran out, or the ticket went elsewhere too late.
    """

    clock: ClockName
    start: datetime
    kept: bool
    took: timedelta | None


def runs(
    ticket: Ticket,
    history: Sequence[Event],
    policy: Policy,
    hours: Mapping[Queue, OfficeHours],
    *,
    now: datetime,
) -> tuple[Run, ...]:
    """The runs whose promise was kept or broken until `now`, in the order they began.

    What still may be kept is left out, and so is what was no longer wanted before it was due.
    """
    found: dict[tuple[ClockName, datetime], Run] = {}
    last = ticket
    for before, at, after in lived(ticket, history):
        last, moved = after, _resumed(before, at)
        going_on = running(_resumed(after, at))
        for clock, start in running(moved).items():
            if going_on.get(clock) == start:
                continue
            run = _ended(clock, start, moved, after, at, policy, hours[moved.queue])
            if run is not None:
                found[clock, start] = run
    last = _resumed(last, now)
    for clock, start in running(last).items():
        found.pop((clock, start), None)  # it goes on: nothing is settled
        if ends_at(clock, start, last, policy, hours[last.queue]) < now:
            found[clock, start] = Run(clock=clock, start=start, kept=False, took=None)
    return tuple(sorted(found.values(), key=lambda run: run.start))


def lived(ticket: Ticket, history: Sequence[Event]) -> Iterator[tuple[Ticket, datetime, Ticket]]:
    """The ticket before an event, when that was, and the ticket after it; only what moves clocks is told."""
    if not history:
        return
    state = _opened(ticket, history)
    yield state, history[0].at, state
    for event in history[1:]:
        after = _after(state, event)
        yield state, event.at, after
        state = after


def _resumed(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket as if the citizen it waits for had written now: a clock that stands still has not ended."""
    if ticket.status is not TicketStatus.WAITING or ticket.paused_at is None:
        return ticket
    pauses = (*ticket.pauses, (ticket.paused_at, at))
    return replace(ticket, status=TicketStatus.CLAIMED, paused_at=None, pauses=pauses)


def _opened(ticket: Ticket, history: Sequence[Event]) -> Ticket:
    opened = history[0]
    was_raised = any(
        event.kind in ("raised", "endangered") or "priority" in event.detail for event in history[1:]
    )
    first = Priority.NORMAL if was_raised else ticket.priority
    return replace(
        ticket,
        status=TicketStatus.OPEN,
        priority=Priority(opened.detail.get("priority", first)),
        queue=Queue(next((event.detail["of"] for event in history if "of" in event.detail), ticket.queue)),
        created_at=opened.at,
        open_since=opened.at,
        asked_at=opened.at,
        claimed_at=None,
        first_answer_at=None,
        rectify_since=None,
        close_reason=None,
        paused_at=None,
        pauses=(),
    )


def _after(state: Ticket, event: Event) -> Ticket:
    at, kind, detail = event.at, event.kind, event.detail
    status = TicketStatus(detail.get("status", state.status))
    after = replace(
        state,
        status=status,
        priority=Priority(detail.get("priority", "urgent" if kind == "endangered" else state.priority)),
        queue=Queue(detail["queue"]) if "of" in detail else state.queue,
    )
    if kind == "raised":
        after = replace(after, priority=Priority.URGENT)
    after = _paused(after, state.status, at)
    if status is TicketStatus.OPEN and (state.status is not TicketStatus.OPEN or "of" in detail):
        after = replace(after, open_since=at)
    if status is TicketStatus.CLOSED:
        reason = CloseReason(detail["reason"]) if "reason" in detail else state.close_reason
        return replace(after, asked_at=None, rectify_since=None, close_reason=reason)
    if state.status is TicketStatus.CLOSED:  # open again: everything begins anew
        after = replace(
            after, claimed_at=None, close_reason=None, asked_at=None if kind == "complained" else at
        )
    elif state.status is TicketStatus.OPEN and status is not TicketStatus.OPEN:
        after = replace(after, claimed_at=state.claimed_at or at)
    return _spoken(after, event)


def _paused(after: Ticket, before: TicketStatus, at: datetime) -> Ticket:
    if after.status is TicketStatus.CLOSED:
        return replace(after, paused_at=None, pauses=())
    if after.status in _STILL:
        return replace(after, paused_at=after.paused_at or at)
    if before in _STILL and after.paused_at is not None:
        return replace(after, paused_at=None, pauses=(*after.pauses, (after.paused_at, at)))
    return after


def _spoken(after: Ticket, event: Event) -> Ticket:
    """Who has spoken, and so who waits for whom."""
    at = event.at
    match event.kind:
        case "citizen_wrote":
            return replace(after, asked_at=after.asked_at or at)
        case "answered" | "asked":
            return replace(after, asked_at=None, first_answer_at=after.first_answer_at or at)
        case "withdrawn" if (
            "asked" in event.detail
        ):  # histories from before it was told go on as if it had stood
            asked, first = event.detail["asked"], event.detail["first"]
            return replace(after, asked_at=_maybe(asked), first_answer_at=_maybe(first))
        case "resolved":
            return replace(after, asked_at=None)
        case "complained":
            return replace(after, rectify_since=after.rectify_since or at)
    return after


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else time_of(seconds)


def _ended(
    clock: ClockName,
    start: datetime,
    before: Ticket,
    after: Ticket,
    at: datetime,
    policy: Policy,
    hours: OfficeHours,
) -> Run | None:
    """What came of the clock that stopped; None when it stopped in time without what was promised."""
    in_time = at <= ends_at(clock, start, before, policy, hours)
    if _is_done(clock, after):
        return Run(clock=clock, start=start, kept=in_time, took=counted(start, at, before, hours))
    return None if in_time else Run(clock=clock, start=start, kept=False, took=None)


def _is_done(clock: ClockName, after: Ticket) -> bool:
    if clock in (ClockName.CLOSE, ClockName.RECTIFY):
        is_closed = after.status is TicketStatus.CLOSED and after.close_reason is not CloseReason.CANCELLED
        return is_closed or after.status is TicketStatus.RESOLVED
    if clock is ClockName.ACCEPT:
        return after.status not in (TicketStatus.OPEN, TicketStatus.CLOSED)
    return after.asked_at is None and after.status is not TicketStatus.CLOSED
