"""The tables `telegram_updates` and `telegram_bots`: what came in, how far we are, and who talks to Telegram.

An update is committed here before Telegram is told that we have it: from then on it is ours. The key against doubles
is its id; what it said is deleted once it is dealt with. Every function takes the open transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.storage.telegram_tables import telegram_bots, telegram_updates

KEEP = timedelta(hours=72)  # longer than Telegram repeats anything [24 h, core.telegram.org/bots/api]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An update nobody has dealt with yet."""

    id: int
    update_id: int
    raw: str
    received_at: datetime


def receive(tx: Connection, bot_id: int, updates: Sequence[tuple[int, str]], *, now: datetime) -> int:
    """Keep updates, given as id and payload; how many were not known."""
    ids = [update_id for update_id, _ in updates]
    known = set(
        tx.execute(
            select(telegram_updates.c.update_id).where(
                telegram_updates.c.bot_id == bot_id, telegram_updates.c.update_id.in_(ids)
            )
        ).scalars()
    )
    fresh = {update_id: raw for update_id, raw in updates if update_id not in known}
    for update_id, raw in fresh.items():
        tx.execute(
            insert(telegram_updates).values(
                bot_id=bot_id, update_id=update_id, state="new", raw=raw, received_at=now.timestamp()
            )
        )
    return len(fresh)


def pending(tx: Connection, bot_id: int, *, limit: int, but: Collection[int] = ()) -> tuple[Received, ...]:
    """Updates to deal with, in the order in which Telegram numbered them.

    Args:
        but: rows that are being dealt with.
    """
    rows = tx.execute(
        select(telegram_updates)
        .where(
            telegram_updates.c.bot_id == bot_id,
            telegram_updates.c.state == "new",
            telegram_updates.c.id.not_in(list(but)),
        )
        .order_by(telegram_updates.c.update_id)
        .limit(limit)
    )
    return tuple(
        Received(
            id=row.id,
            update_id=row.update_id,
            raw=row.raw,
            received_at=datetime.fromtimestamp(row.received_at, tz=UTC),
        )
        for row in rows
    )


def done(tx: Connection, row_id: int) -> None:
    """It is dealt with: what it said is no longer needed."""
    mine = telegram_updates.c.id == row_id
    tx.execute(update(telegram_updates).where(mine).values(state="done", raw=""))


def failed(tx: Connection, row_id: int, error: str) -> None:
    """It cannot be dealt with; what it said is in `failures`."""
    mine = telegram_updates.c.id == row_id
    tx.execute(update(telegram_updates).where(mine).values(state="failed", raw="", error=error[:100]))


def waiting(tx: Connection, bot_id: int) -> int:
    """How many updates nobody has dealt with."""
    mine = (telegram_updates.c.bot_id == bot_id, telegram_updates.c.state == "new")
    return int(tx.execute(select(func.count()).select_from(telegram_updates).where(*mine)).scalar_one())


def prune(tx: Connection, *, now: datetime) -> int:
    """Delete old rows that are dealt with; how many."""
    old = (telegram_updates.c.state != "new", telegram_updates.c.received_at < (now - KEEP).timestamp())
    return tx.execute(delete(telegram_updates).where(*old)).rowcount


# --- how far we are, and who talks to Telegram ------------------------------------------------------------


def offset(tx: Connection, bot_id: int) -> int:
    """Where to go on; 0 at the beginning."""
    found = tx.execute(select(telegram_bots.c.next_offset).where(telegram_bots.c.bot_id == bot_id)).scalar()
    return int(found or 0)


def advance(tx: Connection, bot_id: int, *, last_update_id: int, now: datetime) -> None:
    """The newest update received, not the greatest id: after a quiet week ids begin anywhere."""
    mine = telegram_bots.c.bot_id == bot_id
    values = {"next_offset": last_update_id + 1, "received_at": now.timestamp()}
    if tx.execute(update(telegram_bots).where(mine).values(**values)).rowcount == 0:
        tx.execute(insert(telegram_bots).values(bot_id=bot_id, **values))


def last_received(tx: Connection, bot_id: int) -> datetime | None:
    """When the newest update came."""
    at = tx.execute(select(telegram_bots.c.received_at).where(telegram_bots.c.bot_id == bot_id)).scalar()
    return None if at is None else datetime.fromtimestamp(at, tz=UTC)


def holder(tx: Connection, bot_id: int) -> str | None:
    """The process that talks to Telegram, or did."""
    found: str | None = tx.execute(
        select(telegram_bots.c.holder).where(telegram_bots.c.bot_id == bot_id)
    ).scalar()
    return found


def hold(tx: Connection, bot_id: int, holder: str, *, now: datetime, until: datetime) -> bool:
    """Whether `holder` is the one process that talks to Telegram, from now `until` then."""
    free = or_(
        telegram_bots.c.holder == holder,
        telegram_bots.c.holder.is_(None),
        telegram_bots.c.lease_until < now.timestamp(),
    )
    values = {"holder": holder, "lease_until": until.timestamp()}
    taken = update(telegram_bots).where(telegram_bots.c.bot_id == bot_id, free).values(**values)
    if tx.execute(taken).rowcount == 1:
        return True
    if tx.execute(select(telegram_bots.c.bot_id).where(telegram_bots.c.bot_id == bot_id)).first():
        return False
    try:
        tx.execute(insert(telegram_bots).values(bot_id=bot_id, **values))
    except IntegrityError:  # another process was faster
        return False
    return True


def let_go(tx: Connection, bot_id: int, holder: str) -> None:
    """Another process may take over at once."""
    mine = (telegram_bots.c.bot_id == bot_id, telegram_bots.c.holder == holder)
    tx.execute(update(telegram_bots).where(*mine).values(holder=None, lease_until=None))
