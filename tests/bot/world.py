"""The desk behind a real HTTP server: real database, real phrases, a knowledge base of three entries."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from bot.app import open_desk
from bot.channels.web.app import create_web
from bot.channels.web.server import Server, settings
from bot.config import Config
from bot.content import load_wording
from bot.conversation.engine import Engine, Settings
from bot.conversation.playbook import FormBook
from bot.storage.database import Database, open_database
from intents.forms.computes import NAMES, computes
from intents.forms.loading import load_forms
from intents.triage import Triage
from knowledge.entries import (
    Answer,
    Audience,
    Certainty,
    Domain,
    EnglishText,
    Entry,
    Queue,
    Source,
)
from knowledge.hits import Hit, Thresholds
from knowledge.hotlines import load_stations
from tests.world import ROOT, shipped_config

WAGES = "legal.labor.wages-unpaid"
REVIEWED = date(2026, 11, 20)


def entry(id: str, question: str, lead: str, *, english: str | None = None, **parts: Any) -> Entry:
    """A small reviewed entry."""
    domain = Domain(id.partition(".")[0])
    return Entry(
        id=id,
        domain=domain,
        audience=(Audience.CITIZEN,),
        question=question,
        variants=(),
        answer=Answer(lead=lead, **parts),
        english=EnglishText(question=english, variants=(), answer=Answer(lead=f"{english} Ask 12333."))
        if english
        else None,
        sources=(Source(law="劳动法", article="第五十条"), Source(law="劳动合同法", article="第三十条")),
        certainty=Certainty.LAW,
        reviewed_on=REVIEWED,
        owner=Queue.LEGAL,
        queue=Queue.LEGAL,
    )


ENTRIES = {
    "工资": entry(
        WAGES,
        "老板拖欠工资怎么办？",
        "先打 12333 投诉。",
        english="What if my boss does not pay wages?",
        steps=("收好证据：合同、考勤。", "到劳动监察投诉，写清欠 120 元还是更多。"),
        time="离职后 1 年内申请仲裁。",
        cost="不收费。",
    ),
    "处罚": entry("credit.penalty.how-to-apply", "信用中国上的处罚记录怎么申请修复？", "先交清罚款。"),
    "押金": entry("legal.renting.deposit", "房东不退押金怎么办？", "先发书面催告。"),
}


class SmallSearch:
    """Finds an entry by its keyword.

    `broken` makes the next searches raise, `held` makes them wait for it, `meanwhile` happens in the next.
    """

    def __init__(self) -> None:
        self.broken = False
        self.held: threading.Event | None = None
        self.delay_s = 0.0
        self.meanwhile: Callable[[], object] | None = None

    @property
    def thresholds(self) -> Thresholds:
        """As the engine's protocol."""
        return Thresholds(answer=0.6, ask=0.3)

    def entries(self, _: datetime) -> dict[str, Entry]:
        """As the engine's protocol."""
        return {entry.id: entry for entry in ENTRIES.values()}

    def written(self, text: str, found: Triage) -> None:
        """Nothing here reads meanings: the rules stand alone."""

    def danger(self, text: str, written: None) -> None:
        """As the engine's protocol."""

    def search(self, text: str, *, now: datetime) -> tuple[Hit, ...]:
        """As the engine's protocol; “可能” makes it unsure."""
        del now
        if self.broken:
            raise RuntimeError(f"the index is gone, asked for ‘{text}’")
        time.sleep(self.delay_s)
        if self.held is not None:
            self.held.wait()
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        confidence = 0.4 if "可能" in text else 0.95
        found = [
            entry
            for keyword, entry in ENTRIES.items()
            if keyword in text or (entry.english and "wages" in text)
        ]
        return tuple(
            Hit(
                entry=entry,
                confidence=confidence,
                in_scope=0.95,
                dense=0.9,
                lexical=0.9,
                fuzzy=0.9,
                row_text=entry.question,
            )
            for entry in found
        )


@dataclass
class Site:
    """The desk on a port."""

    config: Config
    engine: Engine
    database: Database
    search: SmallSearch
    web: FastAPI
    url: str
    stop: Callable[[], None]
    clients: list[httpx.Client] = field(default_factory=list)

    def visitor(self, **headers: str) -> httpx.Client:
        """A new browser, with cookies of its own, on our page."""
        client = httpx.Client(
            base_url=self.url, headers={"Sec-Fetch-Site": "same-origin", **headers}, timeout=10, verify=False
        )
        self.clients.append(client)
        client.get("/chat").raise_for_status()
        return client

    def program(self) -> httpx.Client:
        """A program that calls the API."""
        client = httpx.Client(base_url=self.url, timeout=10, verify=False)
        self.clients.append(client)
        return client


def small_engine(
    config: Config,
    database: Database,
    search: SmallSearch,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Engine:
    """The engine over the three entries."""
    common = {"service": config.district.service, "police": "110", "fraud_advice": "96110"}
    values = {
        "zh": {**common, "district": config.district.name},
        "en": {**common, "district": config.district.english},
    }
    return Engine(
        database=database,
        search=search,
        wording=load_wording(ROOT / "knowledge" / "content", values, zone=config.district.zone),
        settings=Settings(
            longest_message=config.conversation.longest_message,
            misses_before_person=config.conversation.misses_before_person,
            forget_context_after=config.conversation.forget_context_after,
            understand_within=config.conversation.understand_within,
            danger_entries={},
            meanings={},
            menu=tuple(entry.id for entry in ENTRIES.values()),
            forms=FormBook(
                forms=load_forms(NAMES), compute=computes(load_stations(ROOT / "knowledge" / "content"))
            ),
        ),
        desk=open_desk(config),
        clock=clock,
    )


@contextmanager
def open_site(
    data: Path, *, ready: Callable[[], str | None] = lambda: None, **sections: dict[str, Any]
) -> Iterator[Site]:
    """The desk, served on a free port until the context ends."""
    config = shipped_config(data, **sections)
    data.mkdir(exist_ok=True)
    shutil.copyfile(migrated(), data / "anwen.db")
    database = open_database(config.database_url)
    search = SmallSearch()
    engine = small_engine(config, database, search)
    web = create_web(config, engine=engine, database=database, ready=ready)
    with serving(web) as (url, stop):
        site = Site(
            config=config, engine=engine, database=database, search=search, web=web, url=url, stop=stop
        )
        try:
            yield site
        finally:
            for client in site.clients:
                client.close()
    database.close()


@cache
def migrated() -> Path:
    """An empty database of the newest schema: migrating one a test is slow."""
    path = Path(tempfile.mkdtemp(prefix="anwen-")) / "anwen.db"
    open_database(f"sqlite:///{path}").close()
    return path


@contextmanager
def serving(web: FastAPI, *, port: int = 0) -> Iterator[tuple[str, Callable[[], None]]]:
    """`web` behind uvicorn in a thread: its address, and how to stop it."""
    # named TCP, or asyncio does not switch off Nagle's delay of 40 ms an answer
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = Server(settings(web, host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    _until(lambda: server.started)

    def stop() -> None:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server does not stop"

    try:
        yield url, stop
    finally:
        stop()
        listening.close()


def _until(true: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


until = _until


def right_now() -> datetime:
    """The moment, for rows a test writes itself."""
    return datetime.now(UTC)
