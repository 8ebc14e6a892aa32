"""One move of a ticket: one transaction; afterwards the citizen's open page is woken."""

from collections.abc import Callable

from fastapi import Request
from sqlalchemy import Connection

from bot.console import access
from bot.console.console import Console, find_ticket, me
from bot.tickets.model import Ticket

Move = Callable[[Connection, Ticket], object]


def make_move(console: Console, request: Request, number: str, move: Move) -> object:
    """Make `move` on a ticket this person may see; what it returned."""
    with console.database.transaction() as tx:
        ticket = find_ticket(tx, me(request), number)
        wake = console.wake(tx, ticket)
        moved = move(tx, ticket)
    wake()
    return moved


def page_of(number: str) -> str:
    """Where the ticket is."""
    return f"{access.PREFIX}/tickets/{number}"
