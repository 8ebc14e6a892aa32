"""The table `alerts`: what somebody at the desk must be told; it stays in front of them until they say they know.

An alert is for one member of staff, or for the supervisors and admins, of whom any may acknowledge it for all. It
holds ids and codes, never what a person wrote. Every function takes the open transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from bot.storage.desk_tables import alerts
from bot.tickets import audit, queue
from bot.tickets.people import Staff
from bot.tickets.queue import staff_actor

Marks = Mapping[
    int | None, tuple[int, int]
]  # whose alerts → the newest one's id, how many are not acknowledged


class AlertKind(StrEnum):
    """What happened."""

    BREACHED = "breached"  # a clock ran out; detail: clock
    ENDANGERED = (
        "endangered"  # the citizen of a ticket one holds told of a danger; detail: reason, queue if it moved
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to know. `staff_id` None: it is for the supervisors and admins."""

    id: int
    ticket_id: int
    staff_id: int | None
    kind: AlertKind
    detail: Mapping[str, Any]
    at: datetime
    seen_at: datetime | None
    seen_by: int | None


def tell(
    tx: Connection, ticket_id: int, kind: AlertKind, *, to: int | None, now: datetime, **detail: object
) -> None:
    """Put it in front of a member of staff; None: of the supervisors and admins."""
    tx.execute(
        insert(alerts).values(
            ticket_id=ticket_id, staff_id=to, kind=kind.value, detail=detail, at=now.timestamp()
        )
    )


def listing(tx: Connection, person: Staff, *, seen: bool, limit: int) -> tuple[Alert, ...]:
    """What `person` has not acknowledged, or what was acknowledged; newest first."""
    is_seen = alerts.c.seen_at.is_not(None) if seen else alerts.c.seen_at.is_(None)
    rows = tx.execute(select(alerts).where(_for(person), is_seen).order_by(alerts.c.id.desc()).limit(limit))
    return tuple(
        Alert(
            id=row.id,
            ticket_id=row.ticket_id,
            staff_id=row.staff_id,
            kind=AlertKind(row.kind),
            detail=row.detail,
            at=datetime.fromtimestamp(row.at, tz=UTC),
            seen_at=None if row.seen_at is None else datetime.fromtimestamp(row.seen_at, tz=UTC),
            seen_by=row.seen_by,
        )
        for row in rows
    )


def count(tx: Connection, person: Staff) -> int:
    """How many `person` has not acknowledged."""
    query = select(func.count()).select_from(alerts).where(_for(person), alerts.c.seen_at.is_(None))
    return int(tx.execute(query).scalar_one())


def acknowledge(tx: Connection, ids: Collection[int], person: Staff, *, now: datetime) -> int:
    """`person` knows of these; how many were news. Those of other people, and those known already, stay as they are."""
    wanted = (_for(person), alerts.c.seen_at.is_(None), alerts.c.id.in_(list(ids)))
    rows = tx.execute(select(alerts.c.id, alerts.c.ticket_id, alerts.c.kind, alerts.c.detail).where(*wanted))
    known = rows.all()
    actor = staff_actor(person.id)
    for row in known:
        mark = update(alerts).where(alerts.c.id == row.id)
        tx.execute(mark.values(seen_at=now.timestamp(), seen_by=person.id))
        detail = {**row.detail, "alert": row.kind}
        queue.record(tx, row.ticket_id, actor=actor, kind="acknowledged", now=now, **detail)
        target = audit.ticket_target(queue.get(tx, row.ticket_id))
        audit.record(tx, actor, "ticket.acknowledged", target, now=now, **detail)
    return len(known)


def marks(tx: Connection) -> Marks:
    """What tells whether anybody's alerts changed; people without one that is not acknowledged are not in it."""
    rows = tx.execute(
        select(alerts.c.staff_id, func.max(alerts.c.id), func.count())
        .where(alerts.c.seen_at.is_(None))
        .group_by(alerts.c.staff_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def changed(before: Marks, after: Marks) -> frozenset[int | None]:
    """Whose alerts are not what they were."""
    return frozenset(whose for whose in {*before, *after} if before.get(whose) != after.get(whose))


def _for(person: Staff) -> ColumnElement[bool]:
    mine = alerts.c.staff_id == person.id
    return or_(mine, alerts.c.staff_id.is_(None)) if person.leads else mine
