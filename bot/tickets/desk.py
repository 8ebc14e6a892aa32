"""The desk: opens tickets, promises only what the office calendar allows, and keeps the clocks.

Every method takes the open transaction; the pure model decides, `queue` stores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.tickets import alerts, clocks, lists, queue, staff
from bot.tickets.alerts import AlertKind
from bot.tickets.assignment import choose, queue_in_danger
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
from bot.tickets.people import Staff
from bot.tickets.queue import BOT, CITIZEN, CLOCK
from bot.tickets.roster import NOBODY, Roster
from bot.tickets.sla import ClockName, Policy, dues, expected_answer
from knowledge.entries import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The district's desk.

    Args:
        hours: opening hours of every queue.
        auto_assign: new tickets go to somebody on duty by themselves.
        roster: who is on duty when.
        reopen_window: a citizen who writes within it after the close reopens the ticket by asking for a person.
    """

    mode: Staffed
    hours: Mapping[Queue, OfficeHours]
    policy: Policy
    zone: ZoneInfo
    reopen_window: timedelta
    auto_assign: bool = False
    roster: Roster = NOBODY

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
        """The conversation's live ticket, with a danger also raised and moved; else a reopened or new one."""
        live = queue.live(tx, conversation_id)
        if live is not None:  # what makes it urgent is also something the citizen wrote
            ticket = self.citizen_wrote(tx, self._endangered(tx, live, escalation, now=now), now=now)
            return self._assigned(tx, ticket, now=now)
        ticket = self._reopened(
            tx, conversation_id, escalation, subject=subject, context=context, now=now
        ) or queue.open_ticket(
            tx,
            conversation_id,
            escalation,
            subject=subject,
            context=context,
            day=now.astimezone(self.zone).date(),
            now=now,
        )
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
        staff.set_duty(tx, staff_id, on_duty=True, now=now)
        self.distribute(tx, now=now)

    def off_duty(self, tx: Connection, staff_id: int, *, now: datetime) -> tuple[Ticket, ...]:
        """Somebody leaves for today: what they work on goes to others, else back in line; how it is now.

        What waits for a citizen stays theirs. Without auto-assignment everything does: people hand over themselves.
        """
        staff.set_duty(tx, staff_id, on_duty=False, now=now)
        if not self.auto_assign:
            return ()
        mine = lists.in_hand(tx, staff_id)
        return tuple(
            self._handed_on(tx, ticket, now=now) for ticket in mine if ticket.status is TicketStatus.CLAIMED
        )

    def shifts_changed(self, tx: Connection, *, now: datetime) -> tuple[Staff, ...]:
        """Those whose shift began or ended since their duty was switched the last time; reads only."""
        rostered = (
            each for each in staff.listing(tx) if each.may_work and each.username in self.roster.names
        )
        return tuple(each for each in rostered if self._news(each, now) is not None)

    def keep_roster(self, tx: Connection, *, now: datetime) -> tuple[Staff, ...]:
        """Put on duty whose shift began, and off whose ended; how these people are now.

        What somebody works on when their shift ends goes to a colleague on duty with room; without one it stays theirs:
        nobody would read it in line either.
        """
        changed = self.shifts_changed(tx, now=now)
        for person in changed:
            staff.set_duty(tx, person.id, on_duty=self._news(person, now) is True, now=now)
        found = tuple(staff.get(tx, person.id) for person in changed)
        for person in found:
            if not person.on_duty and self.auto_assign:
                self._pass_on(tx, person, now=now)
        self.distribute(tx, now=now)
        return found

    def leaves(self, tx: Connection, staff_id: int, *, now: datetime) -> tuple[Ticket, ...]:
        """An account is disabled: all its tickets go to others, else back in line; how they are now."""
        staff.disable(tx, staff_id)
        return tuple(self._handed_on(tx, ticket, now=now) for ticket in lists.in_hand(tx, staff_id))

    def _news(self, person: Staff, now: datetime) -> bool | None:
        """What the roster has switched `person` to since they were switched; None: nothing."""
        change = self.roster.last_change(person.username, now=now)
        if change is None or (person.duty_since is not None and person.duty_since >= change.at):
            return None
        return change.on

    def _pass_on(self, tx: Connection, person: Staff, *, now: datetime) -> None:
        for ticket in lists.in_hand(tx, person.id):
            if ticket.status is TicketStatus.CLAIMED:
                self._passed_on(tx, ticket, now=now)

    def _endangered(self, tx: Connection, ticket: Ticket, escalation: Escalation, *, now: datetime) -> Ticket:
        """The live ticket, before all others and with the people for it; whoever holds it is told."""
        if escalation.priority is not Priority.URGENT:
            return ticket
        to, of, holder = queue_in_danger(ticket, escalation.queue), ticket.queue, ticket.assignee_id
        stays = holder is not None and staff.get(tx, holder).works_on(to)
        moved = ticket.endangered(to, holder_stays=stays, now=now)
        if moved is ticket:
            return ticket
        detail: dict[str, object] = {"reason": escalation.reason}
        if to is not of:
            detail |= {"queue": to.value, "of": of.value}
        kind = "raised" if to is of else "endangered"
        saved = queue.save(tx, ticket, moved, actor=BOT, kind=kind, now=now, **detail)
        if holder is not None:
            alerts.tell(tx, ticket.id, AlertKind.ENDANGERED, to=holder, now=now, **detail)
        self.keep_clock(tx, saved)
        return saved

    def _assigned(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The ticket, with whom it goes to by itself; as it is when it does not."""
        if not self.auto_assign or ticket.status is not TicketStatus.OPEN:
            return ticket
        who = self._chosen(tx, ticket, now=now)
        if who is None:
            return ticket
        claimed = ticket.claimed_by(who.id, now=now)
        moved = queue.save(tx, ticket, claimed, actor=CLOCK, kind="assigned", now=now, to=who.id)
        self.keep_clock(tx, moved)
        return moved

    def _handed_on(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The ticket of somebody who leaves, with a colleague, else back in line."""
        moved = self._passed_on(tx, ticket, now=now)
        if moved is ticket:
            moved = queue.save(tx, ticket, ticket.released(now=now), actor=CLOCK, kind="released", now=now)
            self.keep_clock(tx, moved)
        return moved

    def _passed_on(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The ticket with a colleague who is on duty and has room; as it is when there is none."""
        who = self._chosen(tx, ticket, now=now) if self.auto_assign else None
        if who is None:
            return ticket
        to = ticket.reassigned(who.id)
        moved = queue.save(tx, ticket, to, actor=CLOCK, kind="assigned", now=now, to=who.id)
        self.keep_clock(tx, moved)
        return moved

    def _chosen(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Staff | None:
        """Who gets the ticket; not who has it."""
        colleagues, load = staff.listing(tx), lists.load(tx)
        return choose(ticket, colleagues, load, now=now, but=ticket.assignee_id, roster=self.roster)

    def _reopened(
        self,
        tx: Connection,
        conversation_id: int,
        escalation: Escalation,
        *,
        subject: str,
        context: Mapping[str, Any],
        now: datetime,
    ) -> Ticket | None:
        """The ticket closed a short while ago, when this is for the same queue; with what it is about now."""
        last = queue.last_closed(tx, conversation_id)
        if (
            last is None
            or last.closed_at is None
            or now - last.closed_at > self.reopen_window
            or last.queue is not escalation.queue
            or last.close_reason is CloseReason.CANCELLED
        ):
            return None
        again = last.reopened_again(now=now, window=self.reopen_window)
        if escalation.priority is Priority.URGENT:
            again = again.raised()
        moved = queue.save(
            tx,
            last,
            again,
            actor=CITIZEN,
            kind="reopened",
            now=now,
            reason=escalation.reason,
            earlier=last.subject,
        )
        queue.add_context(tx, moved.id, context)
        return queue.renamed(tx, moved, subject)

    def go_on(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Ticket:
        """The closed ticket, open again: the citizen goes on with it. Raises TicketError after the window."""
        again = ticket.reopened_again(now=now, window=self.reopen_window)
        moved = queue.save(
            tx, ticket, again, actor=CITIZEN, kind="reopened", now=now, reason="went on after the close"
        )
        self.keep_clock(tx, moved)
        return self._assigned(tx, moved, now=now)

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
        """Store the citizen's rating; a complaint puts the ticket back to work, under the clock for that.

        While another ticket of the conversation is live, that one takes the complaint: staff are there already.
        """
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
        to_do = queue.live(tx, ticket.conversation_id) or rated
        of = {} if to_do.id == rated.id else {"of": rated.number}
        again = to_do.to_rectify(now=now)
        moved = queue.save(tx, to_do, again, actor=CITIZEN, kind="complained", now=now, **of)
        self.keep_clock(tx, moved)
        return moved

    def receipt(self, tx: Connection, ticket: Ticket, *, now: datetime) -> Receipt:
        """What can honestly be promised about `ticket`: at night an answer after the opening, also to what is urgent,
        whose clock does not stop.
        """
        hours = self.hours[ticket.queue]
        expected_by = expected_answer(ticket, self.policy, hours)
        if not hours.is_open(now):
            limit = self.policy.limits[ticket.priority][ClockName.FIRST]
            expected_by = max(expected_by, hours.add(hours.next_opening(now), limit))
        return Receipt(
            ticket=ticket,
            position=queue.position(tx, ticket),
            expected_by=expected_by,
            is_open=hours.is_open(now),
            next_opening=hours.next_opening(now),
        )

    def keep_clock(self, tx: Connection, ticket: Ticket) -> None:
        """Store the clock that runs out next, after any change of `ticket`."""
        clocks.keep(tx, ticket.id, dues(ticket, self.policy, self.hours[ticket.queue]))
