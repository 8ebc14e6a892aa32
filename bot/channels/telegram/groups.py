"""The table `telegram_groups`: where a group moved to, and whether it wants to be warned.

Every function takes the open transaction.
"""

from sqlalchemy import Connection, insert, select, update

from bot.storage.telegram_tables import telegram_groups


def current(tx: Connection, group_id: int) -> int:
    """The id the group has now; the configuration may name an old one."""
    moved = tx.execute(
        select(telegram_groups.c.moved_to).where(telegram_groups.c.chat_id == group_id)
    ).scalar()
    return int(moved) if moved is not None else group_id


def original(tx: Connection, group_id: int) -> int:
    """The id the configuration may know the group by; the other way round of `current`."""
    old = tx.execute(select(telegram_groups.c.chat_id).where(telegram_groups.c.moved_to == group_id)).scalar()
    return int(old) if old is not None else group_id


def moved(tx: Connection, old: int, new: int) -> None:
    """The group became the supergroup `new`."""
    first = original(tx, old)
    _ensure(tx, first)
    tx.execute(update(telegram_groups).where(telegram_groups.c.chat_id == first).values(moved_to=new))


def set_watching(tx: Connection, group_id: int, *, watches: bool) -> None:
    """Whether the group wants to be warned of certain scams."""
    first = original(tx, group_id)
    _ensure(tx, first)
    tx.execute(update(telegram_groups).where(telegram_groups.c.chat_id == first).values(watches=watches))


def is_watching(tx: Connection, group_id: int) -> bool:
    """Whether the group wants to be warned of certain scams."""
    first = original(tx, group_id)
    query = select(telegram_groups.c.watches).where(telegram_groups.c.chat_id == first)
    return bool(tx.execute(query).scalar())


def leave(tx: Connection, group_id: int) -> None:
    """We are no longer in the group: what it wished no longer counts."""
    tx.execute(
        update(telegram_groups)
        .where(telegram_groups.c.chat_id == original(tx, group_id))
        .values(watches=False)
    )


def _ensure(tx: Connection, group_id: int) -> None:
    known = select(telegram_groups.c.chat_id).where(telegram_groups.c.chat_id == group_id)
    if tx.execute(known).first() is None:
        tx.execute(insert(telegram_groups).values(chat_id=group_id))
