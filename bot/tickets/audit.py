"""The table `audit`: who read, sent, changed, exported, deleted. Rows are added, never changed.

Details hold ids, names of fields and counts, never what a person wrote. Every function takes the open transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from bot.storage.desk_tables import audit
from bot.tickets.model import Ticket

COMMAND_LINE = "cli"  # the actor of what `anwen admin` and its like do


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing somebody did."""

    id: int
    at: datetime
    actor: str  # staff:<id>, citizen, bot, clock, cli
    action: str  # for example ticket.claim, data.export, staff.create
    target: str  # for example ticket:20261124-0007
    detail: Mapping[str, Any]


def record(tx: Connection, actor: str, action: str, target: str, *, now: datetime, **detail: object) -> None:
    """Add an entry."""
    tx.execute(
        insert(audit).values(at=now.timestamp(), actor=actor, action=action, target=target, detail=detail)
    )


def ticket_target(ticket: Ticket) -> str:
    """How a ticket is named as a target."""
    return f"ticket:{ticket.number}"


def listing(
    tx: Connection,
    *,
    actor: str | None = None,
    action: str | None = None,
    target: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> tuple[Entry, ...]:
    """Entries that fit every filter given, newest first; `before_id` continues behind an earlier page.

    Args:
        action: a whole action, or a group with its dot: `ticket.`.
    """
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if action is not None:
        same = audit.c.action.startswith(action, autoescape=True) if action.endswith(".") else None
        query = query.where(audit.c.action == action if same is None else same)
    if target is not None:
        query = query.where(audit.c.target == target)
    if since is not None:
        query = query.where(audit.c.at >= since.timestamp())
    if until is not None:
        query = query.where(audit.c.at < until.timestamp())
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    return tuple(
        Entry(
            id=row.id,
            at=datetime.fromtimestamp(row.at, tz=UTC),
            actor=row.actor,
            action=row.action,
            target=row.target,
            detail=row.detail,
        )
        for row in tx.execute(query)
    )


def has(tx: Connection, actor: str, action: str, target: str, *, since: datetime) -> bool:
    """Whether `actor` did this to `target` after `since`."""
    return bool(listing(tx, actor=actor, action=action, target=target, since=since, limit=1))


def count_older(tx: Connection, *, before: datetime) -> int:
    """How many entries `purge` would delete."""
    query = select(func.count()).select_from(audit).where(audit.c.at < before.timestamp())
    return int(tx.execute(query).scalar_one())


def purge(tx: Connection, *, before: datetime) -> int:
    """Delete entries older than `before`; how many."""
    return tx.execute(delete(audit).where(audit.c.at < before.timestamp())).rowcount
