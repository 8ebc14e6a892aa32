"""A ticket as a row of the table `tickets`, and back. Pure."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from bot.tickets.model import CloseReason, Priority, Satisfaction, Ticket, TicketStatus
from knowledge.entries import Queue


def from_row(row: Row[Any]) -> Ticket:
    """The ticket in a row of `tickets`."""
    return Ticket(
        id=row.id,
        number=row.number,
        conversation_id=row.conversation_id,
        queue=Queue(row.queue),
        priority=Priority(row.priority),
        status=TicketStatus(row.status),
        subject=row.subject,
        reason=row.reason,
        version=row.version,
        created_at=time_of(row.created_at),
        assignee_id=row.assignee_id,
        claimed_at=_maybe(row.claimed_at),
        first_answer_at=_maybe(row.first_answer_at),
        last_citizen_at=_maybe(row.last_citizen_at),
        last_staff_at=_maybe(row.last_staff_at),
        resolved_at=_maybe(row.resolved_at),
        closed_at=_maybe(row.closed_at),
        close_reason=CloseReason(row.close_reason) if row.close_reason else None,
        reopened=row.reopened,
        satisfaction=Satisfaction(row.satisfaction) if row.satisfaction else None,
        comment=row.comment,
        open_since=_maybe(row.open_since),
        asked_at=_maybe(row.asked_at),
        rectify_since=_maybe(row.rectify_since),
        paused_at=_maybe(row.paused_at),
        pauses=tuple((time_of(start), time_of(end)) for start, end in row.pauses),
        watcher_id=row.watcher_id,
    )


def columns(ticket: Ticket) -> dict[str, Any]:
    """The columns a move may change."""
    return {
        "queue": ticket.queue.value,
        "priority": ticket.priority.value,
        "status": ticket.status.value,
        "version": ticket.version,
        "assignee_id": ticket.assignee_id,
        "claimed_at": _seconds(ticket.claimed_at),
        "first_answer_at": _seconds(ticket.first_answer_at),
        "last_citizen_at": _seconds(ticket.last_citizen_at),
        "last_staff_at": _seconds(ticket.last_staff_at),
        "resolved_at": _seconds(ticket.resolved_at),
        "closed_at": _seconds(ticket.closed_at),
        "close_reason": ticket.close_reason.value if ticket.close_reason else None,
        "reopened": ticket.reopened,
        "satisfaction": int(ticket.satisfaction) if ticket.satisfaction else None,
        "open_since": _seconds(ticket.open_since),
        "asked_at": _seconds(ticket.asked_at),
        "rectify_since": _seconds(ticket.rectify_since),
        "paused_at": _seconds(ticket.paused_at),
        "watcher_id": ticket.watcher_id,
        "pauses": [[start.timestamp(), end.timestamp()] for start, end in ticket.pauses],
    }


def time_of(seconds: float) -> datetime:
    """The moment stored as UTC seconds."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else time_of(seconds)


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
