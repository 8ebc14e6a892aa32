"""The tables `attachments` and `attachment_contents`: files that citizens and staff sent.

They lie in the database: no path on the disk is made of what somebody called a file, no web server can hand one out,
a backup has them, and they go with the conversation. Every function takes the open transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from bot.conversation.files import FileKind, Upload
from bot.storage.desk_tables import attachment_contents, attachments

_ID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file, without its content."""

    public_id: str  # opaque
    message_id: int | None
    name: str  # cleaned, but still a citizen's words
    media_type: str
    size_bytes: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file as it is handed out."""

    name: str
    kind: FileKind
    content: bytes


def store(
    tx: Connection, conversation_id: int, message_id: int, upload: Upload, *, now: datetime
) -> Attachment:
    """Keep a file that belongs to a message."""
    public_id = secrets.token_urlsafe(_ID_BYTES)
    result = tx.execute(
        insert(attachments).values(
            public_id=public_id,
            conversation_id=conversation_id,
            message_id=message_id,
            name=upload.name,
            media_type=upload.kind.value,
            size_bytes=len(upload.content),
            created_at=now.timestamp(),
        )
    )
    assert result.inserted_primary_key is not None
    id = result.inserted_primary_key[0]
    tx.execute(insert(attachment_contents).values(attachment_id=id, content=upload.content))
    return Attachment(
        public_id=public_id,
        message_id=message_id,
        name=upload.name,
        media_type=upload.kind.value,
        size_bytes=len(upload.content),
        created_at=now,
    )


def listing(tx: Connection, conversation_id: int) -> tuple[Attachment, ...]:
    """The files of a conversation, oldest first."""
    theirs = attachments.c.conversation_id == conversation_id
    rows = tx.execute(select(attachments).where(theirs).order_by(attachments.c.id))
    return tuple(_attachment(row) for row in rows)


def count(tx: Connection, conversation_id: int, *, since: datetime) -> int:
    """How many files came into a conversation after `since`."""
    theirs = (
        attachments.c.conversation_id == conversation_id,
        attachments.c.created_at > since.timestamp(),
    )
    return int(tx.execute(select(func.count()).select_from(attachments).where(*theirs)).scalar_one())


def content(tx: Connection, conversation_id: int, public_id: str) -> Content | None:
    """A file of this conversation; None when it is not one of its files."""
    row = tx.execute(
        select(attachments.c.name, attachments.c.media_type, attachment_contents.c.content)
        .join(attachment_contents, attachment_contents.c.attachment_id == attachments.c.id)
        .where(attachments.c.conversation_id == conversation_id, attachments.c.public_id == public_id)
    ).one_or_none()
    return Content(name=row.name, kind=FileKind(row.media_type), content=row.content) if row else None


def erase(tx: Connection, conversation_id: int) -> None:
    """Delete the files of a conversation."""
    tx.execute(delete(attachments).where(attachments.c.conversation_id == conversation_id))


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(
        public_id=row.public_id,
        message_id=row.message_id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        created_at=datetime.fromtimestamp(row.created_at, tz=UTC),
    )
