"""Deals with what the inbox holds: chats in parallel, each chat in order, a broken update never in the way."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.exc import OperationalError

from bot.channels.telegram import inbox
from bot.channels.telegram.counts import Counts
from bot.channels.telegram.events import Event, Place
from bot.channels.telegram.inbox import Received
from bot.channels.telegram.parse import Unreadable, parse
from bot.channels.telegram.sender import NAME
from bot.conversation import sessions, transcript
from bot.conversation.engine import LONGEST_RAW
from bot.conversation.model import Address, Author, Delivery
from bot.conversation.wording import Wording
from bot.storage.database import Database

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200  # updates held in memory
MOST_CHATS = 8  # chats dealt with at the same time
POLL_S = 1.0
_AGAIN_S = 0.5  # when the database is busy

Lane = tuple[int, int]  # chat and topic


class Handler(Protocol):
    """What an event leads to."""

    async def handle(self, event: Event, row_id: int) -> None:
        """Do it, and mark the update as dealt with; raising means: it cannot be done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    row: Received
    event: Event | None
    error: str | None = None


class Worker:
    """One a process."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        handler: Handler,
        wording: Wording,
        counts: Counts,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._handler = handler
        self._wording = wording
        self._counts = counts
        self._clock = clock
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lanes: dict[Lane, deque[_Item]] = {}
        self._held: set[int] = set()
        self._slots = asyncio.Semaphore(MOST_CHATS)

    def wake(self) -> None:
        """Something came in; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Work until cancelled."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                for lane in await self._taken():
                    group.create_task(self._work(lane))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._woken.wait()

    async def _taken(self) -> list[Lane]:
        """Put what came in into its lane; the lanes that nobody works on."""
        room = MOST_AT_ONCE - len(self._held)
        if room <= 0:
            return []
        try:
            rows = await asyncio.to_thread(self._pending, room)
        except Exception as error:
            log.exception("telegram_inbox_unreadable", error=type(error).__name__)
            return []
        started: list[Lane] = []
        for row in rows:
            item = _item(row)
            lane = _lane(item)
            self._held.add(row.id)
            if lane not in self._lanes:
                self._lanes[lane] = deque()
                started.append(lane)
            self._lanes[lane].append(item)
        return started

    def _pending(self, room: int) -> tuple[Received, ...]:
        with self._database.reading() as tx:
            self._counts.waiting.set(inbox.waiting(tx, self._bot_id))
            return inbox.pending(tx, self._bot_id, limit=room, but=self._held)

    async def _work(self, lane: Lane) -> None:
        items = self._lanes[lane]
        while items:
            async with self._slots:
                await self._deal_with(items[0])
            self._held.discard(items.popleft().row.id)
        del self._lanes[lane]
        self._woken.set()  # there may be more than fitted

    async def _deal_with(self, item: _Item) -> None:
        kind = type(item.event).__name__.lower() if item.event else "none"
        self._counts.received.labels(kind).inc()
        while True:
            try:
                if item.error is not None:
                    await asyncio.to_thread(self._fail, item, item.error)
                elif item.event is None:
                    await asyncio.to_thread(self._skip, item)
                else:
                    await self._handler.handle(item.event, item.row.id)
                return
            except OperationalError as error:  # locked or gone for a moment: the update waits
                log.warning("database_busy", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_S)
            except Exception as error:
                log.exception("telegram_update_failed", kind=kind, error=type(error).__name__)
                with contextlib.suppress(OperationalError):
                    await asyncio.to_thread(self._fail, item, type(error).__name__)
                    return
                await asyncio.sleep(_AGAIN_S)

    def _skip(self, item: _Item) -> None:
        with self._database.transaction() as tx:
            inbox.done(tx, item.row.id)

    def _fail(self, item: _Item, error: str) -> None:
        """It is recorded as it came; a citizen is told whom to call."""
        self._counts.failed.inc()
        now = self._clock()
        private = item.event is not None and item.event.place is Place.PRIVATE
        chat = str(item.event.chat_id) if item.event is not None and private else None
        with self._database.transaction() as tx:
            raw = item.row.raw[:LONGEST_RAW]
            transcript.fail(tx, NAME, chat, raw=raw, reason=error, now=now)
            inbox.failed(tx, item.row.id, error)
            if chat is None:
                return
            conversation = sessions.start(tx, Address(channel=NAME, user=chat), now=now)
            words = self._wording.say("failed", conversation.state.language)
            transcript.post(tx, conversation.id, Author.SYSTEM, words, {}, status=Delivery.QUEUED, now=now)


def _item(row: Received) -> _Item:
    try:
        return _Item(row=row, event=parse(json.loads(row.raw)))
    except (Unreadable, ValueError) as error:
        return _Item(row=row, event=None, error=f"unreadable: {error}"[:100])


def _lane(item: _Item) -> Lane:
    if item.event is None:
        return 0, 0
    return item.event.chat_id, getattr(item.event, "thread_id", None) or 0
