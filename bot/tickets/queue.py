"""The tables `tickets` and `ticket_events`: every change is one guarded update and one event.

Every function takes the open transaction. A ticket is read, moved by its pure model, and saved with the version it
was read at; whoever comes second is refused with `TicketConflict` and must look again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, insert, or_, select, update

from bot.errors import TicketConflict, TicketError
from bot.storage.desk_tables import ticket_events, tickets
from bot.tickets.model import (
    CloseReason,
    Escalation,
    Priority,
    Satisfaction,
    Ticket,
    TicketStatus,
)
from knowledge.entries import Queue

LONGEST_SUBJECT = 200
CITIZEN, BOT, CLOCK = "citizen", "bot", "clock"  # actors besides `staff:<id>`

# Every turn runs these: made once, because making a statement costs more than running it.
_LIVE = select(tickets).where(
    tickets.c.conversation_id == bindparam("conversation"),
    tickets.c.status != TicketStatus.CLOSED.value,
)
_LAST_CLOSED = (
    select(tickets)
    .where(tickets.c.conversation_id == bindparam("conversation"), tickets.c.closed_at.is_not(None))
    .order_by(tickets.c.closed_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a ticket: when, by whom, what, and details for people."""

    at: datetime
    actor: str
    kind: str
    detail: Mapping[str, Any]


def staff_actor(staff_id: int) -> str:
    """How a member of staff is named in events and the audit."""
    return f"staff:{staff_id}"


def open_ticket(
    tx: Connection,
    conversation_id: int,
    escalation: Escalation,
    *,
    subject: str,
    context: Mapping[str, Any],
    day: date,
    now: datetime,
) -> Ticket:
    """A new ticket, or the live one of this conversation, raised when the new reason is urgent.

    Args:
        day: today in the district, the first half of the number.
    """
    existing = live(tx, conversation_id)
    if existing is not None:
        if escalation.priority is Priority.URGENT and existing.priority is not Priority.URGENT:
            return save(
                tx, existing, existing.raised(), actor=BOT, kind="raised", now=now, reason=escalation.reason
            )
        return existing
    result = tx.execute(
        insert(tickets).values(
            number=_next_number(tx, day),
            conversation_id=conversation_id,
            queue=escalation.queue.value,
            priority=escalation.priority.value,
            status=TicketStatus.OPEN.value,
            subject=subject[:LONGEST_SUBJECT],
            reason=escalation.reason[:LONGEST_SUBJECT],
            context=dict(context),
            version=0,
            created_at=now.timestamp(),
            last_citizen_at=now.timestamp(),
            open_since=now.timestamp(),
            asked_at=now.timestamp(),
        )
    )
    assert result.inserted_primary_key is not None
    ticket = get(tx, result.inserted_primary_key[0])
    record(
        tx,
        ticket.id,
        actor=BOT,
        kind="opened",
        now=now,
        reason=escalation.reason,
        status=ticket.status.value,
    )
    return ticket


def save(
    tx: Connection, before: Ticket, after: Ticket, *, actor: str, kind: str, now: datetime, **detail: object
) -> Ticket:
    """Store a move made from `before`, with its event; its detail tells a new status.

    Raises TicketConflict when somebody else changed the ticket since `before` was read.
    """
    if after is before:
        return before
    result = tx.execute(
        update(tickets)
        .where(tickets.c.id == before.id, tickets.c.version == before.version)
        .values(**_columns(after))
    )
    if result.rowcount != 1:
        raise TicketConflict(f"ticket {before.number} was changed by somebody else; look again")
    if after.status is not before.status:
        detail["status"] = after.status.value
    record(tx, before.id, actor=actor, kind=kind, now=now, **detail)
    return after


def record(tx: Connection, ticket_id: int, *, actor: str, kind: str, now: datetime, **detail: object) -> None:
    """Add an event to the ticket's history."""
    tx.execute(
        insert(ticket_events).values(
            ticket_id=ticket_id, at=now.timestamp(), actor=actor, kind=kind, detail=detail
        )
    )


def get(tx: Connection, ticket_id: int) -> Ticket:
    """The ticket with this id. Raises TicketError when there is none."""
    row = tx.execute(select(tickets).where(tickets.c.id == ticket_id)).one_or_none()
    if row is None:
        raise TicketError(f"there is no ticket {ticket_id}")
    return from_row(row)


def by_number(tx: Connection, number: str) -> Ticket | None:
    """The ticket with this number."""
    row = tx.execute(select(tickets).where(tickets.c.number == number.strip())).one_or_none()
    return from_row(row) if row else None


def live(tx: Connection, conversation_id: int) -> Ticket | None:
    """The ticket that gives this conversation to staff; there is at most one."""
    row = tx.execute(_LIVE, {"conversation": conversation_id}).one_or_none()
    return from_row(row) if row else None


def last_closed(tx: Connection, conversation_id: int) -> Ticket | None:
    """The ticket of this conversation that was closed last."""
    row = tx.execute(_LAST_CLOSED, {"conversation": conversation_id}).one_or_none()
    return from_row(row) if row else None


def position(tx: Connection, ticket: Ticket) -> int:
    """The ticket's place in the line of its queue, from 1; 0 once it is claimed. Urgent ones stand first."""
    if ticket.status is not TicketStatus.OPEN:
        return 0
    ahead: ColumnElement[bool] = and_(
        tickets.c.priority == ticket.priority.value,
        or_(
            tickets.c.created_at < ticket.created_at.timestamp(),
            and_(tickets.c.created_at == ticket.created_at.timestamp(), tickets.c.id < ticket.id),
        ),
    )
    if ticket.priority is Priority.NORMAL:
        ahead = or_(tickets.c.priority == Priority.URGENT.value, ahead)
    count = tx.execute(
        select(func.count())
        .select_from(tickets)
        .where(tickets.c.status == TicketStatus.OPEN.value, tickets.c.queue == ticket.queue.value, ahead)
    ).scalar_one()
    return int(count) + 1


def erase(tx: Connection, ticket_id: int) -> None:
    """Delete the words of a ticket: its subject, reason, context and the comment with its rating."""
    tx.execute(
        update(tickets)
        .where(tickets.c.id == ticket_id)
        .values(subject="", reason="", context={}, comment=None)
    )


def history(tx: Connection, ticket_id: int) -> tuple[Event, ...]:
    """Everything that happened to a ticket, oldest first."""
    rows = tx.execute(
        select(ticket_events).where(ticket_events.c.ticket_id == ticket_id).order_by(ticket_events.c.id)
    )
    return tuple(Event(at=_time(row.at), actor=row.actor, kind=row.kind, detail=row.detail) for row in rows)


def add_context(tx: Connection, ticket_id: int, more: Mapping[str, Any]) -> None:
    """Staff also get to know `more`."""
    context = {**context_of(tx, ticket_id), **more}
    tx.execute(update(tickets).where(tickets.c.id == ticket_id).values(context=context))


def context_of(tx: Connection, ticket_id: int) -> dict[str, Any]:
    """What staff see of how the ticket came about: what was asked, shown and answered."""
    context: dict[str, Any] = tx.execute(
        select(tickets.c.context).where(tickets.c.id == ticket_id)
    ).scalar_one()
    return context


def from_row(row: Row[Any]) -> Ticket:
    """The ticket in a row of `tickets`."""
    return Ticket(
        id=row.id,
        number=row.number,
        conversation_id=row.conversation_id,
        queue=Queue(row.queue),
        priority=Priority(row.priority),
        status=TicketStatus(row.status),
        subject=row.subject,
        reason=row.reason,
        version=row.version,
        created_at=_time(row.created_at),
        assignee_id=row.assignee_id,
        claimed_at=_maybe(row.claimed_at),
        first_answer_at=_maybe(row.first_answer_at),
        last_citizen_at=_maybe(row.last_citizen_at),
        last_staff_at=_maybe(row.last_staff_at),
        resolved_at=_maybe(row.resolved_at),
        closed_at=_maybe(row.closed_at),
        close_reason=CloseReason(row.close_reason) if row.close_reason else None,
        reopened=row.reopened,
        satisfaction=Satisfaction(row.satisfaction) if row.satisfaction else None,
        open_since=_maybe(row.open_since),
        asked_at=_maybe(row.asked_at),
        rectify_since=_maybe(row.rectify_since),
        paused_at=_maybe(row.paused_at),
        pauses=tuple((_time(start), _time(end)) for start, end in row.pauses),
    )


def _columns(ticket: Ticket) -> dict[str, Any]:
    """The columns a move may change."""
    return {
        "queue": ticket.queue.value,
        "priority": ticket.priority.value,
        "status": ticket.status.value,
        "version": ticket.version,
        "assignee_id": ticket.assignee_id,
        "claimed_at": _seconds(ticket.claimed_at),
        "first_answer_at": _seconds(ticket.first_answer_at),
        "last_citizen_at": _seconds(ticket.last_citizen_at),
        "last_staff_at": _seconds(ticket.last_staff_at),
        "resolved_at": _seconds(ticket.resolved_at),
        "closed_at": _seconds(ticket.closed_at),
        "close_reason": ticket.close_reason.value if ticket.close_reason else None,
        "reopened": ticket.reopened,
        "satisfaction": int(ticket.satisfaction) if ticket.satisfaction else None,
        "open_since": _seconds(ticket.open_since),
        "asked_at": _seconds(ticket.asked_at),
        "rectify_since": _seconds(ticket.rectify_since),
        "paused_at": _seconds(ticket.paused_at),
        "pauses": [[start.timestamp(), end.timestamp()] for start, end in ticket.pauses],
    }


def _next_number(tx: Connection, day: date) -> str:
    """The next number of the day; two writers at once are told apart by the unique constraint."""
    prefix = f"{day:%Y%m%d}-"
    last = tx.execute(
        select(tickets.c.number)
        .where(tickets.c.number.startswith(prefix))
        .order_by(func.length(tickets.c.number).desc(), tickets.c.number.desc())  # 9999 stands before 10000
        .limit(1)
    ).scalar()
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else _time(seconds)


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
