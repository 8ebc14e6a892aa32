"""The table `conversations`: one live chat an address. Every function takes the open transaction."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import NoResultFound

from bot.conversation.model import Address, Conversation, State
from bot.storage.prepared import Prepared
from bot.storage.tables import conversations

_PUBLIC_ID_BYTES = 16  # 128 bits: cannot be guessed

# Every turn runs these: made once, because making a statement costs more than running it.
_FIND = Prepared(
    select(
        conversations.c.id,
        conversations.c.public_id,
        conversations.c.state,
        conversations.c.version,
        conversations.c.last_seq,
    ).where(
        conversations.c.channel == bindparam("channel"),
        conversations.c.address == bindparam("address"),
        conversations.c.ended_at.is_(None),
    )
)
_BEGIN = Prepared(
    insert(conversations).returning(conversations.c.id),
    columns=(
        "public_id",
        "channel",
        "address",
        "language",
        "state",
        "version",
        "last_seq",
        "created_at",
        "updated_at",
    ),
)
_SAVE = Prepared(
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values({name: bindparam(name) for name in ("state", "language", "version", "updated_at")})
    .values(last_seq=conversations.c.last_seq + bindparam("posts"))
    .returning(conversations.c.last_seq)
)
_NEXT_SEQ = Prepared(
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(last_seq=conversations.c.last_seq + 1)
    .returning(conversations.c.last_seq)
)

Selected = Select[tuple[int]]  # conversation ids, as a subquery


def find(tx: Connection, address: Address) -> Conversation | None:
    """The live conversation of `address`."""
    row = _FIND.first(tx, {"channel": address.channel, "address": address.user})
    if row is None:
        return None
    found, public_id, state, version, last_seq = row
    return Conversation(
        id=found,
        public_id=public_id,
        address=address,
        state=State.from_json(state),
        version=version,
        last_seq=last_seq,
    )


def by_id(tx: Connection, conversation_id: int) -> Conversation | None:
    """The conversation with this id, ended or not."""
    row = tx.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()
    return _conversation(row) if row else None


def start(tx: Connection, address: Address, *, now: datetime, language: str = "zh") -> Conversation:
    """The live conversation of `address`, begun when there is none."""
    return find(tx, address) or begin(tx, address, now=now, language=language)


def begin(
    tx: Connection, address: Address, *, now: datetime, language: str = "zh", posts: int = 0
) -> Conversation:
    """A new conversation of `address`, which must have none that is live.

    Args:
        posts: so many of its first places are taken, as `next_seq` takes one.
    """
    state = State(language=language)
    public_id = secrets.token_urlsafe(_PUBLIC_ID_BYTES)
    begun = _BEGIN.first(
        tx,
        {
            "public_id": public_id,
            "channel": address.channel,
            "address": address.user,
            "language": language,
            "state": state.to_json(),
            "version": 0,
            "last_seq": posts,
            "created_at": now.timestamp(),
            "updated_at": now.timestamp(),
        },
    )
    assert begun is not None, "an insert gives its id"
    return Conversation(
        id=begun[0],
        public_id=public_id,
        address=address,
        state=state,
        version=0,
        last_seq=posts,
    )


def save(tx: Connection, conversation: Conversation, state: State, *, posts: int = 0, now: datetime) -> int:
    """Store the state after a turn; the version moves on.

    Args:
        posts: so many of the next places in the conversation are taken, as `next_seq` takes one.

    Returns the last place that is taken.
    """
    saved = _SAVE.first(
        tx,
        {
            "conversation": conversation.id,
            "state": state.to_json(),
            "language": state.language,
            "version": conversation.version + 1,
            "updated_at": now.timestamp(),
            "posts": posts,
        },
    )
    if saved is None:
        raise NoResultFound(f"there is no conversation {conversation.id}")
    return int(saved[0])


def next_seq(tx: Connection, conversation_id: int) -> int:
    """The next place in the conversation; taken under the transaction's lock, so never twice."""
    taken = _NEXT_SEQ.first(tx, {"conversation": conversation_id})
    if taken is None:
        raise NoResultFound(f"there is no conversation {conversation_id}")
    return int(taken[0])


def end(tx: Connection, address: Address, *, now: datetime) -> bool:
    """Clear the chat: the next message of `address` starts a new one. False when there was none."""
    result = tx.execute(
        update(conversations)
        .where(
            conversations.c.channel == address.channel,
            conversations.c.address == address.user,
            conversations.c.ended_at.is_(None),
        )
        .values(ended_at=now.timestamp())
    )
    return result.rowcount > 0


def of_address(tx: Connection, address: Address) -> tuple[Conversation, ...]:
    """Every conversation of `address`, ended ones too, oldest first."""
    rows = tx.execute(
        select(conversations)
        .where(conversations.c.channel == address.channel, conversations.c.address == address.user)
        .order_by(conversations.c.id)
    )
    return tuple(_conversation(row) for row in rows)


def forget_person(tx: Connection, conversation_id: int, *, now: datetime) -> None:
    """End the conversation and cut it off from who it was with; what it counts for stays."""
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            public_id=secrets.token_urlsafe(_PUBLIC_ID_BYTES),
            address=f"erased:{conversation_id}",
            state=State().to_json(),
            ended_at=now.timestamp(),
        )
    )


def count_older(tx: Connection, *, before: datetime, but: Selected, only: Selected | None = None) -> int:
    """How many conversations `purge` would delete."""
    query = select(func.count()).select_from(conversations).where(*_older(before, but, only))
    return int(tx.execute(query).scalar_one())


def purge(
    tx: Connection, *, before: datetime, but: Selected, only: Selected | None = None, limit: int = 200
) -> int:
    """Delete conversations untouched since `before` with all that belongs to them; how many.

    Args:
        but: ids that stay in any case.
        only: ids among which is chosen; None for all.
        limit: at most so many, so that nobody waits long for the transaction.
    """
    chosen = select(conversations.c.id).where(*_older(before, but, only)).limit(limit)
    return tx.execute(delete(conversations).where(conversations.c.id.in_(chosen))).rowcount


def _older(before: datetime, but: Selected, only: Selected | None) -> tuple[ColumnElement[bool], ...]:
    old = (conversations.c.updated_at < before.timestamp(), conversations.c.id.not_in(but))
    return old if only is None else (*old, conversations.c.id.in_(only))


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        public_id=row.public_id,
        address=Address(channel=row.channel, user=row.address),
        state=State.from_json(row.state),
        version=row.version,
        last_seq=row.last_seq,
    )
