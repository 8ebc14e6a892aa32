"""A desk in a test: real SQLite, real phrases, a small knowledge base, a clock of our own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.app import open_desk
from bot.config import Config
from bot.conversation import sessions, transcript
from bot.conversation.engine import Engine
from bot.conversation.model import Address, Conversation, Message, Post
from bot.conversation.outcome import Outcome
from bot.storage.database import Database, open_database
from bot.storage.desk_tables import tickets
from bot.tickets import queue, staff
from bot.tickets.desk import Desk
from bot.tickets.model import Ticket
from bot.tickets.people import Role, Staff
from knowledge.entries import Queue
from tests.bot.world import SmallSearch, migrated, small_engine
from tests.world import Clock, shipped_config

PASSWORD = "三只猫坐在河边看小船"


@dataclass
class Office:
    """Citizens in front of the desk, staff behind it."""

    config: Config
    database: Database
    engine: Engine
    desk: Desk
    search: SmallSearch
    clock: Clock
    said: int = 0

    def say(self, text: str, *, who: str = "citizen", id: str | None = None) -> Outcome:
        """What came of a message."""
        self.said += 1
        sender = Address(channel="test", user=who)
        return self.engine.handle(Message(sender=sender, text=text, external_id=id or f"m{self.said}"))

    def hire(
        self,
        username: str,
        *,
        role: Role = Role.AGENT,
        queues: tuple[Queue, ...] = (),
        on_duty: bool = True,
        max_tickets: int = 10,
    ) -> Staff:
        """A member of staff."""
        with self.database.transaction() as tx:
            made = staff.create(
                tx,
                username=username,
                name=username,
                role=role,
                password=PASSWORD,
                queues=queues,
                now=self.clock(),
            )
            staff.set_duty(tx, made.id, on_duty=on_duty, now=self.clock())
            staff.seen(tx, made.id, now=self.clock())
            return staff.change(tx, made.id, max_tickets=max_tickets)

    def do(self, move: Callable[..., Any], ticket: Ticket, *args: Any, **more: Any) -> Any:
        """`handling.<move>` now."""
        with self.database.transaction() as tx:
            return move(tx, self.desk, ticket.id, *args, now=self.clock(), **more)

    def conversation(self, who: str = "citizen") -> Conversation:
        """The live chat of a citizen."""
        with self.database.reading() as tx:
            found = sessions.find(tx, Address(channel="test", user=who))
        assert found is not None
        return found

    def ticket(self, who: str = "citizen") -> Ticket:
        """The newest ticket of a citizen."""
        conversation = self.conversation(who)
        newest = (
            select(tickets)
            .where(tickets.c.conversation_id == conversation.id)
            .order_by(tickets.c.id.desc())
            .limit(1)
        )
        with self.database.reading() as tx:
            return queue.from_row(tx.execute(newest).one())

    def chat(self, who: str = "citizen") -> tuple[Post, ...]:
        """What was said, oldest first."""
        with self.database.reading() as tx:
            return transcript.all_of(tx, self.conversation(who).id)

    def events(self, ticket: Ticket) -> list[str]:
        """The kinds of everything that happened to a ticket."""
        with self.database.reading() as tx:
            return [event.kind for event in queue.history(tx, ticket.id)]


@contextmanager
def open_office(
    data: Path,
    *,
    clock: Clock | None = None,
    again: bool = False,  # go on with the database that is there
    **sections: dict[str, Any],
) -> Iterator[Office]:
    """A desk with an empty database in `data`; tickets are opened even before anybody is hired."""
    sections["desk"] = {"staffed": "yes", **sections.get("desk", {})}
    config = shipped_config(data, **sections)
    data.mkdir(exist_ok=True)
    if not again:
        shutil.copyfile(migrated(), data / "anwen.db")
    database, search, clock = open_database(config.database_url), SmallSearch(), clock or Clock()
    engine = small_engine(config, database, search, clock=clock)
    try:
        yield Office(
            config=config,
            database=database,
            engine=engine,
            desk=open_desk(config),
            search=search,
            clock=clock,
        )
    finally:
        database.close()
