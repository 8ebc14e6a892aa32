"""Whom a ticket goes to when the desk assigns by itself. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.tickets.model import Priority, Ticket
from bot.tickets.people import Staff
from bot.tickets.roster import NOBODY, Roster
from knowledge.entries import Queue


def choose(
    ticket: Ticket,
    staff: Iterable[Staff],
    load: Mapping[int, int],
    *,
    now: datetime,
    but: int | None = None,
    roster: Roster = NOBODY,
) -> Staff | None:
    """Who is on duty and here for the ticket's queue and has the fewest tickets in hand; None when nobody has room.

    Specialists of few queues go before people who work on all of them, so that these stay free for the rest.

    Args:
        load: tickets in hand by staff id; nobody without one needs to be in it.
        but: somebody who must not get it.
        roster: what the shifts of this moment are for.
    """
    able = (
        person
        for person in staff
        if person.on_duty
        and person.is_here(now)
        and person.works_on(ticket.queue)
        and roster.takes(person, ticket.queue, now=now)
        and person.id != but
        and load.get(person.id, 0) < person.max_tickets
    )
    return min(able, key=lambda person: (load.get(person.id, 0), _breadth(person), person.id), default=None)


def queue_in_danger(ticket: Ticket, wanted: Queue) -> Queue:
    """The queue of a live ticket whose citizen told of something urgent that is for the queue `wanted`.

    Money that is moving goes to the fraud desk, a life to the safety desk; and a life comes before money. Anything
    else stays with the people who have it.
    """
    if wanted is Queue.SAFETY:
        return wanted
    saves_a_life = ticket.queue is Queue.SAFETY and ticket.priority is Priority.URGENT
    return wanted if wanted is Queue.FRAUD and not saves_a_life else ticket.queue


def _breadth(person: Staff) -> int:
    """How many queues the person works on; empty means all, which is the most."""
    return len(person.queues) or len(Queue)
