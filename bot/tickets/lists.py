"""Lists of tickets for the duty roster, the sweeps and the command line. Reads only; takes the open transaction."""

from datetime import datetime

from sqlalchemy import Connection, Select, case, func, select

from bot.storage.desk_tables import tickets
from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.queue import from_row
from knowledge.entries import Queue

_IN_HAND = (TicketStatus.CLAIMED.value, TicketStatus.WAITING.value)


def in_line(tx: Connection) -> tuple[Ticket, ...]:
    """Every open ticket in the order in which they are to be taken: urgent ones first, then by age."""
    urgent_first = case((tickets.c.priority == Priority.URGENT.value, 0), else_=1)
    rows = tx.execute(
        select(tickets)
        .where(tickets.c.status == TicketStatus.OPEN.value)
        .order_by(urgent_first, tickets.c.created_at, tickets.c.id)
    )
    return tuple(from_row(row) for row in rows)


def load(tx: Connection) -> dict[int, int]:
    """How many tickets each member of staff has in hand; nobody without one is in it."""
    rows = tx.execute(
        select(tickets.c.assignee_id, func.count())
        .where(tickets.c.status.in_(_IN_HAND), tickets.c.assignee_id.is_not(None))
        .group_by(tickets.c.assignee_id)
    )
    return {int(row[0]): int(row[1]) for row in rows}


def in_hand(tx: Connection, staff_id: int) -> tuple[Ticket, ...]:
    """The tickets of one member of staff, oldest first."""
    mine = (tickets.c.assignee_id == staff_id, tickets.c.status.in_(_IN_HAND))
    rows = tx.execute(select(tickets).where(*mine).order_by(tickets.c.id))
    return tuple(from_row(row) for row in rows)


def of_conversation(tx: Connection, conversation_id: int) -> tuple[Ticket, ...]:
    """Every ticket of a conversation, oldest first."""
    theirs = tickets.c.conversation_id == conversation_id
    return tuple(from_row(row) for row in tx.execute(select(tickets).where(theirs).order_by(tickets.c.id)))


def resolved_before(tx: Connection, moment: datetime) -> tuple[Ticket, ...]:
    """Tickets that were resolved before `moment`, and are still."""
    resolved = tickets.c.status == TicketStatus.RESOLVED.value
    rows = tx.execute(select(tickets).where(resolved, tickets.c.resolved_at < moment.timestamp()))
    return tuple(from_row(row) for row in rows)


def newest(
    tx: Connection, *, live_only: bool = True, queue: Queue | None = None, limit: int = 50
) -> tuple[Ticket, ...]:
    """The tickets opened last, newest first."""
    query = select(tickets).order_by(tickets.c.id.desc()).limit(limit)
    if live_only:
        query = query.where(tickets.c.status != TicketStatus.CLOSED.value)
    if queue is not None:
        query = query.where(tickets.c.queue == queue.value)
    return tuple(from_row(row) for row in tx.execute(query))


def conversations_with_tickets(*, live_only: bool = False) -> Select[tuple[int]]:
    """The conversations that have, or had, a ticket, as a subquery."""
    query = select(tickets.c.conversation_id)
    return query.where(tickets.c.status != TicketStatus.CLOSED.value) if live_only else query
