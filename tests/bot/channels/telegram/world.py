"""The desk on our own Telegram: real database, engine, outbox; the channel in its thread, or driven step by step."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select

from bot.channels.telegram import identity, links
from bot.channels.telegram.service import Parts
from bot.channels.telegram.service import Telegram as Channel
from bot.conversation import attachments, sessions, transcript
from bot.conversation.model import Address, Author, Choice, Delivery, Post, Reply
from bot.metrics import Metrics
from bot.outbox import Backoff, Outbox
from bot.storage.desk_tables import tickets
from bot.storage.tables import messages
from bot.storage.telegram_tables import telegram_updates
from bot.tickets import notes, queue
from bot.tickets.model import Ticket
from bot.tickets.notes import Note
from bot.tickets.people import Role, Staff
from tests.bot.channels.telegram.fake.people import Telegram, platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP, TOKEN
from tests.bot.channels.telegram.front import Front, free_port
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import serving, until
from tests.world import Clock

QUICK = Backoff(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=200))
LIN, ZHOU = 7001, 7002  # staff on Telegram


class Now(Clock):
    """The platform's clock is the real one here, so the desk's is too."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Town:
    """Citizens and staff on Telegram, and the desk."""

    telegram: Telegram
    office: Office
    channel: Channel
    front: Front
    group: int = FIRST_GROUP

    def hire(self, username: str, user_id: int, role: Role = Role.AGENT) -> Staff:
        """A member of staff, tied to an account of Telegram."""
        made = self.office.hire(username, role=role)
        with self.office.database.transaction() as tx:
            code = identity.invite(tx, made.id, now=datetime.now(UTC))
            assert identity.accept(tx, code, user_id, now=datetime.now(UTC)) is not None
        return made

    def ticket(self, who: int) -> Ticket:
        """The newest ticket of a citizen."""
        until(lambda: self._tickets(who) != [])
        return self._tickets(who)[-1]

    def _tickets(self, who: int) -> list[Ticket]:
        with self.office.database.reading() as tx:
            conversation = sessions.find(tx, Address(channel="telegram", user=str(who)))
            if conversation is None:
                return []
            rows = tx.execute(
                select(tickets).where(tickets.c.conversation_id == conversation.id).order_by(tickets.c.id)
            )
            return [queue.from_row(row) for row in rows]

    def chat(self, who: int) -> tuple[Post, ...]:
        """What was said, oldest first."""
        with self.office.database.reading() as tx:
            conversation = sessions.find(tx, Address(channel="telegram", user=str(who)))
            return transcript.all_of(tx, conversation.id) if conversation else ()

    def post(self, who: int, text: str, *, choices: tuple[Choice, ...] = ()) -> None:
        """Something the desk tells a citizen by itself."""
        reply = Reply(text=text, choices=choices)
        with self.office.database.transaction() as tx:
            conversation = sessions.find(tx, Address(channel="telegram", user=str(who)))
            assert conversation is not None
            transcript.post(
                tx,
                conversation.id,
                Author.SYSTEM,
                text,
                transcript.reply_payload(reply),
                status=Delivery.QUEUED,
                now=datetime.now(UTC),
            )

    def files(self, who: int) -> list[tuple[str, str, bytes]]:
        """The files a citizen sent: name, type, content."""
        with self.office.database.reading() as tx:
            conversation = sessions.find(tx, Address(channel="telegram", user=str(who)))
            assert conversation is not None
            found = []
            for file in attachments.listing(tx, conversation.id):
                content = attachments.content(tx, conversation.id, file.public_id)
                assert content is not None
                found.append((file.name, file.media_type, content.content))
            return found

    def notes(self, who: int) -> list[Note]:
        """The notes to a citizen's ticket."""
        ticket = self.ticket(who)
        with self.office.database.reading() as tx:
            return list(notes.listing(tx, ticket.id))

    def topic_of(self, who: int) -> int:
        """The topic of a citizen's ticket, once its first words are shown."""
        number = self.ticket(who).number

        def found() -> list[int]:
            with self.telegram.state.lock:
                return [
                    each.thread_id
                    for each in self.telegram.state.groups[self.group].topics.values()
                    if number in each.name and not each.deleted
                ]

        until(
            lambda: found() != [] and len(self.telegram.sees(self.group, thread=found()[0])) >= 2, seconds=20
        )
        return found()[0]

    def relayed(self, thread: int, text: str) -> int:
        """The message in a topic that shows these words."""

        def found() -> list[int]:
            return [
                each["message_id"]
                for each in self.telegram.sees(self.group, thread=thread)
                if text in (each.get("text") or each.get("caption") or "")
            ]

        def known() -> bool:
            """Telegram showed it, and the desk knows that it did."""
            with self.office.database.reading() as tx:
                return any(links.find(tx, self.group, each) for each in found())

        until(known, seconds=20)
        return found()[0]

    def gets(self, who: int, text: str) -> None:
        """Wait until the citizen has a message with these words."""
        until(lambda: any(text in each for each in self.telegram.texts(who)), seconds=20)

    def quiet(self) -> None:
        """Wait until every update is dealt with and every message sent."""

        def settled() -> bool:
            with self.telegram.state.lock:
                last = self.telegram.state.next_update - 1
            with self.office.database.reading() as tx:
                newest = tx.execute(
                    select(telegram_updates.c.update_id)
                    .order_by(telegram_updates.c.update_id.desc())
                    .limit(1)
                ).scalar()
                new = tx.execute(
                    select(telegram_updates.c.id).where(telegram_updates.c.state == "new")
                ).first()
                queued = tx.execute(
                    select(messages.c.id).where(
                        messages.c.status == "queued", messages.c.next_at.is_not(None)
                    )
                ).first()
            return (newest or 0) >= last and new is None and queued is None

        until(settled, seconds=30)


@contextmanager
def open_town(
    data: Path,
    *,
    telegram: Telegram | None = None,
    limits: bool = False,
    calls_a_minute: int | None = None,
    mode: str = "polling",
    again: bool = False,
    **settings: Any,
) -> Iterator[Town]:
    """The desk with its Telegram channel running.

    Args:
        limits: whether the platform insists on its limits.
        again: go on with the database that is there.
        calls_a_minute: in one group, where a test is not about limits.
        mode: how updates come; with `webhook` through a `Front`.
    """
    with ExitStack() as stack:
        world = telegram or stack.enter_context(platform(limits=limits))
        if FIRST_GROUP not in world.state.groups:
            world.forum()
        values = {
            "api": world.url,
            "undo_window": "1s",
            "messages_per_minute": 100_000,
            "groups": {"default": [FIRST_GROUP]},
            "mode": mode,
            **settings,
        }
        port = free_port()
        office = stack.enter_context(open_office(data, clock=Now(), again=again, telegram=values))
        changes: dict[str, Any] = {"token": SecretStr(TOKEN)}
        if calls_a_minute is not None:
            changes["group_calls_per_minute"] = calls_a_minute
        config = office.config.model_copy(
            update={
                "telegram": office.config.telegram.model_copy(update=changes),
                "server": office.config.server.model_copy(update={"public_url": f"http://127.0.0.1:{port}"}),
            }
        )
        parts = Parts(
            config=config,
            engine=office.engine,
            database=office.database,
            desk=office.desk,
            search=office.search,
            metrics=Metrics(),
            clock=lambda: datetime.now(UTC),
        )
        channel = Channel(parts)
        office.database.after_commit(channel.wake)
        front = Front()
        if channel.router is not None:
            web = FastAPI()
            web.include_router(channel.router)
            web.middleware("http")(front)
            stack.enter_context(serving(web, port=port))
        stack.enter_context(channel)
        stack.enter_context(delivering(office, channel))
        yield Town(telegram=world, office=office, channel=channel, front=front)


@contextmanager
def delivering(office: Office, channel: Channel, *, backoff: Backoff = QUICK) -> Iterator[None]:
    """The outbox, in a thread."""
    outbox = Outbox(
        database=office.database,
        channels={"telegram": channel.sender},
        wording=office.engine.wording,
        clock=lambda: datetime.now(UTC),
        backoff=backoff,
    )
    office.database.after_commit(outbox.wake)
    loop = asyncio.new_event_loop()
    task = loop.create_task(outbox.run())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        loop.close()
