"""The columns `status, attempts, next_at, error` of `messages`: a message on its way out, and what stopped it.

A queued row with `next_at` is pushed by the outbox from that moment on. One without waits for the person: to open
their page, or to write again where a channel only lets us answer. To claim a row is to move its `next_at` behind a
lease and to count the attempt; a process that dies holding it loses it by time. Every function takes the transaction.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, or_, select, update

from bot.conversation import transcript
from bot.conversation.model import Address, Delivery, Post
from bot.conversation.wording import Wording
from bot.storage.tables import conversations, messages


class Trouble(StrEnum):
    """Why a message is not delivered; the phrase `delivery_<code>` says it to staff."""

    BLOCKED = "blocked"  # the person blocked us
    GONE = "gone"  # the account no longer exists
    REFUSED = "refused"  # the platform does not take this content
    WINDOW_CLOSED = "window_closed"  # we may answer only for some time after the person wrote
    UNREACHABLE = "unreachable"  # the platform does not answer
    SLOW_DOWN = "slow_down"  # the platform asks us to wait
    BROKEN = "broken"  # our own mistake
    GIVEN_UP = "given_up"  # too many attempts
    WITHDRAWN = "withdrawn"  # staff took it back before it went out


# Every turn runs this: made once, because making a statement costs more than running it.
_BACK = (
    update(messages)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.status == Delivery.QUEUED.value,
        messages.c.error == Trouble.WINDOW_CLOSED.value,
    )
    .values(next_at=bindparam("now"), error=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message claimed for delivery: nobody else sends it before `next_at`."""

    post: Post
    conversation_id: int
    to: Address
    language: str
    attempts: int  # this one included


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A message that needs a person's attention."""

    message_id: int
    conversation_id: int
    seq: int
    channel: str
    text: str
    failed: bool  # for good; False: it is tried again, or waits for the person
    attempts: int
    next_at: datetime | None
    error: str
    created_at: datetime


def claim(tx: Connection, *, now: datetime, lease_until: datetime, limit: int) -> tuple[Parcel, ...]:
    """The messages to send now: of each conversation only the oldest that is queued, so that order holds."""
    due = (
        select(messages, conversations.c.channel, conversations.c.address, conversations.c.language)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(*_due(now))
        .order_by(messages.c.next_at, messages.c.id)
        .limit(limit)
        .with_for_update(of=messages, skip_locked=True)
    )
    rows = tx.execute(due).all()
    tx.execute(
        update(messages)
        .where(messages.c.id.in_([row.id for row in rows]))
        .values(attempts=messages.c.attempts + 1, next_at=lease_until.timestamp())
    )
    return tuple(_parcel(row) for row in rows)


def sent(tx: Connection, parcel: Parcel) -> bool:
    """The platform has it. False when the lease was lost meanwhile: somebody else decides."""
    return _settle(tx, parcel, status=Delivery.SENT.value, next_at=None, error=None)


def failed(tx: Connection, parcel: Parcel, error: str) -> bool:
    """It can never be delivered; the conversation's next message is tried all the same."""
    return _settle(tx, parcel, status=Delivery.FAILED.value, next_at=None, error=error)


def postponed(tx: Connection, parcel: Parcel, error: str, *, until: datetime) -> bool:
    """It is tried again then; the messages behind it wait."""
    return _settle(tx, parcel, next_at=until.timestamp(), error=error)


def parked(tx: Connection, parcel: Parcel, error: str | None = None) -> bool:
    """It waits for the person."""
    return _settle(tx, parcel, next_at=None, error=error)


def unpark(tx: Connection, *, now: datetime) -> None:
    """Look at every waiting message once more: at start, when there may be channels that were not there before."""
    waiting = (messages.c.status == Delivery.QUEUED.value, messages.c.next_at.is_(None))
    tx.execute(update(messages).where(*waiting).values(next_at=now.timestamp()))


def hold(tx: Connection, message_id: int, *, until: datetime) -> None:
    """Not before then: whoever wrote it may still take it back."""
    mine = (messages.c.id == message_id, messages.c.status == Delivery.QUEUED.value)
    tx.execute(update(messages).where(*mine).values(next_at=until.timestamp()))


def reword(tx: Connection, message_id: int, text: str) -> bool:
    """Another wording of a message nobody has tried to send. False when it is too late."""
    return tx.execute(update(messages).where(*_untouched(message_id)).values(text=text)).rowcount == 1


def withdraw(tx: Connection, message_id: int) -> bool:
    """Take back a message nobody has tried to send. False when it is too late."""
    values = {"status": Delivery.FAILED.value, "next_at": None, "error": Trouble.WITHDRAWN.value}
    return tx.execute(update(messages).where(*_untouched(message_id)).values(**values)).rowcount == 1


def person_is_back(tx: Connection, conversation_id: int, *, now: datetime) -> None:
    """The person wrote: what waited for that may go out."""
    tx.execute(_BACK, {"conversation": conversation_id, "now": now.timestamp()})


def handed_over(tx: Connection, conversation_id: int, *, up_to: int) -> int:
    """The page has every message up to place `up_to`; how many of them were queued."""
    queued = update(messages).where(
        messages.c.conversation_id == conversation_id,
        messages.c.status == Delivery.QUEUED.value,
        messages.c.seq <= up_to,
    )
    return tx.execute(queued.values(status=Delivery.SENT.value, next_at=None, error=None)).rowcount


def needs_attention(tx: Connection, *, limit: int = 200) -> tuple[Stuck, ...]:
    """Messages that failed, or that something keeps from being delivered; newest first."""
    taken_back = messages.c.error == Trouble.WITHDRAWN.value
    failed = and_(messages.c.status == Delivery.FAILED.value, ~taken_back)
    troubled = and_(messages.c.status == Delivery.QUEUED.value, messages.c.error.is_not(None))
    rows = tx.execute(
        select(messages, conversations.c.channel)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(or_(failed, troubled))
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return tuple(_stuck(row) for row in rows)


def is_due(tx: Connection, *, now: datetime) -> bool:
    """Whether `claim` would find anything. Reads only."""
    return tx.execute(select(messages.c.id).where(*_due(now)).limit(1)).first() is not None


def explain(error: str, wording: Wording, language: str) -> str:
    """The trouble in words for staff; what is no known code is shown as it is."""
    known = error in {trouble.value for trouble in Trouble}
    return wording.say(f"delivery_{error}", language) if known else error


def _untouched(message_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        messages.c.id == message_id,
        messages.c.status == Delivery.QUEUED.value,
        messages.c.attempts == 0,
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Queued, its time has come, and nothing queued stands before it."""
    earlier = messages.alias()
    blocked = exists().where(
        earlier.c.conversation_id == messages.c.conversation_id,
        earlier.c.status == Delivery.QUEUED.value,
        earlier.c.seq < messages.c.seq,
    )
    return messages.c.status == Delivery.QUEUED.value, messages.c.next_at <= now.timestamp(), ~blocked


def _settle(tx: Connection, parcel: Parcel, **values: Any) -> bool:
    mine = (
        messages.c.id == parcel.post.id,
        messages.c.status == Delivery.QUEUED.value,
        messages.c.attempts == parcel.attempts,
    )
    return tx.execute(update(messages).where(*mine).values(**values)).rowcount == 1


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel(
        post=transcript.from_row(row),
        conversation_id=row.conversation_id,
        to=Address(channel=row.channel, user=row.address),
        language=row.language,
        attempts=row.attempts + 1,
    )


def _stuck(row: Row[Any]) -> Stuck:
    return Stuck(
        message_id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        channel=row.channel,
        text=row.text,
        failed=row.status == Delivery.FAILED.value,
        attempts=row.attempts,
        next_at=None if row.next_at is None else datetime.fromtimestamp(row.next_at, tz=UTC),
        error=row.error or "",
        created_at=datetime.fromtimestamp(row.created_at, tz=UTC),
    )
