"""Housekeeping: what is older than its retention goes."""

from datetime import UTC, datetime, timedelta

from bot.conversation import sessions
from bot.storage.database import Database


def count_expired(database: Database, *, keep: timedelta) -> int:
    """How many conversations are older than `keep`."""
    with database.reading() as tx:
        return sessions.count_older(tx, before=datetime.now(UTC) - keep)


def delete_expired(database: Database, *, keep: timedelta) -> int:
    """Delete conversations untouched for longer than `keep`, with their messages; how many."""
    with database.transaction() as tx:
        return sessions.purge(tx, before=datetime.now(UTC) - keep)
