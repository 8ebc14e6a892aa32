"""The tables `messages`, `failures`, `feedback`: the transcript, the key against doubles and the outbox in one.

Nothing is said that is not a row here. Every function takes the open transaction.
"""

from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.conversation import attachments, sessions
from bot.conversation.files import named
from bot.conversation.model import Author, Choice, Citation, Delivery, Message, Paper, Post, Reply
from bot.storage.prepared import Prepared
from bot.storage.tables import failures, feedback, messages

_COUNTED = ("turn", "staff", "desk")  # the parts of a payload that hold no words of anybody

_POST = Prepared(
    insert(messages).returning(messages.c.id),
    columns=(
        "conversation_id",
        "seq",
        "author",
        "external_id",
        "reply_to",
        "text",
        "payload",
        "status",
        "next_at",
        "created_at",
    ),
)


class Rating(IntEnum):
    """What a person thought of an answer."""

    HELPFUL = 1
    NOT_HELPFUL = -1


def known(tx: Connection, conversation_id: int, external_id: str | None) -> Post | None:
    """The citizen's message already stored under this id."""
    if external_id is None:
        return None
    row = tx.execute(
        select(messages).where(
            messages.c.conversation_id == conversation_id, messages.c.external_id == external_id
        )
    ).one_or_none()
    return from_row(row) if row else None


def by_id(tx: Connection, message_id: int) -> tuple[int, Post] | None:
    """The message with this id, behind the id of its conversation."""
    row = tx.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
    return (row.conversation_id, from_row(row)) if row else None


def receive(
    tx: Connection, conversation_id: int, message: Message, *, now: datetime, seq: int | None = None
) -> Post:
    """Record what the citizen sent, with its files; `seq` as in `post`."""
    names = tuple(upload.name for upload in message.files)
    received = post(
        tx,
        conversation_id,
        Author.CITIZEN,
        message.text or named(names),
        {},
        status=Delivery.RECEIVED,
        now=now,
        external_id=message.external_id,
        seq=seq,
    )
    for upload in message.files:
        attachments.store(tx, conversation_id, received.id, upload, now=now)
    return received


def post(
    tx: Connection,
    conversation_id: int,
    author: Author,
    text: str,
    payload: dict[str, Any],
    *,
    status: Delivery,
    now: datetime,
    external_id: str | None = None,
    reply_to: int | None = None,
    seq: int | None = None,
) -> Post:
    """Add a message at the end of the conversation, or at the place `seq` that was taken for it."""
    seq = sessions.next_seq(tx, conversation_id) if seq is None else seq
    posted = _POST.first(
        tx,
        {
            "conversation_id": conversation_id,
            "seq": seq,
            "author": author.value,
            "external_id": external_id,
            "reply_to": reply_to,
            "text": text,
            "payload": payload,
            "status": status.value,
            "next_at": now.timestamp() if status is Delivery.QUEUED else None,
            "created_at": now.timestamp(),
        },
    )
    assert posted is not None, "an insert gives its id"
    return Post(
        id=posted[0],
        seq=seq,
        author=author,
        text=text,
        payload=payload,
        external_id=external_id,
        status=status,
        reply_to=reply_to,
        created_at=now,
    )


def remember(tx: Connection, message_id: int, payload: dict[str, Any]) -> None:
    """Store facts with a message that got no reply."""
    tx.execute(update(messages).where(messages.c.id == message_id).values(payload=payload))


def replies_to(tx: Connection, message_id: int) -> tuple[Post, ...]:
    """What was answered to a message, in order."""
    rows = tx.execute(select(messages).where(messages.c.reply_to == message_id).order_by(messages.c.seq))
    return tuple(from_row(row) for row in rows)


def after(tx: Connection, conversation_id: int, seq: int, *, limit: int = 200) -> tuple[Post, ...]:
    """The messages behind place `seq`, oldest first."""
    rows = tx.execute(
        select(messages)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > seq)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return tuple(from_row(row) for row in rows)


def fail(tx: Connection, channel: str, address: str | None, *, raw: str, reason: str, now: datetime) -> None:
    """Record what could not be handled, as it came."""
    tx.execute(
        insert(failures).values(
            channel=channel, address=address, raw=raw, reason=reason, created_at=now.timestamp()
        )
    )


def all_of(tx: Connection, conversation_id: int) -> tuple[Post, ...]:
    """The whole conversation, oldest first."""
    rows = tx.execute(
        select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.seq)
    )
    return tuple(from_row(row) for row in rows)


def erase(tx: Connection, conversation_id: int) -> None:
    """Delete what was said in the conversation; that something was, by whom, and what kind, stays."""
    for post in all_of(tx, conversation_id):
        kept = {key: value for key, value in post.payload.items() if key in _COUNTED}
        blank = update(messages).where(messages.c.id == post.id)
        tx.execute(blank.values(text="", payload=kept, external_id=None, error=None))


def erase_failures(tx: Connection, channel: str, address: str) -> None:
    """Delete the records of this address's messages that could not be handled."""
    theirs = (failures.c.channel == channel, failures.c.address == address)
    tx.execute(delete(failures).where(*theirs))


def count_failures(tx: Connection, *, before: datetime) -> int:
    """How many `purge_failures` would delete."""
    query = select(func.count()).select_from(failures).where(failures.c.created_at < before.timestamp())
    return int(tx.execute(query).scalar_one())


def purge_failures(tx: Connection, *, before: datetime) -> int:
    """Delete older records of what could not be handled; how many."""
    return tx.execute(delete(failures).where(failures.c.created_at < before.timestamp())).rowcount


def at(tx: Connection, conversation_id: int, seq: int) -> Post | None:
    """The message at this place."""
    here = (messages.c.conversation_id == conversation_id, messages.c.seq == seq)
    row = tx.execute(select(messages).where(*here)).one_or_none()
    return from_row(row) if row else None


def get(tx: Connection, message_id: int) -> Post:
    """The message with this id, which must exist."""
    return from_row(tx.execute(select(messages).where(messages.c.id == message_id)).one())


def rate(tx: Connection, conversation_id: int, seq: int, rating: Rating, *, now: datetime) -> bool:
    """Store 👍 or 👎 on a bot's message; the newest wins. False when there is no such message."""
    row = tx.execute(
        select(messages.c.id).where(
            messages.c.conversation_id == conversation_id,
            messages.c.seq == seq,
            messages.c.author == Author.BOT.value,
        )
    ).one_or_none()
    if row is None:
        return False
    tx.execute(delete(feedback).where(feedback.c.message_id == row.id))
    tx.execute(insert(feedback).values(message_id=row.id, rating=int(rating), created_at=now.timestamp()))
    return True


def ratings(tx: Connection, conversation_id: int) -> dict[int, Rating]:
    """What the citizen thought of the bot's messages, by message id."""
    rows = tx.execute(
        select(feedback.c.message_id, feedback.c.rating)
        .join(messages, messages.c.id == feedback.c.message_id)
        .where(messages.c.conversation_id == conversation_id)
    )
    return {row.message_id: Rating(row.rating) for row in rows}


def count_unhelpful(tx: Connection, conversation_id: int, *, since: datetime | None) -> int:
    """How many of the bot's messages are rated 👎, or were after `since`."""
    query = (
        select(func.count())
        .select_from(feedback)
        .join(messages, messages.c.id == feedback.c.message_id)
        .where(messages.c.conversation_id == conversation_id, feedback.c.rating == int(Rating.NOT_HELPFUL))
    )
    if since is not None:
        query = query.where(messages.c.created_at > since.timestamp())
    return int(tx.execute(query).scalar_one())


def resend(tx: Connection, conversation_id: int, seq: int, *, now: datetime) -> bool:
    """Try a message that failed once more, from the beginning. False when there is no such failed message."""
    failed = update(messages).where(
        messages.c.conversation_id == conversation_id,
        messages.c.seq == seq,
        messages.c.status == Delivery.FAILED.value,
    )
    again = failed.values(status=Delivery.QUEUED.value, attempts=0, next_at=now.timestamp(), error=None)
    return tx.execute(again).rowcount == 1


def reply_payload(reply: Reply) -> dict[str, Any]:
    """A reply's buttons and sources as stored and as the public contract shows them."""
    return {
        "choices": [{"label": choice.label, "value": choice.value} for choice in reply.choices],
        "sources": [_source(source) for source in reply.sources],
        **({"papers": [asdict(paper) for paper in reply.papers]} if reply.papers else {}),
    }


def reply_of(post: Post) -> Reply:
    """The bubble a stored message was made from; `reply_payload` the other way round."""
    return Reply(
        text=post.text,
        choices=tuple(Choice(**choice) for choice in post.payload.get("choices", ())),
        sources=tuple(
            Citation(**{**source, "reviewed_on": date.fromisoformat(source["reviewed_on"])})
            for source in post.payload.get("sources", ())
        ),
        papers=tuple(Paper(**paper) for paper in post.payload.get("papers", ())),
    )


def _source(source: Citation) -> dict[str, Any]:
    return {
        "title": source.title,
        "article": source.article,
        "url": source.url,
        "reviewed_on": source.reviewed_on.isoformat(),
    }


def from_row(row: Row[Any]) -> Post:
    """The message in a row of `messages`."""
    return Post(
        id=row.id,
        seq=row.seq,
        author=Author(row.author),
        text=row.text,
        payload=row.payload,
        external_id=row.external_id,
        status=Delivery(row.status),
        error=row.error,
        reply_to=row.reply_to,
        created_at=datetime.fromtimestamp(row.created_at, tz=UTC),
    )
