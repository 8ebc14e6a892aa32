"""The desk on a busy morning: 200 live tickets, 50 citizens who write, 10 members of staff who work; SQLite.

The server is a process of its own; this one is all the browsers. A page of the console behaves as the real one: it
listens to its event stream and fetches itself again when the stream says so, not more often than the real one does.
"""

import asyncio
import contextlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

import yaml

from benchmarks.bench import Advance, Bench
from benchmarks.browsers import Browser
from benchmarks.errors import BenchError
from benchmarks.report import Check, Result, Table, number
from benchmarks.server import served
from benchmarks.timing import Sample
from bot import config as configuration
from bot.admin import create_account
from bot.tickets.people import Role

TICKETS, CITIZENS, STAFF = 200, 50, 10
P95_LIMIT_MS = 300.0
NEWS_LIMIT_MS = 1000.0
REFRESH_GAP_S = 0.7  # as in bot/console/static/live.js
CITIZEN_PAUSE_S = (3.0, 9.0)  # between two messages of somebody who writes
STAFF_PAUSE_S = (1.0, 3.0)  # between two things somebody does
PASSWORD = "三只猫坐在河边看小船"
SEARCHES = ("押金", "工资", "合同")
QUESTIONS = ("老板拖欠工资三个月了怎么办", "房东不退押金怎么办", "信用中国上的处罚记录怎么申请修复")
_SEQ = re.compile(rb'id="thread" data-seq="(\d+)"')
_NUMBER = re.compile(rb'data-number="([0-9-]+)"')


@dataclass(slots=True)
class Seen:
    """What the browsers measured, in milliseconds by what was done."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sent_at: dict[str, float] = field(default_factory=dict)  # of staff's answers, by their text
    measuring: bool = False
    refused: int = 0

    def note(self, what: str, ms: float) -> None:
        """One more, once the measurement has begun."""
        if self.measuring:
            self.took[what].append(ms)


def measure(bench: Bench, advance: Advance) -> Result:
    """Fill the desk, let everybody work, and count how long they wait."""
    quiet = _own_installation(bench)
    for index in range(STAFF):
        create_account(
            quiet.config,
            username=f"staff{index}",
            name=f"坐席{index}",
            role=Role.SUPERVISOR,
            queues=(),
            password=PASSWORD,
        )
    seen = Seen()
    with served(quiet) as server:
        asyncio.run(_morning(server.port, seen, bench.size.desk_seconds, advance))
    return _result(seen, bench.size.desk_seconds)


def _own_installation(bench: Bench) -> Bench:
    """The bench with an empty database, and without the limits on one network address: all come from this machine."""
    folder = bench.folder / "desk"
    folder.mkdir()
    values: dict[str, Any] = yaml.safe_load(bench.config_file.read_text(encoding="utf-8"))
    values["storage"] = {"folder": str(bench.config.data), "url": f"sqlite:///{folder / 'anwen.db'}"}
    values["web"] = {**values["web"], "messages_per_minute": 1_000_000, "sessions_per_hour": 1_000_000}
    config_file: Path = folder / "config.yaml"
    config_file.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    return replace(bench, config_file=config_file, config=configuration.load(config_file))


async def _morning(port: int, seen: Seen, seconds: int, advance: Advance) -> None:
    citizens = [Browser(port) for _ in range(TICKETS)]
    for index, citizen in enumerate(citizens):
        for text in (QUESTIONS[index % len(QUESTIONS)], "转人工", "这件事比较急，麻烦尽快"):
            await _say(citizen, seen, text)
        advance(index, TICKETS + seconds)
    people = [Browser(port) for _ in range(STAFF)]
    for index, person in enumerate(people):
        form = {"username": f"staff{index}", "password": PASSWORD, "next": "/staff"}
        if (await person.post_form("/staff/sign-in", form)).status != 303:
            raise BenchError("a member of staff cannot sign in")
    chance = random.Random(5)
    lives: list[Awaitable[None]] = []
    for citizen in citizens[:CITIZENS]:
        lives += [_write(citizen, seen, chance), _listen(citizen, seen)]
    for person in people:
        lives += [_watch_list(person, seen), _work(person, seen, chance)]
    tasks = [asyncio.ensure_future(life) for life in lives]
    await asyncio.sleep(min(5, seconds))  # everybody settles
    seen.measuring = True
    for second in range(seconds):
        await asyncio.sleep(1)
        advance(TICKETS + second, TICKETS + seconds)
    seen.measuring = False
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    for browser in (*citizens, *people):
        browser.close()
    broken = [each for each in ended if not isinstance(each, asyncio.CancelledError)]
    if broken:
        raise BenchError(f"a browser stopped: {broken[0]!r}")


async def _say(citizen: Browser, seen: Seen, text: str) -> None:
    body = {"client_id": f"m{random.getrandbits(64):x}", "text": text}
    answer = await citizen.post_json("/chat/messages", body)
    if answer.status != 200:
        raise BenchError(f"a message was refused: {answer.status} {answer.body[:200]!r}")
    seen.note("citizen writes", answer.ms)


async def _write(citizen: Browser, seen: Seen, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(*CITIZEN_PAUSE_S))
        await _say(citizen, seen, "我再补充一点情况，请看一下")


async def _listen(citizen: Browser, seen: Seen) -> None:
    """The chat page: how long after it was sent does an answer of staff appear?"""
    while True:
        async for name, data in citizen.events("/chat/events?after=0"):
            if name != "post":
                continue
            sent_at = seen.sent_at.pop(json.loads(data)["text"], None)
            if sent_at is not None:
                seen.note("answer reaches the citizen", (perf_counter() - sent_at) * 1e3)


async def _watch_list(person: Browser, seen: Seen) -> None:
    """A second tab with the list open, which keeps itself true."""
    tab = Browser(person.port, cookies=dict(person.cookies))
    asked = asyncio.Event()

    async def refresh() -> None:
        while True:
            await asked.wait()
            asked.clear()
            await _look(tab, seen, "list, by itself", "/staff")
            await asyncio.sleep(REFRESH_GAP_S)

    refreshing = asyncio.ensure_future(refresh())
    try:
        while True:
            async for name, _ in tab.events("/staff/events"):
                if name in ("hello", "tickets", "presence"):
                    asked.set()
    finally:
        refreshing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await refreshing
        tab.close()


async def _work(person: Browser, seen: Seen, chance: random.Random) -> None:
    """Look at the list, open a ticket, answer it or note something; now and then search or see the figures."""
    count = 0
    while True:
        page = await _look(person, seen, "list", chance.choice(("/staff", "/staff?show=open")))
        numbers = _NUMBER.findall(page)
        await asyncio.sleep(chance.uniform(*STAFF_PAUSE_S))
        if not numbers:
            continue
        path = f"/staff/tickets/{chance.choice(numbers).decode()}"
        found = _SEQ.search(await _look(person, seen, "ticket", path))
        assert found is not None, "a ticket's page names its newest message"
        await asyncio.sleep(chance.uniform(*STAFF_PAUSE_S))
        count += 1
        text = f"答复 {id(person)} {count}"
        seen.sent_at[text] = perf_counter()
        form = {"text": text, "seen": str(2**31 - 1), "client_id": f"a{count}"}
        await _act(person, seen, "answer", f"{path}/answer", form)
        await asyncio.sleep(chance.uniform(*STAFF_PAUSE_S))
        if count % 3 == 0:
            await _act(person, seen, "note", f"{path}/note", {"text": "已电话核实"})
        if count % 4 == 0:
            await _look(person, seen, "search", f"/staff/search?q={quote(chance.choice(SEARCHES))}")
        if count % 8 == 0:
            await _look(person, seen, "figures", "/staff/report")


async def _look(person: Browser, seen: Seen, what: str, path: str) -> bytes:
    answer = await person.get(path)
    if answer.status != 200:
        raise BenchError(f"{path}: {answer.status}")
    seen.note(what, answer.ms)
    return answer.body


async def _act(person: Browser, seen: Seen, what: str, path: str, form: dict[str, str]) -> None:
    answer = await person.post_form(path, form)
    if answer.status == 409:  # a colleague was faster: they look again
        seen.refused += 1
    elif answer.status != 200:
        raise BenchError(f"{path}: {answer.status} {answer.body[:200]!r}")
    seen.note(what, answer.ms)


_CONSOLE = ("list", "list, by itself", "ticket", "answer", "note", "search", "figures")
_OTHERS = ("citizen writes", "answer reaches the citizen")


def _result(seen: Seen, seconds: int) -> Result:
    everything = Sample(tuple(ms for what in _CONSOLE for ms in seen.took[what]))
    rows = [_row(what, Sample(tuple(seen.took[what])), seconds) for what in _CONSOLE]
    rows.append(_row("**the console**", everything, seconds))
    rows += [_row(what, Sample(tuple(seen.took[what])), seconds) for what in _OTHERS]
    p95 = everything.percentile(95)
    news = Sample(tuple(seen.took[_OTHERS[1]])).percentile(95)
    return Result(
        table=Table(
            title="The desk",
            head=("what", "a second", "p50 ms", "p95 ms", "p99 ms"),
            rows=tuple(rows),
            notes=(
                f"{TICKETS} live tickets; {CITIZENS} citizens write a message every {CITIZEN_PAUSE_S[0]:.0f} to "
                f"{CITIZEN_PAUSE_S[1]:.0f} s with their chat open; {STAFF} members of staff act every "
                f"{STAFF_PAUSE_S[0]:.0f} to {STAFF_PAUSE_S[1]:.0f} s, each with a second tab on the list, which "
                f"fetches itself at every news; {seconds} s; one `anwen serve`, SQLite on disk, full sync.",
                "The browsers run on the same cores as the server.",
            ),
        ),
        checks=(
            Check(
                what="console, p95",
                measured=f"{number(p95)} ms",
                limit=f"< {P95_LIMIT_MS:.0f} ms",
                is_kept=p95 < P95_LIMIT_MS,
            ),
            Check(
                what="an answer of staff reaches the citizen, p95",
                measured=f"{number(news)} ms",
                limit=f"< {NEWS_LIMIT_MS:.0f} ms",
                is_kept=news < NEWS_LIMIT_MS,
            ),
        ),
    )


def _row(what: str, sample: Sample, seconds: int) -> tuple[str, ...]:
    rate = f"{len(sample.ms) / seconds:.1f}"
    return what, rate, number(sample.p50), number(sample.percentile(95)), number(sample.p99)
