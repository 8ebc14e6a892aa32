import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from bot.channels.web import live
from bot.channels.web.live import Ended, Hub, Page, events
from bot.metrics import Metrics
from tests.bot.world import Site, open_site, until


@dataclass
class Event:
    """One event as a browser gets it."""

    name: str = "message"
    data: dict = field(default_factory=dict)
    id: int | None = None


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """The events of a stream; pings come as `ping`."""
    event = Event()
    for line in lines:
        key, _, value = line.partition(": ")
        if not line:
            if event != Event():
                yield event
            event = Event()
        elif line.startswith(":"):
            event.name = "ping"
        elif key == "event":
            event.name = value
        elif key == "data":
            event.data = json.loads(value)
        elif key == "id":
            event.id = int(value)


def say(visitor: httpx.Client, text: str, id: str) -> dict:
    answer = visitor.post("/chat/messages", json={"client_id": id, "text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


def posts(
    visitor: httpx.Client, count: int, *, after: int = 0, headers: dict[str, str] | None = None
) -> list[Event]:
    """The next `count` posts of a new stream."""
    found: list[Event] = []
    if count == 0:
        return found
    with visitor.stream("GET", "/chat/events", params={"after": after}, headers=headers or {}) as answer:
        for event in read_events(answer.iter_lines()):
            found += [event] if event.name == "post" else []
            if len(found) == count:
                return found
    raise AssertionError(f"the stream ended after {len(found)} of {count}")


def test_a_stream_is_not_kept_nor_collected_by_proxies(site: Site):
    visitor = site.visitor()
    with visitor.stream("GET", "/chat/events") as answer:
        headers = answer.headers
        lines = answer.iter_lines()
        first = next(lines)

    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in headers
    assert first == "retry: 2000"


def test_a_visitor_without_a_chat_gets_no_stream(site: Site):
    assert site.program().get("/chat/events").status_code == 401


def test_a_stream_brings_what_was_said_with_its_place(site: Site):
    visitor = site.visitor()
    said = say(visitor, "老板拖欠工资怎么办？", "a")
    question, answer = posts(visitor, 2)

    assert (question.id, question.data["client_id"]) == (1, "a")
    assert (answer.id, answer.data) == (2, said["replies"][0])


def test_an_open_page_learns_at_once_what_another_page_said(site: Site):
    visitor = site.visitor()
    say(visitor, "你好", "a")
    found: list[Event] = []
    listening = threading.Thread(target=lambda: found.extend(posts(visitor, 2, after=2)))
    listening.start()
    until(lambda: "anwen_open_streams 1.0" in visitor.get("/metrics").text)
    started = time.monotonic()
    say(visitor, "谢谢", "b")
    listening.join(5)

    assert [event.id for event in found] == [3, 4]
    assert time.monotonic() - started < 2


def test_a_page_that_comes_back_gets_only_what_it_missed(site: Site):
    visitor = site.visitor()
    for number in range(3):
        say(visitor, "谢谢", f"m{number}")

    assert [event.id for event in posts(visitor, 2, headers={"Last-Event-ID": "4"})] == [5, 6]
    assert [event.id for event in posts(visitor, 2, after=4, headers={"Last-Event-ID": "2"})] == [5, 6]
    assert [event.id for event in posts(visitor, 6, headers={"Last-Event-ID": "nonsense"})] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_nothing_is_lost_doubled_or_disordered_when_the_stream_is_cut_eight_times(own_site: Site):
    with open_fast(own_site) as site:
        visitor = site.visitor()
        say(visitor, "谢谢", "first")
        seen: list[Event] = []
        writer = threading.Thread(target=write_twice, args=(visitor, 60))
        writer.start()
        for cut in range(1, 9):
            seen += posts(visitor, 15 * cut - len(seen), after=seen[-1].id if seen else 0)
        seen += posts(visitor, 122 - len(seen), after=seen[-1].id)
        writer.join(10)

    assert [event.id for event in seen] == list(range(1, 123))
    assert [event.data["client_id"] for event in seen if event.data["author"] == "citizen"] == [
        "first",
        *(f"m{number}" for number in range(60)),
    ]


def open_fast(site: Site):
    """A site whose limits are no subject of the test."""
    site.stop()
    return open_site(
        site.config.data / "fast", web={"messages_per_minute": 100_000, "sessions_per_hour": 1_000}
    )


def write_twice(visitor: httpx.Client, count: int) -> None:
    for number in range(count):
        for _ in range(2):
            say(visitor, "谢谢", f"m{number}")


def test_the_oldest_of_too_many_pages_gives_way(site: Site):
    visitor = site.visitor()
    say(visitor, "你好", "a")
    last: list[Event] = []

    def oldest() -> None:
        with visitor.stream("GET", "/chat/events") as answer:
            last.extend(read_events(answer.iter_lines()))

    waiting = threading.Thread(target=oldest)
    waiting.start()
    until(lambda: "anwen_open_streams 1.0" in visitor.get("/metrics").text)
    with (
        visitor.stream("GET", "/chat/events"),
        visitor.stream("GET", "/chat/events"),
        visitor.stream("GET", "/chat/events"),
    ):
        waiting.join(5)

    assert not waiting.is_alive()
    assert (last[-1].name, last[-1].data) == ("end", {"reason": "replaced"})


def test_clearing_the_chat_reaches_its_other_pages(site: Site):
    visitor, other = site.visitor(), site.program()
    say(visitor, "你好", "a")
    other.cookies = visitor.cookies
    last: list[Event] = []

    def listen() -> None:
        with other.stream("GET", "/chat/events") as answer:
            last.extend(read_events(answer.iter_lines()))

    waiting = threading.Thread(target=listen)
    waiting.start()
    until(lambda: "anwen_open_streams 1.0" in visitor.get("/metrics").text)
    visitor.post("/chat/clear").raise_for_status()
    waiting.join(5)

    assert last[-1].data == {"reason": "cleared"}


def test_a_closed_page_is_noticed(site: Site):
    visitor = site.visitor()
    say(visitor, "你好", "a")
    with visitor.stream("GET", "/chat/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        until(lambda: "anwen_open_streams 1.0" in site.program().get("/metrics").text)

    until(lambda: "anwen_open_streams 0.0" in site.program().get("/metrics").text)


def test_stopping_the_server_does_not_wait_for_open_pages(own_site: Site):
    visitor = own_site.visitor()
    say(visitor, "你好", "a")
    with visitor.stream("GET", "/chat/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        started = time.monotonic()
        own_site.stop()
        rest = list(read_events(lines))

    assert time.monotonic() - started < 3
    assert rest[-1].data == {"reason": "renew"}


# --- the stream itself, with a clock of milliseconds -----------------------------------------------------


def run(seconds: float, **options: float) -> list[str]:
    """What a stream of an empty chat says within `seconds`."""

    async def listen() -> list[str]:
        hub = Hub(per_chat=3, metrics=Metrics())
        said: list[str] = []

        async def collect() -> None:
            async for piece in events(
                hub, "c", after=0, read=lambda _: Page(conversation=None, posts=()), **options
            ):
                said.append(piece)

        try:
            await asyncio.wait_for(collect(), seconds)
        except TimeoutError:
            said.append("(open)")
        return said

    return asyncio.run(listen())


def test_a_quiet_stream_shows_that_it_lives():
    assert run(0.25, ping_s=0.1)[-3:] == [": ping\n\n", ": ping\n\n", "(open)"]


def test_a_long_stream_ends_itself_and_says_so():
    said = run(2, ping_s=0.05, longest_s=0.2)

    assert said[-1] == 'event: end\ndata: {"reason": "renew"}\n\n'


def test_a_stream_reads_on_until_nothing_is_left():
    pages = {
        0: Page(conversation="x", posts=({"seq": 1},), more=True),
        1: Page(conversation="x", posts=({"seq": 2},)),
    }

    async def listen() -> list[str]:
        hub = Hub(per_chat=3, metrics=Metrics())
        stream = events(hub, "c", after=0, read=pages.__getitem__)
        return [await anext(stream) for _ in range(4)]

    assert [piece.partition("\n")[0] for piece in asyncio.run(listen())] == [
        "retry: 2000",
        "event: conversation",
        "id: 1",
        "id: 2",
    ]


def test_a_closed_hub_takes_no_more_streams():
    hub = Hub(per_chat=3, metrics=Metrics())
    hub.close()

    assert hub.full


def test_waking_before_anybody_listens_does_nothing():
    hub = Hub(per_chat=3, metrics=Metrics())
    hub.wake("nobody")
    hub.end("nobody", Ended.CLEARED)

    assert not hub.full


def test_too_many_streams_are_refused(own_site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "MOST_STREAMS", 0)
    visitor = own_site.visitor()
    answer = visitor.get("/chat/events")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
