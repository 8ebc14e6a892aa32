"""Event streams to open pages: after a commit, somebody wakes the chat; its streams then read the transcript.

A stream never carries what is not stored, so a lost wake costs time (the next ping looks again), not words.
Events have the message's seq as id; a page that comes back names the last one it has.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from starlette.concurrency import run_in_threadpool

from bot.metrics import Metrics

RETRY_MS = 2_000
PING_S = 15.0
LONGEST_S = 600.0  # proxies and phones cut long connections silently: end them ourselves before
MOST_STREAMS = 2_000  # in this process


class Ended(StrEnum):
    """Why a stream ends; sent as the last event, so that the page knows what to do."""

    RENEW = "renew"  # ten minutes are over, or the server restarts: connect again
    REPLACED = "replaced"  # newer pages of the same chat took its place: ask from time to time
    CLEARED = "cleared"  # the person cleared the chat


@dataclass(slots=True, eq=False)
class Stream:
    """One open page. Lives in the event loop."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: Ended | None = None

    def end(self, reason: Ended) -> None:
        """Let the stream say `reason` and stop."""
        self.ended = self.ended or reason
        self.woken.set()


class Hub:
    """All open streams of this process, by chat. `wake` and `end` may be called from any thread."""

    def __init__(self, *, per_chat: int, metrics: Metrics) -> None:
        self._per_chat = per_chat
        self._metrics = metrics
        self._streams: dict[str, OrderedDict[Stream, None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count = 0
        self._closed = False

    def wake(self, chat: str) -> None:
        """Something was committed for `chat`, which is its address on the web channel."""
        self._in_loop(lambda: self._wake(chat))

    def end(self, chat: str, reason: Ended) -> None:
        """End every stream of `chat`."""
        self._in_loop(lambda: self._end(chat, reason))

    def close(self) -> None:
        """End every stream and open no more: the server stops, and would wait for them."""
        self._closed = True
        self._in_loop(self._end_all)

    @property
    def full(self) -> bool:
        """Whether one more stream would be too much."""
        return self._closed or self._count >= MOST_STREAMS

    @contextmanager
    def stream(self, chat: str) -> Iterator[Stream]:
        """A stream of `chat` as long as the context lasts; the oldest of too many gives way.

        The newest is kept because it is the one looked at: a phone that changed its network leaves dead
        connections behind, which we would notice only much later.
        """
        self._loop = asyncio.get_running_loop()
        streams = self._streams.setdefault(chat, OrderedDict())
        stream = Stream()
        streams[stream] = None
        self._counted(+1)
        for oldest in list(streams)[: -self._per_chat]:
            oldest.end(Ended.REPLACED)
        try:
            yield stream
        finally:
            del streams[stream]
            self._counted(-1)
            if not streams and self._streams.get(chat) is streams:
                del self._streams[chat]

    def _wake(self, chat: str) -> None:
        for stream in self._streams.get(chat, ()):
            stream.woken.set()

    def _end(self, chat: str, reason: Ended) -> None:
        for stream in self._streams.get(chat, ()):
            stream.end(reason)

    def _end_all(self) -> None:
        for chat in self._streams:
            self._end(chat, Ended.RENEW)

    def _counted(self, change: int) -> None:
        self._count += change
        self._metrics.open_streams.set(self._count)

    def _in_loop(self, act: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the transcript holds behind a place: posts as the page gets them, oldest first."""

    conversation: str | None  # its public id; None before the first message
    posts: tuple[dict[str, Any], ...]
    more: bool = False  # there are more behind the last of `posts`


async def events(
    hub: Hub,
    chat: str,
    *,
    after: int,
    read: Callable[[int], Page],
    ping_s: float = PING_S,
    longest_s: float = LONGEST_S,
) -> AsyncIterator[str]:
    """The stream of `chat` in text/event-stream format, from behind place `after`.

    `read` is called in a thread and returns what is stored behind a place.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + longest_s
    yield f"retry: {RETRY_MS}\n\n"
    with hub.stream(chat) as stream:
        conversation: str | None = ""
        while True:
            stream.woken.clear()  # before reading: a wake during the read is not lost
            page = await run_in_threadpool(read, after)
            if page.conversation != conversation:
                conversation = page.conversation
                yield _event("conversation", {"conversation": conversation})
            for post in page.posts:
                after = post["seq"]
                yield _event("post", post, id=after)
            if stream.ended is not None or loop.time() >= deadline:
                yield _event("end", {"reason": stream.ended or Ended.RENEW})
                return
            if not page.more and not await _woken(stream, min(ping_s, deadline - loop.time())):
                yield ": ping\n\n"


async def _woken(stream: Stream, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await stream.woken.wait()
    except TimeoutError:
        return False
    return True


def _event(name: str, data: dict[str, Any], *, id: int | None = None) -> str:
    """One event; JSON has no raw line break, so one data line is enough."""
    place = f"id: {id}\n" if id is not None else ""
    return f"{place}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
