"""Calling a citizen back after a complaint (回访): who called, when, and what came of it.

A record is an event of the ticket's history, which nobody can change, and a note with the words. Until the citizen was
reached, or often enough not reached, the ticket is neither resolved nor closed by staff. Every function takes the open
transaction.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.errors import CallBackMissing, TicketError
from bot.tickets import audit, notes, queue
from bot.tickets.model import Ticket
from bot.tickets.people import Staff
from bot.tickets.queue import Event, staff_actor

ENOUGH_TRIES = 3  # calls nobody took, after which the ticket may end without
CALLED_BACK = "called_back"  # the kind of the event


class CallOutcome(StrEnum):
    """What came of a call."""

    SETTLED = "settled"  # the citizen is content now
    UNSETTLED = "unsettled"  # reached, and still not content
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """One call."""

    staff: str  # as an actor
    called_at: datetime  # UTC
    outcome: CallOutcome
    note_id: int


def add(
    tx: Connection,
    ticket_id: int,
    staff: Staff,
    *,
    outcome: CallOutcome,
    text: str,
    called_at: datetime | None = None,  # None for just now
    now: datetime,
) -> CallBack:
    """Store a call.

    Raises TicketError without words, for a time to come or before the complaint, or where nobody has complained.
    """
    ticket, called_at = queue.get(tx, ticket_id), called_at or now
    if not staff.may_work:
        raise TicketError(f"{staff.name} may read tickets, not work on them")
    if not text.strip():
        raise TicketError(f"a call-back on ticket {ticket.number} needs words")
    if called_at > now:
        raise TicketError(f"the call on ticket {ticket.number} cannot lie in the future")
    since = ticket.rectify_since
    if since is not None and called_at < since.replace(second=0, microsecond=0):  # forms know minutes
        raise TicketError(f"the call on ticket {ticket.number} cannot lie before the complaint")
    if not _has_complaint(ticket):
        raise TicketError(f"nobody has complained about ticket {ticket.number}")
    actor, note = staff_actor(staff.id), notes.add(tx, ticket.id, staff.id, text, now=now)
    queue.record(
        tx,
        ticket.id,
        actor=actor,
        kind=CALLED_BACK,
        now=now,
        outcome=outcome.value,
        called_at=called_at.timestamp(),
        note=note.id,
    )
    target = audit.ticket_target(ticket)
    audit.record(tx, actor, "ticket.called_back", target, now=now, outcome=outcome.value)
    return CallBack(staff=actor, called_at=called_at, outcome=outcome, note_id=note.id)


def listing(tx: Connection, ticket: Ticket) -> tuple[CallBack, ...]:
    """The calls made since the complaint that is not dealt with; all of them where there is none; oldest first."""
    since = ticket.rectify_since
    return tuple(
        _call_back(event)
        for event in queue.history(tx, ticket.id)
        if event.kind == CALLED_BACK and "outcome" in event.detail and (since is None or event.at >= since)
    )


def is_missing(tx: Connection, ticket: Ticket) -> bool:
    """Whether somebody has yet to call the citizen before `ticket` may end."""
    if not ticket.awaits_call_back:
        return False
    outcomes = [call.outcome for call in listing(tx, ticket)]
    reached = any(outcome is not CallOutcome.UNREACHED for outcome in outcomes)
    return not reached and len(outcomes) < ENOUGH_TRIES


def must_be_made(tx: Connection, ticket: Ticket) -> None:
    """Raises CallBackMissing while a call is owed."""
    if is_missing(tx, ticket):
        raise CallBackMissing(f"the citizen of ticket {ticket.number} complained; call back before it ends")


def _has_complaint(ticket: Ticket) -> bool:
    return ticket.rectify_since is not None or (
        ticket.satisfaction is not None and ticket.satisfaction.is_complaint
    )


def _call_back(event: Event) -> CallBack:
    return CallBack(
        staff=event.actor,
        called_at=datetime.fromtimestamp(event.detail["called_at"], tz=UTC),
        outcome=CallOutcome(event.detail["outcome"]),
        note_id=event.detail["note"],
    )
