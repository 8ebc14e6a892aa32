"""The tables `tickets` and `ticket_events`: every change is one guarded update and one event.

Every function takes the open transaction. A ticket is read, moved by its pure model, and saved with the version it
was read at; whoever comes second is refused with `TicketConflict` and must look again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, insert, or_, select, update

from bot.errors import TicketConflict, TicketError
from bot.storage.desk_tables import ticket_events, tickets
from bot.tickets.model import Escalation, Priority, Ticket, TicketStatus
from bot.tickets.rows import columns, time_of
from bot.tickets.rows import from_row as from_row

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
    """A new ticket of a conversation that has no live one.

    Args:
        day: today in the district, the first half of the number.
    """
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
        priority=ticket.priority.value,
    )
    return ticket


def save(
    tx: Connection, before: Ticket, after: Ticket, *, actor: str, kind: str, now: datetime, **detail: object
) -> Ticket:
    """Store a move made from `before`, with its event; its detail tells a new status and priority.

    Raises TicketConflict when somebody else changed the ticket since `before` was read.
    """
    if after is before:
        return before
    result = tx.execute(
        update(tickets)
        .where(tickets.c.id == before.id, tickets.c.version == before.version)
        .values(**columns(after))
    )
    if result.rowcount != 1:
        raise TicketConflict(f"ticket {before.number} was changed by somebody else; look again")
    if after.status is not before.status:
        detail["status"] = after.status.value
    if after.priority is not before.priority:
        detail["priority"] = after.priority.value
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
    return tuple(_event(row) for row in rows)


def histories(tx: Connection, *, opened_from: float, opened_until: float) -> dict[int, tuple[Event, ...]]:
    """The history of every ticket opened in a period, by id. Times are UTC seconds, `opened_until` is not in it."""
    rows = tx.execute(
        select(ticket_events)
        .join(tickets, tickets.c.id == ticket_events.c.ticket_id)
        .where(tickets.c.created_at >= opened_from, tickets.c.created_at < opened_until)
        .order_by(ticket_events.c.ticket_id, ticket_events.c.id)
    )
    return {id: tuple(map(_event, events)) for id, events in groupby(rows, lambda row: int(row.ticket_id))}


def _event(row: Row[Any]) -> Event:
    return Event(at=time_of(row.at), actor=row.actor, kind=row.kind, detail=row.detail)


def comment(tx: Connection, ticket: Ticket, words: str, *, now: datetime) -> None:
    """Store what the citizen says beside the rating; the newest wins. The history only tells that they did."""
    tx.execute(update(tickets).where(tickets.c.id == ticket.id).values(comment=words))
    record(tx, ticket.id, actor=CITIZEN, kind="commented", now=now)


def renamed(tx: Connection, ticket: Ticket, subject: str) -> Ticket:
    """The ticket, which is now about `subject`."""
    subject = subject[:LONGEST_SUBJECT]
    tx.execute(update(tickets).where(tickets.c.id == ticket.id).values(subject=subject))
    return replace(ticket, subject=subject)


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
