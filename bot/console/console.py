"""What every part of the console works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from bot.channels.base import WEB
from bot.config import Config
from bot.console.access import SessionCookie, may_see
from bot.console.live import DeskHub
from bot.console.pages import Pages
from bot.conversation import sessions
from bot.conversation.model import Conversation
from bot.conversation.understanding import Search
from bot.conversation.wording import Wording
from bot.storage.database import Database
from bot.tickets import audit, queue
from bot.tickets.desk import Desk
from bot.tickets.model import Ticket
from bot.tickets.people import Staff
from bot.tickets.queue import staff_actor

READ_AGAIN = timedelta(hours=1)  # an open page fetches itself again and again: one entry an hour says enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The parts of the console, wired once.

    Args:
        wake_citizen: called with a web chat's address after something was posted to it.
    """

    config: Config
    database: Database
    desk: Desk
    search: Search
    wording: Wording
    hub: DeskHub
    pages: Pages
    cookie: SessionCookie
    wake_citizen: Callable[[str], None]
    clock: Callable[[], datetime]

    def carries_files(self, conversation: Conversation) -> int:
        """The largest file, in MB, that can be sent to this citizen; 0 where their channel carries none."""
        return self.config.web.largest_file_mb if conversation.address.channel == WEB.name else 0

    def has_read(self, person: Staff, action: str, target: str, **detail: object) -> None:
        """Put on record that `person` looks at `target`, unless they saw the same within the hour."""
        now, actor = self.clock(), staff_actor(person.id)
        with self.database.reading() as tx:
            since = now - READ_AGAIN
            last = audit.listing(tx, actor=actor, action=action, target=target, since=since, limit=1)
        if last and last[0].detail == detail:
            return
        with self.database.transaction() as tx:
            audit.record(tx, actor, action, target, now=now, **detail)

    def wake(self, tx: Connection, ticket: Ticket) -> Callable[[], None]:
        """What to call after the commit so that the citizen's open page shows what was posted."""
        conversation = sessions.by_id(tx, ticket.conversation_id)
        if conversation is None or conversation.address.channel != WEB.name:
            return lambda: None
        user = conversation.address.user
        return lambda: self.wake_citizen(user)


def me(request: Request) -> Staff:
    """Who is signed in; the guard of every route put it there."""
    staff: Staff = request.state.staff
    return staff


def find_ticket(tx: Connection, staff: Staff, number: str) -> Ticket:
    """The ticket called `number`.

    Raises HTTPException 404 when there is none or it is none of this person's business: both look the same.
    """
    ticket = queue.by_number(tx, number)
    if ticket is None or not may_see(staff, ticket):
        raise HTTPException(404, "there is no such ticket")
    return ticket
