"""Whom a ticket goes to when the desk assigns by itself. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.tickets.model import Ticket
from bot.tickets.people import Staff
from knowledge.entries import Queue


def choose(
    ticket: Ticket, staff: Iterable[Staff], load: Mapping[int, int], *, now: datetime, but: int | None = None
) -> Staff | None:
    """Who is on duty and here for the ticket's queue and has the fewest tickets in hand; None when nobody has room.

    Specialists of few queues go before people who work on all of them, so that these stay free for the rest.

    Args:
        load: tickets in hand by staff id; nobody without one needs to be in it.
        but: somebody who must not get it.
    """
    able = (
        person
        for person in staff
        if person.on_duty
        and person.is_here(now)
        and person.works_on(ticket.queue)
        and person.id != but
        and load.get(person.id, 0) < person.max_tickets
    )
    return min(able, key=lambda person: (load.get(person.id, 0), _breadth(person), person.id), default=None)


def _breadth(person: Staff) -> int:
    """How many queues the person works on; empty means all, which is the most."""
    return len(person.queues) or len(Queue)
