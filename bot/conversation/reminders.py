"""The table `reminders`: words that are said to a person on a later day. Every function takes the open transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bot.conversation import sessions, transcript
from bot.conversation.model import Address, Author, Delivery
from bot.storage.form_tables import reminders


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One that is due."""

    id: int
    conversation_id: int
    text: str


def add(tx: Connection, conversation_id: int, text: str, *, due_at: datetime) -> None:
    """Say `text` in the conversation at `due_at`."""
    tx.execute(
        insert(reminders).values(conversation_id=conversation_id, due_at=due_at.timestamp(), text=text)
    )


def due(tx: Connection, *, now: datetime, limit: int = 100) -> tuple[Reminder, ...]:
    """What is to be said by now, the oldest first."""
    rows = tx.execute(
        select(reminders)
        .where(reminders.c.posted_at.is_(None), reminders.c.due_at <= now.timestamp())
        .order_by(reminders.c.due_at)
        .limit(limit)
    )
    return tuple(Reminder(id=row.id, conversation_id=row.conversation_id, text=row.text) for row in rows)


def post(tx: Connection, reminder: Reminder, *, now: datetime) -> Address | None:
    """Say it, once; whose chat got it. None when another process was faster, or the chat was ended."""
    news = (reminders.c.id == reminder.id, reminders.c.posted_at.is_(None))
    if tx.execute(update(reminders).where(*news).values(posted_at=now.timestamp())).rowcount == 0:
        return None
    conversation = sessions.by_id(tx, reminder.conversation_id)
    if conversation is None:
        return None
    transcript.post(
        tx,
        reminder.conversation_id,
        Author.SYSTEM,
        reminder.text,
        {},
        status=Delivery.QUEUED,
        now=now,
    )
    return conversation.address


def erase(tx: Connection, conversation_id: int) -> None:
    """Delete every reminder of the conversation."""
    tx.execute(delete(reminders).where(reminders.c.conversation_id == conversation_id))
