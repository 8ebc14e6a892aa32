"""Everything the page of one ticket shows, read in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.console.exchanges import Exchange, exchanges
from bot.conversation import attachments, sessions, transcript
from bot.conversation.attachments import Attachment
from bot.conversation.files import only_names_files
from bot.conversation.model import Author, Conversation, Post
from bot.masking import has_hidden
from bot.storage.desk_tables import tickets
from bot.storage.tables import messages
from bot.tickets import audit, call_backs, clocks, notes, queue
from bot.tickets import staff as accounts
from bot.tickets.desk import Desk
from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.notes import Note
from bot.tickets.people import Staff
from bot.tickets.queue import Event, staff_actor
from bot.tickets.sla import ClockName, Stretch, timeline
from intents.router import Wish, route
from intents.triage import Triage, triage
from knowledge.entries import Entry

SHOWN_POSTS = 400  # the newest; a longer chat is in the printed transcript
REVEALED_FOR = timedelta(minutes=10)
REVEAL = "ticket.reveal"  # the audit entry is the permission: what shows a number has been recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a message is not delivered yet."""

    error: str  # a code of `delivery.Trouble`, or words
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One ticket with all that belongs to it."""

    ticket: Ticket
    conversation: Conversation
    posts: tuple[Post, ...]
    earlier: int  # posts that are not shown
    notes: tuple[Note, ...]
    events: tuple[Event, ...]
    stretches: tuple[Stretch, ...]
    troubles: Mapping[int, Trouble]  # by message id
    attachments: tuple[Attachment, ...]
    names: Mapping[int, str]  # of staff, by id
    context: Mapping[str, Any]
    before: tuple[Exchange, ...]  # what was asked of the bot and shown, newest first
    danger: Triage
    due_at: datetime | None
    due_clock: ClockName | None
    warned: bool  # that clock ends soon, as the policy sees it
    revealed: bool
    hides: bool  # there is something to reveal
    must_call: bool  # the citizen complained, and was not called back yet
    others: tuple[Ticket, ...]  # earlier tickets of the same conversation

    @property
    def last_seq(self) -> int:
        """The newest place in the conversation."""
        return self.posts[-1].seq if self.posts else 0

    @property
    def last_question(self) -> str:
        """What the citizen asked last, besides files, “转人工” and thanks; empty when nothing."""
        said = (post.text for post in reversed(self.posts) if post.author is Author.CITIZEN)
        asked = (text for text in said if not only_names_files(text) and route(text).wish is Wish.QUESTION)
        return next(asked, "")

    @property
    def thread(self) -> tuple[Post | Note, ...]:
        """Messages and notes, oldest first."""
        both: list[Post | Note] = [*self.posts, *self.notes]
        return tuple(sorted(both, key=lambda item: item.created_at))


def read(
    tx: Connection,
    ticket: Ticket,
    person: Staff,
    *,
    desk: Desk,
    entries: Mapping[str, Entry],
    now: datetime,
    most: int = SHOWN_POSTS,
) -> Dossier:
    """The dossier of `ticket` as `person` may see it."""
    conversation = sessions.by_id(tx, ticket.conversation_id)
    assert conversation is not None, "a ticket goes with its conversation"
    first = max(0, conversation.last_seq - most)
    posts = transcript.after(tx, conversation.id, first, limit=most)
    events = queue.history(tx, ticket.id)
    written = notes.listing(tx, ticket.id)
    said = [post.text for post in posts if post.author is Author.CITIZEN]
    kept = clocks.of_ticket(tx, ticket.id)
    return Dossier(
        ticket=ticket,
        conversation=conversation,
        posts=posts,
        earlier=first,
        notes=written,
        events=events,
        stretches=timeline(
            status_changes(events),
            until=ticket.closed_at or now,
            hours=desk.hours[ticket.queue],
            urgent=ticket.priority is Priority.URGENT,
        ),
        troubles=_troubles(tx, conversation.id),
        attachments=attachments.listing(tx, conversation.id),
        names={each.id: each.name for each in accounts.listing(tx)},
        context=queue.context_of(tx, ticket.id),
        before=exchanges(posts, entries, transcript.ratings(tx, conversation.id)),
        danger=triage("\n".join(said[-20:])),
        due_at=kept.due.at if kept.due else None,
        due_clock=kept.due.clock if kept.due else None,
        warned=kept.warned_at is not None,
        revealed=_is_revealed(tx, ticket, person, now),
        hides=any(has_hidden(text) for text in (*said, *(note.text for note in written))),
        must_call=call_backs.is_missing(tx, ticket),
        others=_others(tx, ticket),
    )


def status_changes(events: Sequence[Event]) -> list[tuple[datetime, TicketStatus]]:
    """When the ticket took which status, oldest first."""
    return [(event.at, TicketStatus(event.detail["status"])) for event in events if "status" in event.detail]


def _troubles(tx: Connection, conversation_id: int) -> dict[int, Trouble]:
    rows = tx.execute(
        select(messages.c.id, messages.c.error, messages.c.attempts).where(
            messages.c.conversation_id == conversation_id, messages.c.status.in_(("failed", "queued"))
        )
    )
    return {row.id: Trouble(error=row.error or "", attempts=row.attempts) for row in rows}


def _is_revealed(tx: Connection, ticket: Ticket, person: Staff, now: datetime) -> bool:
    target = audit.ticket_target(ticket)
    return audit.has(tx, staff_actor(person.id), REVEAL, target, since=now - REVEALED_FOR)


def _others(tx: Connection, ticket: Ticket) -> tuple[Ticket, ...]:
    rows = tx.execute(
        select(tickets)
        .where(tickets.c.conversation_id == ticket.conversation_id, tickets.c.id != ticket.id)
        .order_by(tickets.c.id.desc())
        .limit(5)
    )
    return tuple(queue.from_row(row) for row in rows)
