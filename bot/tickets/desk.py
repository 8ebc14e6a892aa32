"""The desk: opens tickets, promises only what the office calendar allows, and keeps the clocks.

Every method takes the open transaction; the pure model decides, `queue` stores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.tickets import clocks, lists, queue, staff
from bot.tickets.assignment import choose
from bot.tickets.model import (
    CloseReason,
    Escalation,
    Priority,
    Receipt,
    Satisfaction,
    Staffed,
    Ticket,
    TicketStatus,
)
from bot.tickets.office_hours import OfficeHours
from bot.tickets.queue import CITIZEN, CLOCK
from bot.tickets.sla import Policy, dues, expected_answer
from knowledge.entries import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The district's desk.

    Args:
        hours: opening hours of every queue.
        auto_assign: new tickets go to somebody on duty by themselves.
        reopen_window: a citizen who writes within it after the close reopens the ticket by asking for a person.
    """

    mode: Staffed
    hours: Mapping[Queue, OfficeHours]
    policy: Policy
    zone: ZoneInfo
    reopen_window: timedelta
    auto_assign: bool = False

    def is_staffed(self, tx: Connection) -> bool:
        """Whether a ticket would be read by anybody."""
        if self.mode is not Staffed.AUTO:
            return self.mode is Staffed.YES
        return staff.anybody(tx)

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
        was_live = queue.live(tx, conversation_id) is not None
        ticket = self._reopened(tx, conversation_id, escalation, now) or queue.open_ticket(
            tx,
            conversation_id,
            escalation,
            subject=subject,
            context=context,
            day=now.astimezone(self.zone).date(),
            now=now,
        )
        if was_live:  # what makes it urgent is also something the citizen wrote
            return self.citizen_wrote(tx, ticket, now=now)
        self.keep_clock(tx, ticket)
        return self._assigned(tx, ticket, now=now)

    def distribute(self, tx: Connection, *, now: datetime) -> tuple[Ticket, ...]:
        """Give the tickets in line to people on duty who have room; those that found somebody."""
        if not self.auto_assign:
            return ()
        tried = (self._assigned(tx, ticket, now=now) for ticket in lists.in_line(tx))
        return tuple(ticket for ticket in tried if ticket.status is TicketStatus.CLAIMED)

    def set_duty(self, tx: Connection, staff_id: int, *, on_duty: bool, now: datetime) -> None:
        """Somebody comes, and gets what stands in line, or leaves for today."""
        if not on_duty:
            self.off_duty(tx, staff_id, now=now)
            return
        staff.set_duty(tx, staff_id, on_duty=True)
        self.distribute(tx, now=now)

    def off_duty(self, tx: Connection, staff_id: int, *, now: datetime) -> tuple[Ticket, ...]:
        """Somebody leaves for today: what they work on goes to others, else back in line; how it is now.

        What waits for a citizen stays theirs. Without auto-assignment everything does: people hand over themselves.
        """
        staff.set_duty(tx, staff_id, on_duty=False)
        if not self.auto_assign:
            return ()
        mine = lists.in_hand(tx, staff_id)
        return tuple(
            self._handed_on(tx, ticket, now=now) for ticket in mine if ticket.status is TicketStatus.CLAIMED
        )

    def leaves(self, tx: Connection, staff_id: int, *, now: datetime) -> tuple[Ticket, ...]:
        """An account is disabled: all its tickets go to others, else back in line; how they are now."""
        staff.disable(tx, staff_id)
        return tuple(self._handed_on(tx, ticket, now=now) for ticket in lists.in_hand(tx, staff_id))

    def _assigned(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The ticket, with whom it goes to by itself; as it is when it does not."""
        if not self.auto_assign or ticket.status is not TicketStatus.OPEN:
            return ticket
        who = choose(ticket, staff.listing(tx), lists.load(tx), now=now)
        if who is None:
            return ticket
        claimed = ticket.claimed_by(who.id, now=now)
        moved = queue.save(tx, ticket, claimed, actor=CLOCK, kind="assigned", now=now, to=who.id)
        self.keep_clock(tx, moved)
        return moved

    def _handed_on(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        colleagues = staff.listing(tx) if self.auto_assign else ()
        who = choose(ticket, colleagues, lists.load(tx), now=now, but=ticket.assignee_id)
        if who is not None:
            to = ticket.reassigned(who.id)
            moved = queue.save(tx, ticket, to, actor=CLOCK, kind="assigned", now=now, to=who.id)
        else:
            moved = queue.save(tx, ticket, ticket.released(now=now), actor=CLOCK, kind="released", now=now)
        self.keep_clock(tx, moved)
        return moved

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
        if escalation.priority is Priority.URGENT:
            again = again.raised()
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
        """Store the citizen's rating; a complaint puts the ticket back to work, under the clock for that."""
        rated = queue.save(
            tx,
            ticket,
            ticket.rated(satisfaction),
            actor=CITIZEN,
            kind="rated",
            now=now,
            satisfaction=int(satisfaction),
        )
        if not satisfaction.is_complaint:
            return rated
        moved = queue.save(tx, rated, rated.to_rectify(now=now), actor=CITIZEN, kind="complained", now=now)
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
        clocks.keep(tx, ticket.id, dues(ticket, self.policy, self.hours[ticket.queue]))
