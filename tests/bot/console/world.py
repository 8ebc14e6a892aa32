"""The console behind a real HTTP server: real database, small knowledge base, four members of staff."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Connection

from bot.app import open_desk
from bot.channels.web.app import create_web
from bot.config import Config
from bot.console.app import install
from bot.console.console import Console
from bot.conversation.engine import Engine
from bot.storage.database import Database, open_database
from bot.tickets import queue, staff
from bot.tickets.model import Ticket
from bot.tickets.people import Role, Staff
from knowledge.entries import Queue
from tests.bot.world import SmallSearch, serving, small_engine
from tests.world import shipped_config

PASSWORD = "秀洲法治便民服务站-2026"
PEOPLE = (
    ("agent", "张三", Role.AGENT, (Queue.SERVICES, Queue.LEGAL)),
    ("fraud", "李四", Role.AGENT, (Queue.FRAUD,)),
    ("lead", "王主管", Role.SUPERVISOR, ()),
    ("boss", "赵管理", Role.ADMIN, ()),
    ("audit", "审计员", Role.AUDITOR, ()),
)
PAGE = {"Sec-Fetch-Site": "same-origin"}


class Clock:
    """The real time, moved when told."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Desk:
    """The console on a port, with people in front of and behind it."""

    config: Config
    database: Database
    engine: Engine
    console: Console
    web: FastAPI
    clock: Clock
    url: str
    people: dict[str, Staff]
    clients: list[httpx.Client] = field(default_factory=list)
    said: int = 0

    def browser(self, **headers: str) -> httpx.Client:
        """A browser that knows nobody yet."""
        client = httpx.Client(base_url=self.url, headers={**PAGE, **headers}, timeout=20)
        self.clients.append(client)
        return client

    def staff(self, username: str) -> httpx.Client:
        """A browser in which `username` has signed in."""
        client = self.browser()
        answer = client.post(
            "/staff/sign-in", data={"username": username, "password": PASSWORD, "next": "/staff"}
        )
        assert answer.status_code == 303, answer.text
        return client

    def citizen(self) -> httpx.Client:
        """A citizen's browser with the chat open."""
        client = self.browser()
        client.get("/chat").raise_for_status()
        return client

    def say(self, citizen: httpx.Client, text: str) -> dict[str, Any]:
        """What a citizen writes, and what came of it."""
        self.said += 1
        answer = citizen.post("/chat/messages", json={"client_id": f"m{self.said}", "text": text})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def ask_for_person(self, *words: str) -> tuple[httpx.Client, str]:
        """A citizen who says `words` and then asks for a person: their browser and the ticket's number."""
        citizen = self.citizen()
        for text in words:
            self.say(citizen, text)
        self.say(citizen, "转人工")
        return citizen, self.newest().number

    def newest(self) -> Ticket:
        """The ticket opened last."""
        with self.database.reading() as tx:
            return all_tickets(tx)[-1]

    def ticket(self, number: str) -> Ticket:
        """The ticket as it is."""
        with self.database.reading() as tx:
            found = queue.by_number(tx, number)
        assert found is not None
        return found

    def history(self, citizen: httpx.Client) -> list[dict[str, Any]]:
        """What the citizen's page shows."""
        found: list[dict[str, Any]] = citizen.get("/chat/history").json()["posts"]
        return found


def all_tickets(tx: Connection) -> list[Ticket]:
    """Every ticket, oldest first."""
    from sqlalchemy import select

    from bot.storage.desk_tables import tickets

    return [queue.from_row(row) for row in tx.execute(select(tickets).order_by(tickets.c.id))]


@contextmanager
def open_desk_site(data: Path, **sections: dict[str, Any]) -> Iterator[Desk]:
    """The web chat with the console, served on a free port until the context ends."""
    quick = {"messages_per_minute": 6000, "sessions_per_hour": 6000}
    config = shipped_config(data, **{"web": quick, **sections})
    database = open_database(config.database_url)
    search, clock = SmallSearch(), Clock()
    engine = small_engine(config, database, search)
    web = create_web(config, engine=engine, database=database, ready=lambda: None)
    console = install(
        web,
        config,
        database=database,
        desk=open_desk(config),
        search=search,
        wording=engine.wording,
        clock=clock,
    )
    people = {}
    with database.transaction() as tx:
        for username, name, role, queues in PEOPLE:
            people[username] = staff.create(
                tx, username=username, name=name, role=role, password=PASSWORD, queues=queues, now=clock()
            )
    with serving(web) as (url, _):
        desk = Desk(
            config=config,
            database=database,
            engine=engine,
            console=console,
            web=web,
            clock=clock,
            url=url,
            people=people,
        )
        try:
            yield desk
        finally:
            for client in desk.clients:
                client.close()
    database.close()
