"""The tables `telegram_links`, `telegram_parts`, `telegram_people`: which message of Telegram is which of ours, what
is on its way, and who blocked us. Every function takes the open transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.channels.telegram.events import Kind
from bot.storage.tables import conversations, messages
from bot.storage.telegram_tables import telegram_links, telegram_parts, telegram_people


class Role(StrEnum):
    """What a message of Telegram is to us."""

    PRIVATE = "private"  # in the citizen's chat, theirs or ours
    CITIZEN = "citizen"  # the citizen's words, shown in a topic
    ANSWER = "answer"  # what staff wrote in a topic and the citizen gets
    SHOWN = "shown"  # an answer from the console, shown in a topic
    INTERNAL = "internal"  # card, notes, what the bot said: nobody answers the citizen by replying to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One message of Telegram."""

    chat_id: int
    message_id: int
    role: Role
    post_id: int | None = None
    seq: int = 0  # whoever reads it has seen the chat up to here
    thread_id: int | None = None
    kind: Kind = Kind.TEXT
    album: str | None = None
    shown: str | None = None


def add(tx: Connection, link: Link) -> None:
    """Remember a message; the same once more changes nothing."""
    if find(tx, link.chat_id, link.message_id) is not None:
        return
    tx.execute(
        insert(telegram_links).values(
            chat_id=link.chat_id,
            message_id=link.message_id,
            thread_id=link.thread_id,
            post_id=link.post_id,
            seq=link.seq,
            role=link.role.value,
            kind=link.kind.value,
            album=link.album,
            shown=link.shown,
        )
    )


def find(tx: Connection, chat_id: int, message_id: int) -> Link | None:
    """The message, when it is one of those we know."""
    one = (telegram_links.c.chat_id == chat_id, telegram_links.c.message_id == message_id)
    row = tx.execute(select(telegram_links).where(*one)).one_or_none()
    return _link(row) if row else None


def of_post(tx: Connection, post_id: int, *roles: Role) -> tuple[Link, ...]:
    """The messages of Telegram that show our message, oldest first."""
    query = (
        select(telegram_links)
        .where(telegram_links.c.post_id == post_id, telegram_links.c.role.in_([each.value for each in roles]))
        .order_by(telegram_links.c.message_id)
    )
    return tuple(_link(row) for row in tx.execute(query))


def album_is_known(tx: Connection, chat_id: int, album: str) -> bool:
    """Whether a message of this album came before."""
    one = (telegram_links.c.chat_id == chat_id, telegram_links.c.album == album)
    return tx.execute(select(telegram_links.c.message_id).where(*one).limit(1)).first() is not None


def seen_before(tx: Connection, group_id: int, thread_id: int, message_id: int) -> int:
    """How far somebody has read the chat who writes `message_id` in a topic: to the `seq` of what stands above."""
    above = (
        telegram_links.c.chat_id == group_id,
        telegram_links.c.thread_id == thread_id,
        telegram_links.c.message_id < message_id,
    )
    return int(
        tx.execute(select(func.coalesce(func.max(telegram_links.c.seq), 0)).where(*above)).scalar_one()
    )


def show(tx: Connection, link: Link, shown: str) -> None:
    """The topic now shows this delivery status."""
    one = (telegram_links.c.chat_id == link.chat_id, telegram_links.c.message_id == link.message_id)
    tx.execute(update(telegram_links).where(*one).values(shown=shown))


def note_mark(note_id: int) -> str:
    """How a message that became a note says so."""
    return f"n{note_id}"


def note_is_here(tx: Connection, group_id: int, note_id: int) -> bool:
    """Whether a note was written in the group itself: it needs no showing there."""
    one = (telegram_links.c.chat_id == group_id, telegram_links.c.shown == note_mark(note_id))
    return tx.execute(select(telegram_links.c.message_id).where(*one).limit(1)).first() is not None


def undecided(tx: Connection, group_id: int, *, limit: int = 50) -> tuple[Link, ...]:
    """Answers whose topic does not show yet what became of them."""
    ended = ("sent", "failed")
    taken_back = select(messages.c.id).where(messages.c.error == "withdrawn")
    query = (
        select(telegram_links)
        .where(
            telegram_links.c.chat_id == group_id,
            telegram_links.c.role.in_((Role.ANSWER.value, Role.SHOWN.value)),
            telegram_links.c.shown.not_in(ended),
            telegram_links.c.post_id.not_in(taken_back),
        )
        .order_by(telegram_links.c.post_id)
        .limit(limit)
    )
    return tuple(_link(row) for row in tx.execute(query))


def forget_topic(tx: Connection, group_id: int, thread_id: int) -> None:
    """The topic is gone, and its messages with it."""
    theirs = (telegram_links.c.chat_id == group_id, telegram_links.c.thread_id == thread_id)
    tx.execute(delete(telegram_links).where(*theirs))


def forget_erased(tx: Connection) -> int:
    """Who was in a chat that was erased is no longer known here either; how many messages that were."""
    erased = (
        select(messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.address.startswith("erased:"))
    )
    tx.execute(delete(telegram_parts).where(telegram_parts.c.post_id.in_(erased)))
    private = (telegram_links.c.post_id.in_(erased), telegram_links.c.role == Role.PRIVATE.value)
    return tx.execute(delete(telegram_links).where(*private)).rowcount


# --- parts of a message on its way ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the messages a long reply is sent in. `message_id` None: not known to have arrived."""

    tries: int
    message_id: int | None
    maybe_twice: bool


def part(tx: Connection, post_id: int, number: int) -> Part | None:
    """What is known of a part; None when it was never tried."""
    row = tx.execute(select(telegram_parts).where(*_part(post_id, number))).one_or_none()
    return Part(tries=row.tries, message_id=row.message_id, maybe_twice=row.maybe_twice) if row else None


def trying(tx: Connection, post_id: int, number: int, *, after: Part | None) -> None:
    """It is about to be sent. One tried before without a word of what came of it may arrive twice."""
    if after is None:
        tx.execute(insert(telegram_parts).values(post_id=post_id, part=number, tries=1))
        return
    tx.execute(
        update(telegram_parts)
        .where(*_part(post_id, number))
        .values(tries=after.tries + 1, maybe_twice=after.tries > 0)
    )


def not_sent(tx: Connection, post_id: int, number: int) -> None:
    """Telegram refused it: it surely did not arrive, so the next try cannot be the second."""
    tx.execute(update(telegram_parts).where(*_part(post_id, number)).values(tries=0))


def arrived(tx: Connection, post_id: int, number: int, message_id: int) -> None:
    """Telegram has it."""
    tx.execute(update(telegram_parts).where(*_part(post_id, number)).values(message_id=message_id))


def count_maybe_twice(tx: Connection) -> int:
    """How many parts may have arrived twice."""
    twice = select(func.count()).select_from(telegram_parts).where(telegram_parts.c.maybe_twice)
    return int(tx.execute(twice).scalar_one())


def _part(post_id: int, number: int) -> tuple[Any, Any]:
    return telegram_parts.c.post_id == post_id, telegram_parts.c.part == number


# --- who blocked us ---------------------------------------------------------------------------------------


def set_blocked(tx: Connection, chat_id: int, *, blocked: bool, now: datetime) -> None:
    """Whether this person blocked us."""
    tx.execute(delete(telegram_people).where(telegram_people.c.chat_id == chat_id))
    if blocked:
        tx.execute(insert(telegram_people).values(chat_id=chat_id, blocked_at=now.timestamp()))


def is_blocked(tx: Connection, chat_id: int) -> bool:
    """Whether this person blocked us."""
    return tx.execute(select(telegram_people).where(telegram_people.c.chat_id == chat_id)).first() is not None


def _link(row: Row[Any]) -> Link:
    return Link(
        chat_id=row.chat_id,
        message_id=row.message_id,
        role=Role(row.role),
        post_id=row.post_id,
        seq=row.seq,
        thread_id=row.thread_id,
        kind=Kind(row.kind),
        album=row.album,
        shown=row.shown,
    )
