"""The desk hub: tells open pages of the console, within a moment, which tickets changed.

Woken after every commit of this process; looks once a second besides, for what other processes wrote. An event says
“ticket 7 changed” or “your alerts changed” and nothing else: the page fetches what its person may see.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from bot.console.presence import Presence
from bot.console.pulse import Pulse, changed, read_pulse
from bot.storage.database import Database
from bot.tickets import alerts
from bot.tickets.alerts import Marks
from bot.tickets.people import Staff

log = structlog.get_logger(__name__)

RETRY_MS = 1_000
PING_S = 15.0
LONGEST_S = 600.0
NET_S = 1.0  # how long another process's change may go unnoticed
GATHER_S = 0.05  # changes that come together are told together
MOST_STREAMS = 500
PRESENCE = "presence"
ALERTS = "alerts"


@dataclass(slots=True, eq=False)
class Stream:
    """One open page: the tickets it has not been told of, and what it shows."""

    person: Staff
    number: str | None  # of the ticket it shows
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    news: set[str] = field(default_factory=set)
    people: bool = False  # presence changed
    alerts: bool = False  # what its person must know changed
    ended: bool = False


class DeskHub:
    """All open pages of the console in this process. `wake` may be called from any thread."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._streams: set[Stream] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken: asyncio.Event | None = None
        self._watching: asyncio.Task[None] | None = None
        self._pulse: Pulse = {}
        self._marks: Marks = {}
        self._closed = False
        self.presence = Presence(clock)

    def wake(self) -> None:
        """Something was committed."""
        if self._loop is not None and self._streams and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look)

    def people_changed(self, number: str) -> None:
        """Somebody came to a ticket, left it, or types. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell_people, number)

    def close(self) -> None:
        """End every stream and open no more. From any thread."""
        self._closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_all)

    @property
    def full(self) -> bool:
        """Whether one more stream would be too much."""
        return self._closed or len(self._streams) >= MOST_STREAMS

    @contextmanager
    def stream(self, person: Staff, number: str | None) -> Iterator[Stream]:
        """A stream for `person` as long as the context lasts. Call in the event loop."""
        self._loop = asyncio.get_running_loop()
        stream = Stream(person=person, number=number)
        self._streams.add(stream)
        if self._watching is None or self._watching.done():
            self._woken = asyncio.Event()
            self._watching = self._loop.create_task(self._watch(self._woken))
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    @contextmanager
    def at(self, number: str | None, person: Staff) -> Iterator[None]:
        """Let colleagues see `person` at a ticket as long as the context lasts. Call in the event loop."""
        if number is None:
            yield
            return
        self.presence.enter(number, person.id, person.name)
        self._tell_people(number)
        try:
            yield
        finally:
            self.presence.leave(number, person.id, person.name)
            self._tell_people(number)

    async def _watch(self, woken: asyncio.Event) -> None:
        """Compare what is with what was while anybody looks on."""
        self._pulse, self._marks = {}, {}  # the first look tells every page to look once, too
        while self._streams:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(NET_S):
                    await woken.wait()
            woken.clear()
            try:
                after, marks = await run_in_threadpool(self._read)
            except SQLAlchemyError as error:  # the pages stay open: the next look may work
                log.error("desk_unreadable", error=type(error).__name__)
                continue
            self._tell(changed(self._pulse, after))
            self._tell_alerts(alerts.changed(self._marks, marks))
            self._pulse, self._marks = after, marks
            await asyncio.sleep(GATHER_S)

    def _read(self) -> tuple[Pulse, Marks]:
        watched = {stream.number for stream in list(self._streams) if stream.number}
        with self._database.reading() as tx:
            return read_pulse(tx, watched), alerts.marks(tx)

    def _tell(self, numbers: frozenset[str]) -> None:
        if not numbers:
            return
        for stream in self._streams:
            stream.news |= numbers
            stream.woken.set()

    def _tell_alerts(self, whose: frozenset[int | None]) -> None:
        for stream in self._streams:
            if stream.person.id in whose or (stream.person.leads and None in whose):
                stream.alerts = True
                stream.woken.set()

    def _look(self) -> None:
        if self._woken is not None:
            self._woken.set()

    def _tell_people(self, number: str) -> None:
        for stream in self._streams:
            if stream.number in (None, number):
                stream.people = True
                stream.woken.set()

    def _end_all(self) -> None:
        for stream in self._streams:
            stream.ended = True
            stream.woken.set()


async def events(
    hub: DeskHub,
    person: Staff,
    number: str | None,
    *,
    is_signed_in: Callable[[], bool],
    longest_s: float = LONGEST_S,
) -> AsyncIterator[str]:
    """The stream of one page in text/event-stream format; `person` is seen at its ticket as long as it lasts.

    It begins with a `hello`, at which the page looks once: whatever happened while it was away.
    `is_signed_in` is called in a thread at every ping; the stream ends when it no longer holds.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + longest_s
    yield f"retry: {RETRY_MS}\n\nevent: hello\ndata: {{}}\n\n"
    with hub.stream(person, number) as stream, hub.at(number, person):
        while not stream.ended and loop.time() < deadline:
            try:
                async with asyncio.timeout(PING_S):
                    await stream.woken.wait()
            except TimeoutError:
                if not await run_in_threadpool(is_signed_in):
                    break
                yield ": ping\n\n"
                continue
            stream.woken.clear()
            news, stream.news = sorted(stream.news), set()
            people, stream.people = stream.people, False
            alerted, stream.alerts = stream.alerts, False
            if news:
                yield _event("tickets", {"numbers": news})
            if people:
                yield _event(PRESENCE, {})
            if alerted:
                yield _event(ALERTS, {})
        yield _event("end", {})


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
