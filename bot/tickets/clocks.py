"""The columns `due_at, due_clock, warned_at, breached_at` of `tickets`: which clock ends next, and who was told.

`breached_at` is the supervisor's flag: a clock ran out and nothing has been done about it yet. Every function takes
the open transaction.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.storage.desk_tables import tickets
from bot.tickets import queue
from bot.tickets.model import Ticket
from bot.tickets.sla import ClockName, Due


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A ticket's clock as stored."""

    due: Due | None
    warned_at: datetime | None
    breached_at: datetime | None


def of_ticket(tx: Connection, ticket_id: int) -> Kept:
    """The clock stored on the ticket."""
    return _kept(tx.execute(select(tickets).where(tickets.c.id == ticket_id)).one())


def keep(tx: Connection, ticket_id: int, running: tuple[Due, ...]) -> None:
    """Store which of the `running` clocks ends first. What was told about a clock that still runs stays told."""
    kept = of_ticket(tx, ticket_id)
    due = next(iter(running), None)
    told = kept.breached_at is not None and due is not None and due.at <= kept.breached_at
    values: dict[str, Any] = {
        "due_at": due.at.timestamp() if due else None,
        "due_clock": due.clock.value if due else None,
    }
    if not told:
        values["breached_at"] = None
    if not told and due != kept.due:
        values["warned_at"] = None
    tx.execute(update(tickets).where(tickets.c.id == ticket_id).values(**values))


def running(tx: Connection) -> tuple[tuple[Ticket, Kept], ...]:
    """Every live ticket with a clock that runs, the one that ends first in front."""
    rows = tx.execute(select(tickets).where(tickets.c.due_at.is_not(None)).order_by(tickets.c.due_at))
    return tuple((queue.from_row(row), _kept(row)) for row in rows)


def warned(tx: Connection, ticket_id: int, *, now: datetime) -> bool:
    """Staff were told that the clock ends soon. False when somebody else told them first."""
    news = (tickets.c.id == ticket_id, tickets.c.warned_at.is_(None))
    return tx.execute(update(tickets).where(*news).values(warned_at=now.timestamp())).rowcount == 1


def breached(tx: Connection, ticket_id: int, *, now: datetime) -> bool:
    """Every clock that ended until `now` is told; the supervisor's flag is up. False as for `warned`."""
    news = tickets.c.breached_at.is_(None) | (tickets.c.breached_at < now.timestamp())
    flag = update(tickets).where(tickets.c.id == ticket_id, news).values(breached_at=now.timestamp())
    return tx.execute(flag).rowcount == 1


def _kept(row: Row[Any]) -> Kept:
    due = None
    if row.due_at is not None:
        due = Due(clock=ClockName(row.due_clock), at=_time(row.due_at))
    return Kept(
        due=due,
        warned_at=None if row.warned_at is None else _time(row.warned_at),
        breached_at=None if row.breached_at is None else _time(row.breached_at),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
