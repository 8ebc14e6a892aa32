"""Housekeeping: clocks that run out, tickets that close by themselves, and what is older than its retention goes.

Every sweep looks without a lock, and acts on one thing at a time, which it reads again first: a sweep that dies in
the middle, or runs twice at once, does nothing twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from bot.config import Privacy
from bot.conversation import daily, form_drafts, handling, reminders, sessions, transcript
from bot.conversation.model import Address
from bot.conversation.wording import Wording
from bot.errors import TicketError
from bot.storage import search
from bot.storage.database import Database
from bot.tickets import alerts, audit, clocks, lists, queue, staff
from bot.tickets.alerts import AlertKind
from bot.tickets.desk import Desk
from bot.tickets.model import Ticket, TicketStatus
from bot.tickets.queue import CLOCK
from bot.tickets.sla import ClockName, dues, warning_at

log = structlog.get_logger(__name__)


class Category(StrEnum):
    """What is kept for a time of its own."""

    CONVERSATIONS = "conversations"  # without staff
    TICKETS = "tickets"  # conversations with a ticket
    FAILURES = "failures"
    AUDIT = "audit"


Keep = Mapping[Category, timedelta]
RanOut = Callable[[Connection, Ticket, tuple[ClockName, ...], datetime], None]


def nobody_else(tx: Connection, ticket: Ticket, clocks: tuple[ClockName, ...], now: datetime) -> None:
    """A desk where only the console tells of clocks that ran out."""


def keeping(privacy: Privacy) -> Keep:
    """How long each category is kept."""
    return {category: getattr(privacy, f"keep_{category.value}") for category in Category}


def count_expired(tx: Connection, keep: Keep, *, now: datetime) -> dict[Category, int]:
    """What `delete_expired` would delete, by category."""
    before = {category: now - age for category, age in keep.items()}
    with_tickets = lists.conversations_with_tickets()
    live = lists.conversations_with_tickets(live_only=True)
    return {
        Category.CONVERSATIONS: sessions.count_older(
            tx, before=before[Category.CONVERSATIONS], but=with_tickets
        ),
        Category.TICKETS: sessions.count_older(
            tx, before=before[Category.TICKETS], but=live, only=with_tickets
        ),
        Category.FAILURES: transcript.count_failures(tx, before=before[Category.FAILURES]),
        Category.AUDIT: audit.count_older(tx, before=before[Category.AUDIT]),
    }


def delete_expired(
    database: Database, keep: Keep, *, zone: ZoneInfo, actor: str, now: datetime
) -> dict[Category, int]:
    """Delete what is older than its retention; how many, by category. That it was done is on record.

    What the days in `zone` counted is kept first: nothing is deleted that is not counted.
    """
    daily.roll_up(database, zone, now=now)
    before = {category: now - age for category, age in keep.items()}
    with_tickets = lists.conversations_with_tickets()
    live = lists.conversations_with_tickets(live_only=True)
    deletions: dict[Category, Callable[[Connection], int]] = {
        Category.CONVERSATIONS: lambda tx: sessions.purge(
            tx, before=before[Category.CONVERSATIONS], but=with_tickets
        ),
        Category.TICKETS: lambda tx: sessions.purge(
            tx, before=before[Category.TICKETS], but=live, only=with_tickets
        ),
        Category.FAILURES: lambda tx: transcript.purge_failures(tx, before=before[Category.FAILURES]),
        Category.AUDIT: lambda tx: audit.purge(tx, before=before[Category.AUDIT]),
    }
    gone = {category: _until_none_is_left(database, delete) for category, delete in deletions.items()}
    if any(gone.values()):
        with database.transaction() as tx:
            counts = {category.value: count for category, count in gone.items()}
            audit.record(tx, actor, "data.purged", "retention", now=now, **counts)
    return gone


def _until_none_is_left(database: Database, delete: Callable[[Connection], int]) -> int:
    total = 0
    while True:
        with database.transaction() as tx:
            gone = delete(tx)
        if gone == 0:
            return total
        total += gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The sweeps of a running desk.

    Args:
        close_resolved_after: a resolved ticket to which nobody adds anything closes by itself.
        told: called after the chat of this address got a message, so that its page shows it at once.
        ran_out: called in the transaction that tells the supervisors of a ticket's clocks, so that others hear of it.
    """

    database: Database
    desk: Desk
    wording: Wording
    close_resolved_after: timedelta
    keep: Keep
    clock: Callable[[], datetime]
    told: Callable[[Address], None] = lambda _: None
    ran_out: RanOut = nobody_else

    def often(self) -> None:
        """What people wait for: clocks, tickets that somebody could take, what was just said in the search."""
        self.check_clocks()
        self.keep_roster()
        self.distribute()
        search.refresh(self.database)

    def sometimes(self) -> None:
        """What can wait for a minute: tickets that close by themselves, reminders, what ended."""
        self.close_resolved()
        self.remind()
        with self.database.transaction() as tx:
            staff.purge_stale(tx, now=self.clock())
            form_drafts.purge(tx, now=self.clock())

    def rarely(self) -> None:
        """What yesterday counted, and retention."""
        gone = delete_expired(self.database, self.keep, zone=self.desk.zone, actor=CLOCK, now=self.clock())
        if any(gone.values()):
            log.info("expired_data_deleted", **{category.value: count for category, count in gone.items()})

    def check_clocks(self) -> int:
        """Warn of clocks that end soon, raise the supervisor's flag for those that ended; how many tickets."""
        now = self.clock()
        with self.database.reading() as tx:
            due = [ticket.id for ticket, kept in clocks.running(tx) if self._is_news(ticket, kept, now)]
        for ticket_id in due:
            with self.database.transaction() as tx:
                self._tell(tx, ticket_id, now)
        return len(due)

    def _is_news(self, ticket: Ticket, kept: clocks.Kept, now: datetime) -> bool:
        return bool(self._ended(ticket, kept, now)) or self._ends_soon(ticket, kept, now)

    def _tell(self, tx: Connection, ticket_id: int, now: datetime) -> None:
        ticket, kept = queue.get(tx, ticket_id), clocks.of_ticket(tx, ticket_id)
        ended = self._ended(ticket, kept, now)
        if ended and clocks.breached(tx, ticket_id, now=now):
            for clock in ended:
                queue.record(tx, ticket_id, actor=CLOCK, kind="breached", now=now, clock=clock.value)
                alerts.tell(tx, ticket_id, AlertKind.BREACHED, to=None, now=now, clock=clock.value)
            self.ran_out(tx, ticket, ended, now)
            log.warning("clock_ran_out", ticket=ticket.number, clocks=[clock.value for clock in ended])
        elif self._ends_soon(ticket, kept, now) and clocks.warned(tx, ticket_id, now=now):
            assert kept.due is not None, "a clock that ends soon runs"
            queue.record(tx, ticket_id, actor=CLOCK, kind="warned", now=now, clock=kept.due.clock.value)

    def _ended(self, ticket: Ticket, kept: clocks.Kept, now: datetime) -> tuple[ClockName, ...]:
        """The clocks that ran out since the last look."""
        if kept.due is None or kept.due.at > now:
            return ()
        running = dues(ticket, self.desk.policy, self.desk.hours[ticket.queue])
        told = kept.breached_at
        return tuple(due.clock for due in running if due.at <= now and (told is None or due.at > told))

    def _ends_soon(self, ticket: Ticket, kept: clocks.Kept, now: datetime) -> bool:
        if kept.due is None or kept.warned_at is not None or kept.breached_at is not None:
            return False
        return warning_at(kept.due, ticket, self.desk.policy, self.desk.hours[ticket.queue]) <= now

    def distribute(self) -> int:
        """Give tickets in line to people who have room, when the desk assigns by itself; how many."""
        if not self.desk.auto_assign:
            return 0
        with self.database.transaction() as tx:
            return len(self.desk.distribute(tx, now=self.clock()))

    def keep_roster(self) -> int:
        """Put on and off duty whose shift began or ended; how many people. It is on record as done by the clock."""
        now = self.clock()
        with self.database.reading() as tx:
            if not self.desk.shifts_changed(tx, now=now):
                return 0
        with self.database.transaction() as tx:
            changed = self.desk.keep_roster(tx, now=now)
            for person in changed:
                target = f"staff:{person.username}"
                audit.record(tx, CLOCK, "staff.duty", target, now=now, on=person.on_duty)
        return len(changed)

    def close_resolved(self) -> int:
        """Close tickets that were resolved long enough ago; how many."""
        now = self.clock()
        with self.database.reading() as tx:
            old = lists.resolved_before(tx, now - self.close_resolved_after)
        return sum(self._closed(ticket.id, now) for ticket in old)

    def remind(self) -> int:
        """Say what people asked to be reminded of; how many got it."""
        now, said = self.clock(), 0
        with self.database.reading() as tx:
            due = reminders.due(tx, now=now)
        for reminder in due:
            with self.database.transaction() as tx:
                address = reminders.post(tx, reminder, now=now)
            if address is not None:
                said += 1
                self.told(address)
        return said

    def _closed(self, ticket_id: int, now: datetime) -> bool:
        try:
            with self.database.transaction() as tx:
                ticket = queue.get(tx, ticket_id)
                if ticket.status is not TicketStatus.RESOLVED:
                    return False  # the citizen wrote in between
                handling.close_by_itself(tx, self.desk, ticket, wording=self.wording, now=now)
                conversation = sessions.by_id(tx, ticket.conversation_id)
        except TicketError:  # somebody else was faster
            return False
        if conversation is not None:
            self.told(conversation.address)
        return True
