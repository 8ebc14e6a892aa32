"""The table `canned_replies`: sentences staff use every day, with fields filled in for each ticket.

Every function takes the open transaction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import TicketError
from bot.storage.desk_tables import canned_replies
from knowledge.entries import Queue

FIELDS = ("name", "number", "queue", "service", "district")
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    """One reply. `queue` None: for every queue."""

    id: int
    queue: Queue | None
    title: str
    text: str
    updated_at: datetime

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with its {fields} replaced; unknown ones stay, so that somebody sees them.

        >>> from datetime import datetime, UTC
        >>> reply = Canned(id=1, queue=None, title="t", text="{number}由{name}办理{x}", updated_at=datetime.now(UTC))
        >>> reply.filled({"number": "7", "name": "张三"})
        '7由张三办理{x}'
        """
        return _FIELD.sub(lambda found: values.get(found[1], found[0]), self.text)


def listing(tx: Connection, *, queue: Queue | None = None) -> tuple[Canned, ...]:
    """All replies, or those of `queue` with those of every queue; by title."""
    query = select(canned_replies).order_by(canned_replies.c.title, canned_replies.c.id)
    if queue is not None:
        query = query.where(or_(canned_replies.c.queue == queue.value, canned_replies.c.queue.is_(None)))
    return tuple(
        Canned(
            id=row.id,
            queue=Queue(row.queue) if row.queue else None,
            title=row.title,
            text=row.text,
            updated_at=datetime.fromtimestamp(row.updated_at, tz=UTC),
        )
        for row in tx.execute(query)
    )


def save(
    tx: Connection, *, id: int | None, queue: Queue | None, title: str, text: str, now: datetime
) -> None:
    """Store a new reply (`id` None) or another wording of one. Raises TicketError for a title that is taken."""
    values = {
        "queue": queue.value if queue else None,
        "title": title,
        "text": text,
        "updated_at": now.timestamp(),
    }
    same_queue = canned_replies.c.queue == queue.value if queue else canned_replies.c.queue.is_(None)
    twin = tx.execute(select(canned_replies.c.id).where(same_queue, canned_replies.c.title == title)).scalar()
    if twin is not None and twin != id:  # the constraint does not see two NULLs as equal
        raise TicketError(f"there is a canned reply ‘{title}’ already")
    try:
        if id is None:
            tx.execute(insert(canned_replies).values(**values))
        else:
            tx.execute(update(canned_replies).where(canned_replies.c.id == id).values(**values))
    except IntegrityError as error:
        raise TicketError(f"there is a canned reply ‘{title}’ already") from error


def remove(tx: Connection, id: int) -> None:
    """Delete a reply."""
    tx.execute(delete(canned_replies).where(canned_replies.c.id == id))
