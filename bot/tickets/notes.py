"""The table `notes`: what staff tell each other about a ticket. Nothing that delivers to a citizen reads it.

Every function takes the open transaction.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from bot.storage.desk_tables import notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note."""

    id: int
    ticket_id: int
    staff_id: int
    text: str
    created_at: datetime


def add(tx: Connection, ticket_id: int, staff_id: int, text: str, *, now: datetime) -> Note:
    """Store a note."""
    result = tx.execute(
        insert(notes).values(ticket_id=ticket_id, staff_id=staff_id, text=text, created_at=now.timestamp())
    )
    assert result.inserted_primary_key is not None
    return Note(
        id=result.inserted_primary_key[0], ticket_id=ticket_id, staff_id=staff_id, text=text, created_at=now
    )


def erase(tx: Connection, ticket_id: int) -> None:
    """Delete the notes of a ticket."""
    tx.execute(delete(notes).where(notes.c.ticket_id == ticket_id))


def listing(tx: Connection, ticket_id: int) -> tuple[Note, ...]:
    """The notes of a ticket, oldest first."""
    rows = tx.execute(select(notes).where(notes.c.ticket_id == ticket_id).order_by(notes.c.id))
    return tuple(
        Note(
            id=row.id,
            ticket_id=row.ticket_id,
            staff_id=row.staff_id,
            text=row.text,
            created_at=datetime.fromtimestamp(row.created_at, tz=UTC),
        )
        for row in rows
    )
