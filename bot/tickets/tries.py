"""The table `sign_in_attempts`: tries to sign in, so that guessing gets slow. Every function takes the transaction.

After some free tries the wait doubles from two seconds, for a user name and for a network address each. It stays
short enough that somebody who guesses at a colleague's name cannot lock them out for long.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from bot.storage.desk_tables import sign_in_attempts

REMEMBERED = timedelta(minutes=30)
FREE_A_NAME, FREE_AN_ORIGIN = 5, 20
LONGEST_WAIT_S = 300
_LONGEST_ORIGIN = 64


def wait_s(tx: Connection, username: str, origin: str, *, now: datetime) -> int:
    """Seconds until the next try of this name, from there, counts; 0 for now."""
    tries = sign_in_attempts.c
    recent = tries.at > (now - REMEMBERED).timestamp()
    longest = 0.0
    for same, free in ((tries.username == username, FREE_A_NAME), (_from(origin), FREE_AN_ORIGIN)):
        count, last = tx.execute(select(func.count(), func.max(tries.at)).where(same, recent)).one()
        if count >= free:
            wait = min(2.0 ** (count - free + 1), LONGEST_WAIT_S)
            longest = max(longest, last + wait - now.timestamp())
    return math.ceil(longest)


def add(tx: Connection, username: str, origin: str, *, now: datetime) -> None:
    """Count a try."""
    tx.execute(
        insert(sign_in_attempts).values(
            username=username, origin=origin[:_LONGEST_ORIGIN], at=now.timestamp()
        )
    )


def forgive(tx: Connection, username: str, origin: str) -> None:
    """Forget the tries of this name from there: the person knew the password."""
    tx.execute(delete(sign_in_attempts).where(sign_in_attempts.c.username == username, _from(origin)))


def purge(tx: Connection, *, now: datetime) -> int:
    """Delete tries nobody counts any more; how many."""
    old = sign_in_attempts.c.at <= (now - REMEMBERED).timestamp()
    return tx.execute(delete(sign_in_attempts).where(old)).rowcount


def _from(origin: str) -> ColumnElement[bool]:
    return sign_in_attempts.c.origin == origin[:_LONGEST_ORIGIN]
