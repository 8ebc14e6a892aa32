"""The tables `telegram_topics`, `telegram_jobs`, `telegram_modes`: what each topic shows, what the bot owes a group,
and whose words go out. Every function takes the open transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.channels.telegram.links import Link
from bot.storage.telegram_tables import telegram_jobs, telegram_modes, telegram_topics

SAY, REACT = "say", "react"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The topic of a ticket. `thread_id` None: it is not made yet, or was lost."""

    ticket_id: int
    group_id: int
    thread_id: int | None
    card_id: int | None
    card: str | None
    card_at: float
    name: str | None
    icon: str | None
    closed: bool
    seen_seq: int
    seen_note: int
    seen_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something the bot owes a group."""

    id: int
    group_id: int
    thread_id: int | None
    kind: str
    detail: Mapping[str, Any]
    created_at: float


def of_ticket(tx: Connection, ticket_id: int) -> Topic | None:
    """The topic of a ticket, when one was begun."""
    row = tx.execute(select(telegram_topics).where(telegram_topics.c.ticket_id == ticket_id)).one_or_none()
    return from_row(row) if row else None


def by_thread(tx: Connection, group_id: int, thread_id: int) -> Topic | None:
    """The topic with this id of Telegram."""
    one = (telegram_topics.c.group_id == group_id, telegram_topics.c.thread_id == thread_id)
    row = tx.execute(select(telegram_topics).where(*one)).one_or_none()
    return from_row(row) if row else None


def begin(tx: Connection, ticket_id: int, group_id: int, *, seen_seq: int) -> Topic:
    """A topic to be made; what stands in the chat up to `seen_seq` will not be shown in it."""
    tx.execute(insert(telegram_topics).values(ticket_id=ticket_id, group_id=group_id, seen_seq=seen_seq))
    begun = of_ticket(tx, ticket_id)
    assert begun is not None
    return begun


def change(tx: Connection, ticket_id: int, **values: Any) -> None:
    """Store what the topic now shows."""
    tx.execute(update(telegram_topics).where(telegram_topics.c.ticket_id == ticket_id).values(**values))


def lose(tx: Connection, ticket_id: int) -> None:
    """Somebody deleted the topic: it will be made anew, and what was not shown yet is shown there."""
    change(tx, ticket_id, thread_id=None, card_id=None, card=None, name=None, icon=None, closed=False)


def forget(tx: Connection, ticket_id: int) -> None:
    """The topic is gone for good."""
    tx.execute(delete(telegram_topics).where(telegram_topics.c.ticket_id == ticket_id))


def move_group(tx: Connection, old: int, new: int) -> None:
    """The group has another id now."""
    tx.execute(update(telegram_topics).where(telegram_topics.c.group_id == old).values(group_id=new))
    tx.execute(update(telegram_jobs).where(telegram_jobs.c.group_id == old).values(group_id=new))


# --- what the bot owes a group ----------------------------------------------------------------------------


def owe_words(
    tx: Connection,
    group_id: int,
    thread_id: int | None,
    text: str,
    *,
    now: datetime,
    reply_to: int | None = None,
    buttons: list[tuple[str, str]] | None = None,
    seq: int = 0,
) -> None:
    """Words of the bot to staff.

    Args:
        text: HTML.
        buttons: label and callback data.
        seq: whoever reads it has seen the chat up to here.
    """
    detail = {"text": text, "reply_to": reply_to, "buttons": buttons or [], "seq": seq}
    _owe(tx, group_id, thread_id, SAY, detail, now)


def owe_reaction(tx: Connection, link: Link, emojis: tuple[str, ...], *, now: datetime) -> None:
    """A reaction on a message in a topic; none takes it away."""
    _owe(tx, link.chat_id, link.thread_id, REACT, {"message": link.message_id, "emojis": list(emojis)}, now)


def owed(tx: Connection, group_id: int, kind: str) -> Job | None:
    """The oldest thing of this kind owed to a group."""
    row = tx.execute(
        select(telegram_jobs)
        .where(telegram_jobs.c.group_id == group_id, telegram_jobs.c.kind == kind)
        .order_by(telegram_jobs.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Job(
        id=row.id,
        group_id=row.group_id,
        thread_id=row.thread_id,
        kind=row.kind,
        detail=row.detail,
        created_at=row.created_at,
    )


def paid(tx: Connection, job_id: int) -> None:
    """It is done, or can never be."""
    tx.execute(delete(telegram_jobs).where(telegram_jobs.c.id == job_id))


def _owe(
    tx: Connection, group_id: int, thread_id: int | None, kind: str, detail: dict[str, Any], now: datetime
) -> None:
    tx.execute(
        insert(telegram_jobs).values(
            group_id=group_id, thread_id=thread_id, kind=kind, detail=detail, created_at=now.timestamp()
        )
    )


# --- whose words go out -----------------------------------------------------------------------------------


def set_reply_mode(tx: Connection, staff_id: int, ticket_id: int, *, until: datetime | None) -> None:
    """Until then everything the person writes in the topic goes to the citizen; None: no longer."""
    mine = (telegram_modes.c.staff_id == staff_id, telegram_modes.c.ticket_id == ticket_id)
    tx.execute(delete(telegram_modes).where(*mine))
    if until is not None:
        tx.execute(
            insert(telegram_modes).values(staff_id=staff_id, ticket_id=ticket_id, until=until.timestamp())
        )


def in_reply_mode(tx: Connection, staff_id: int, ticket_id: int, *, now: datetime) -> bool:
    """Whether everything the person writes in the topic goes to the citizen."""
    mine = (telegram_modes.c.staff_id == staff_id, telegram_modes.c.ticket_id == ticket_id)
    until = tx.execute(select(telegram_modes.c.until).where(*mine)).scalar()
    return until is not None and now.timestamp() < until


def from_row(row: Row[Any]) -> Topic:
    """The topic in a row of `telegram_topics`."""
    return Topic(
        ticket_id=row.ticket_id,
        group_id=row.group_id,
        thread_id=row.thread_id,
        card_id=row.card_id,
        card=row.card,
        card_at=row.card_at or 0.0,
        name=row.name,
        icon=row.icon,
        closed=row.closed,
        seen_seq=row.seen_seq,
        seen_note=row.seen_note,
        seen_version=row.seen_version,
    )
