"""The tables `telegram_staff` and `telegram_invites`: which account of Telegram is which member of staff.

A code, made on the command line and sent to the bot in a private chat within a quarter of an hour, ties the two; being
in the group proves nothing. Every function takes the open transaction.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from bot.storage.telegram_tables import telegram_invites, telegram_staff
from bot.tickets import audit
from bot.tickets import staff as accounts
from bot.tickets.people import Staff
from bot.tickets.queue import staff_actor

VALID = timedelta(minutes=15)
_CODE_BYTES = 10  # 80 bits: cannot be guessed in a quarter of an hour


def invite(tx: Connection, staff_id: int, *, now: datetime) -> str:
    """A code for this member of staff; only its hash is kept, an earlier one no longer works."""
    code = secrets.token_hex(_CODE_BYTES)
    tx.execute(delete(telegram_invites).where(telegram_invites.c.staff_id == staff_id))
    tx.execute(
        insert(telegram_invites).values(
            code_hash=_hash(code), staff_id=staff_id, expires_at=(now + VALID).timestamp()
        )
    )
    return code


def accept(tx: Connection, code: str, user_id: int, *, now: datetime) -> Staff | None:
    """Who the account of Telegram is from now on; None for a wrong or an old code. A code works once."""
    row = tx.execute(
        select(telegram_invites).where(telegram_invites.c.code_hash == _hash(code))
    ).one_or_none()
    if row is None or now.timestamp() > row.expires_at:
        return None
    tx.execute(delete(telegram_invites).where(telegram_invites.c.code_hash == row.code_hash))
    unlink(tx, row.staff_id)
    tx.execute(delete(telegram_staff).where(telegram_staff.c.user_id == user_id))
    tx.execute(
        insert(telegram_staff).values(user_id=user_id, staff_id=row.staff_id, linked_at=now.timestamp())
    )
    audit.record(tx, staff_actor(row.staff_id), "staff.linked", f"staff:{row.staff_id}", now=now)
    return accounts.get(tx, row.staff_id)


def find(tx: Connection, user_id: int) -> Staff | None:
    """The member of staff behind an account of Telegram, when they may work."""
    staff_id = tx.execute(
        select(telegram_staff.c.staff_id).where(telegram_staff.c.user_id == user_id)
    ).scalar()
    if staff_id is None:
        return None
    who = accounts.get(tx, staff_id)
    return who if who.may_work else None


def unlink(tx: Connection, staff_id: int) -> bool:
    """The person's Telegram can do nothing any more; False when none was tied to them."""
    return tx.execute(delete(telegram_staff).where(telegram_staff.c.staff_id == staff_id)).rowcount > 0


def linked(tx: Connection) -> dict[int, int]:
    """The account of Telegram of each member of staff, by their id."""
    rows = tx.execute(select(telegram_staff.c.staff_id, telegram_staff.c.user_id))
    return {int(row[0]): int(row[1]) for row in rows}


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().encode()).hexdigest()
