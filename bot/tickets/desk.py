"""The desk: opens tickets, promises only what the office calendar allows, and keeps the clocks.

Every method takes the open transaction; the pure model decides, `queue` stores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from bot.storage.desk_tables import staff
from bot.tickets import queue
from bot.tickets.model import CloseReason, Escalation, Receipt, Satisfaction, Staffed, Ticket
from bot.tickets.office_hours import OfficeHours
from bot.tickets.queue import CITIZEN
from bot.tickets.sla import Policy, expected_answer, next_due
from knowledge.entries import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The district's desk.

    Args:
        hours: opening hours of every queue.
        reopen_window: a citizen who writes within it after the close reopens the ticket by asking for a person.
    """

    mode: Staffed
    hours: Mapping[Queue, OfficeHours]
    policy: Policy
    zone: ZoneInfo
    reopen_window: timedelta

    def is_staffed(self, tx: Connection) -> bool:
        """Whether a ticket would be read by anybody."""
        if self.mode is not Staffed.AUTO:
            return self.mode is Staffed.YES
        count = select(func.count()).select_from(staff).where(staff.c.active, staff.c.role != "auditor")
        return bool(tx.execute(count).scalar_one())

    def live(self, tx: Connection, conversation_id: int) -> Ticket | None:
        """The ticket that gives the conversation to staff."""
        return queue.live(tx, conversation_id)

    def open(
        self,
        tx: Connection,
        conversation_id: int,
        escalation: Escalation,
        *,
        subject: str,
        context: Mapping[str, Any],
        now: datetime,
    ) -> Ticket:
        """The conversation's live ticket: raised, reopened or new."""
        ticket = self._reopened(tx, conversation_id, escalation, now) or queue.open_ticket(
            tx,
            conversation_id,
            escalation,
            subject=subject,
            context=context,
            day=now.astimezone(self.zone).date(),
            now=now,
        )
        self.keep_clock(tx, ticket)
        return ticket

    def _reopened(
        self, tx: Connection, conversation_id: int, escalation: Escalation, now: datetime
    ) -> Ticket | None:
        """The ticket closed a short while ago, when this is about the same subject."""
        last = queue.last_closed(tx, conversation_id)
        if (
            last is None
            or last.closed_at is None
            or now - last.closed_at > self.reopen_window
            or last.queue is not escalation.queue
            or last.close_reason is CloseReason.CANCELLED
            or queue.live(tx, conversation_id) is not None
        ):
            return None
        again = last.reopened_again(now=now, window=self.reopen_window)
        return queue.save(tx, last, again, actor=CITIZEN, kind="reopened", now=now, reason=escalation.reason)

    def citizen_wrote(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The citizen added something: waiting and resolved tickets are worked on again."""
        moved = queue.save(
            tx, ticket, ticket.citizen_wrote(now=now), actor=CITIZEN, kind="citizen_wrote", now=now
        )
        self.keep_clock(tx, moved)
        return moved

    def cancel(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The citizen no longer wants it."""
        closed = ticket.closed(CloseReason.CANCELLED, now=now)
        moved = queue.save(tx, ticket, closed, actor=CITIZEN, kind="closed", now=now, reason="cancelled")
        self.keep_clock(tx, moved)
        return moved

    def rate(self, tx: Connection, ticket: Ticket, satisfaction: Satisfaction, *, now: datetime) -> Ticket:
        """Store the citizen's rating; a complaint about a closed ticket reopens it for rectification."""
        rated = queue.save(
            tx,
            ticket,
            ticket.rated(satisfaction),
            actor=CITIZEN,
            kind="rated",
            now=now,
            satisfaction=int(satisfaction),
        )
        if not satisfaction.is_complaint or rated.closed_at is None:
            return rated
        again = rated.reopened_again(now=now, window=timedelta.max)
        moved = queue.save(tx, rated, again, actor=CITIZEN, kind="reopened", now=now, reason="complaint")
        self.keep_clock(tx, moved)
        return moved

    def receipt(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Receipt:
        """What can honestly be promised about `ticket`."""
        hours = self.hours[ticket.queue]
        return Receipt(
            ticket=ticket,
            position=queue.position(tx, ticket),
            expected_by=expected_answer(ticket, self.policy, hours),
            is_open=hours.is_open(now),
            next_opening=hours.next_opening(now),
        )

    def keep_clock(self, tx: Connection, ticket: Ticket) -> None:
        """Store the clock that runs out next, after any change of `ticket`."""
        queue.set_due(tx, ticket.id, next_due(ticket, self.policy, self.hours[ticket.queue]))
