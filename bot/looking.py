"""What `anwen tickets` shows. Numbers of people, cards and phones are masked; reading a ticket is in the audit."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import open_storage
from bot.config import Config
from bot.conversation import transcript
from bot.errors import TicketError
from bot.privacy import redact
from bot.tickets import audit, clocks, lists, notes, queue, staff
from bot.tickets.audit import COMMAND_LINE
from bot.tickets.model import Ticket
from knowledge.entries import Queue


def list_lines(
    config: Config, *, queue: Queue | None = None, live_only: bool = True, limit: int = 50
) -> list[dict[str, Any]]:
    """The tickets opened last, newest first, a mapping each."""
    database = open_storage(config)
    with database.transaction() as tx:
        target = f"list:{'live' if live_only else 'all'}" + (f":{queue.value}" if queue else "")
        audit.record(tx, COMMAND_LINE, "ticket.listed", target, now=datetime.now(UTC))
        names = _names(tx)
        found = lists.newest(tx, live_only=live_only, queue=queue, limit=limit)
        lines = [_line(ticket, names, config.district.zone) for ticket in found]
    database.close()
    return lines


def show_ticket(config: Config, number: str) -> dict[str, Any]:
    """A ticket with its history, notes and chat. Raises TicketError for an unknown number."""
    database = open_storage(config)
    zone = config.district.zone
    with database.transaction() as tx:
        ticket = queue.by_number(tx, number)
        if ticket is None:
            raise TicketError(f"there is no ticket ‘{number}’")
        audit.record(tx, COMMAND_LINE, "ticket.read", audit.ticket_target(ticket), now=datetime.now(UTC))
        shown = {
            **_line(ticket, _names(tx), zone),
            "reason": redact(ticket.reason),
            "reopened": ticket.reopened,
            "satisfaction": int(ticket.satisfaction) if ticket.satisfaction else None,
            "comment": redact(ticket.comment) if ticket.comment else None,
            **_clock(tx, ticket, zone),
            "history": _history(tx, ticket, zone),
            "notes": [
                {"at": _shown(note.created_at, zone), "text": redact(note.text)}
                for note in notes.listing(tx, ticket.id)
            ],
            "messages": _messages(tx, ticket, zone),
        }
    database.close()
    return shown


def _line(ticket: Ticket, names: dict[int, str], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "status": ticket.status.value,
        "priority": ticket.priority.value,
        "queue": ticket.queue.value,
        "assignee": names.get(ticket.assignee_id or 0),
        "opened": _shown(ticket.created_at, zone),
        "subject": redact(ticket.subject),
    }


def _clock(tx: Connection, ticket: Ticket, zone: ZoneInfo) -> dict[str, Any]:
    kept = clocks.of_ticket(tx, ticket.id)
    return {
        "clock": kept.due.clock.value if kept.due else None,
        "due": _shown(kept.due.at, zone) if kept.due else None,
        "breached": _shown(kept.breached_at, zone) if kept.breached_at else None,
    }


def _history(tx: Connection, ticket: Ticket, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "at": _shown(event.at, zone),
            "actor": event.actor,
            "kind": event.kind,
            "detail": redact(", ".join(f"{key}={value}" for key, value in event.detail.items())),
        }
        for event in queue.history(tx, ticket.id)
    ]


def _messages(tx: Connection, ticket: Ticket, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "at": _shown(post.created_at, zone),
            "author": post.author.value,
            "status": post.status.value,
            "text": redact(post.text),
        }
        for post in transcript.all_of(tx, ticket.conversation_id)
    ]


def _names(tx: Connection) -> dict[int, str]:
    return {person.id: person.username for person in staff.listing(tx)}


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(sep=" ", timespec="minutes")
