"""The table `attachments`: files people sent. Every function takes the open transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from bot.storage.desk_tables import attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file, without its content."""

    public_id: str  # opaque
    message_id: int | None
    name: str  # as the person called it: never trust it
    media_type: str
    size_bytes: int
    created_at: datetime


def listing(tx: Connection, conversation_id: int) -> tuple[Attachment, ...]:
    """The files of a conversation, oldest first."""
    table = attachments.c
    rows = tx.execute(
        select(
            table.public_id,
            table.message_id,
            table.name,
            table.media_type,
            table.size_bytes,
            table.created_at,
        )
        .where(table.conversation_id == conversation_id)
        .order_by(table.id)
    )
    return tuple(
        Attachment(
            public_id=row.public_id,
            message_id=row.message_id,
            name=row.name,
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            created_at=datetime.fromtimestamp(row.created_at, tz=UTC),
        )
        for row in rows
    )


def erase(tx: Connection, conversation_id: int) -> None:
    """Delete the files of a conversation."""
    tx.execute(delete(attachments).where(attachments.c.conversation_id == conversation_id))


def content(tx: Connection, conversation_id: int, public_id: str) -> tuple[str, bytes] | None:
    """Name and bytes of a file of this conversation; None when it is not one of its files."""
    row = tx.execute(
        select(attachments.c.name, attachments.c.content).where(
            attachments.c.conversation_id == conversation_id, attachments.c.public_id == public_id
        )
    ).one_or_none()
    return (row.name, row.content) if row else None
