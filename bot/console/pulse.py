"""What changed at the desk since the last look: one cheap query over the live tickets. Reads only.

Looking at the rows catches every writer: the engine, the console, the outbox, a sweep, another process.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, func, or_, select

from bot.storage.desk_tables import notes, tickets
from bot.storage.tables import conversations, messages
from bot.tickets.model import TicketStatus

Pulse = Mapping[str, tuple[Any, ...]]  # ticket number → what its pages show of it


def read_pulse(tx: Connection, watched: Collection[str]) -> Pulse:
    """The state of every live ticket, and of those in `watched`, which somebody has open."""
    queued = (
        select(func.count())
        .where(messages.c.conversation_id == tickets.c.conversation_id, messages.c.status == "queued")
        .scalar_subquery()
    )
    failed = (
        select(func.count())
        .where(messages.c.conversation_id == tickets.c.conversation_id, messages.c.status == "failed")
        .scalar_subquery()
    )
    noted = select(func.count()).where(notes.c.ticket_id == tickets.c.id).scalar_subquery()
    rows = tx.execute(
        select(
            tickets.c.number,
            tickets.c.version,
            tickets.c.due_at,
            tickets.c.warned_at,
            tickets.c.breached_at,
            conversations.c.last_seq,
            queued,
            failed,
            noted,
        )
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .where(or_(tickets.c.status != TicketStatus.CLOSED.value, tickets.c.number.in_(list(watched))))
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def changed(before: Pulse, after: Pulse) -> frozenset[str]:
    """The tickets that are new, gone or different."""
    return frozenset(number for number in {*before, *after} if before.get(number) != after.get(number))
