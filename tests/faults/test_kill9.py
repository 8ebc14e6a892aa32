"""`anwen serve` is killed with -9, again and again, under load: citizens write, staff answer, both send again what
was not acknowledged. Then: nothing that was acknowledged is lost, nothing happened twice, every chat is in order.
"""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.admin import create_account
from bot.tickets.people import Role
from tests.world import ROOT, shipped_config

PASSWORD = "三只猫坐在河边看小船"
CITIZENS, WITH_A_PERSON = 20, 10  # the second half talks to the bot
QUESTIONS = ("老板拖欠工资怎么办", "房东不退押金怎么办", "处罚记录怎么申请修复", "今天天气怎么样")
LONGEST_START_S = 60


@dataclass
class Served:
    """`anwen serve` in a process of its own, on one port for its whole life."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    starts_s: list[float] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)  # environment

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers questions."""
        begin = time.monotonic()
        environment = {
            **os.environ,
            "ANWEN_STORAGE__FOLDER": str(self.data),
            "ANWEN_WEB__MESSAGES_PER_MINUTE": "1000000",
            "ANWEN_WEB__SESSIONS_PER_HOUR": "1000000",
            "ANWEN_LOGGING__LEVEL": "error",
            **self.more,
        }
        command = [sys.executable, "-m", "bot", "serve", "--config", str(ROOT / "config.yaml")]
        with (self.data / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=ROOT,
            )
        while True:
            assert self.process.poll() is None, (self.data / "serve.log").read_text()[-2000:]
            assert time.monotonic() - begin < LONGEST_START_S, "the server does not come up"
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        self.starts_s.append(time.monotonic() - begin)

    def kill(self) -> None:
        """kill -9, without a word."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Tally:
    """What clients saw acknowledged, and how often they had to send again."""

    acknowledged: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    resent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    def until_acknowledged(self, key: tuple[str, str], send: Callable[[], httpx.Response]) -> dict[str, Any]:
        """Send until the server says yes, as a page does; what it said."""
        pause_s = 0.1
        while not self.stop.is_set():
            try:
                answer = send()
                if answer.status_code in (200, 303):
                    said = answer.json() if answer.status_code == 200 else {}
                    with self.lock:
                        self.acknowledged[key] = said
                    return said
                assert answer.status_code >= 500, answer.text
            except httpx.TransportError:
                pass
            with self.lock:
                self.resent += 1
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 0.8)
        raise AssertionError("the test stopped before this was acknowledged")

    def count(self) -> int:
        """How many messages are acknowledged."""
        with self.lock:
            return len(self.acknowledged)


def browser(served: Served) -> httpx.Client:
    """Keeps cookies, and no connection: the server may die at any moment."""
    return httpx.Client(
        base_url=served.url,
        headers={"Sec-Fetch-Site": "same-origin", "Connection": "close"},
        timeout=20,
        follow_redirects=False,
    )


def citizen(served: Served, tally: Tally, number: int, messages: int) -> tuple[str, list[dict[str, Any]]]:
    """Says everything in order; their conversation and what their page shows at the end."""
    name = f"c{number}"
    with browser(served) as page:
        tally.until_acknowledged((name, "open"), lambda: _opened(page))
        for turn in range(messages):
            wants_person = turn == 0 and number < WITH_A_PERSON
            text = "转人工" if wants_person else f"{QUESTIONS[turn % len(QUESTIONS)]}（{turn:03d}）"
            body = {"client_id": f"m{turn:03d}", "text": text}
            said = tally.until_acknowledged(
                (name, body["client_id"]), lambda body=body: page.post("/chat/messages", json=body)
            )
            assert said["message"]["client_id"] == body["client_id"]
        posts: list[dict[str, Any]] = []
        more = True
        while more:
            after = posts[-1]["seq"] if posts else 0
            found = tally.until_acknowledged(
                (name, f"read {after}"), lambda after=after: page.get(f"/chat/history?after={after}")
            )
            posts += found["posts"]
            more = found["more"]
        return found["conversation"], posts


def _opened(page: httpx.Client) -> httpx.Response:
    answer = page.get("/chat")
    return httpx.Response(303) if answer.status_code == 200 else answer


def member_of_staff(served: Served, tally: Tally, username: str, tickets: list[str], answers: int) -> None:
    """Answers each ticket so many times, in order, through the console."""
    with browser(served) as page:
        form = {"username": username, "password": PASSWORD, "next": "/staff"}
        tally.until_acknowledged((username, "sign in"), lambda: page.post("/staff/sign-in", data=form))
        assert page.cookies, "signed in"
        for turn in range(answers):
            for number in tickets:
                body = {"text": f"答复 {turn:03d}", "seen": str(2**31 - 1), "client_id": f"a{turn:03d}"}
                tally.until_acknowledged(
                    (number, body["client_id"]),
                    lambda number=number, body=body: page.post(f"/staff/tickets/{number}/answer", data=body),
                )


@pytest.mark.parametrize(("kills", "messages"), [(3, 120), pytest.param(30, 1000, marks=pytest.mark.slow)])
def test_kill_9_under_load_loses_nothing_and_does_nothing_twice(
    data: Path, kills: int, messages: int, capsys: pytest.CaptureFixture[str]
):
    config = shipped_config(data)
    for username in ("lin", "zhou"):
        create_account(
            config, username=username, name=username, role=Role.SUPERVISOR, queues=(), password=PASSWORD
        )
    served, tally = Served(data=data, port=_free_port()), Tally()
    chance, begin = random.Random(9), time.monotonic()
    each = messages // CITIZENS
    served.start()
    seen: dict[int, tuple[str, list[dict[str, Any]]]] = {}
    errors: list[BaseException] = []

    def guarded(act: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                act()
            except BaseException as error:
                errors.append(error)
                tally.stop.set()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def talk(number: int) -> None:
        seen[number] = citizen(served, tally, number, each)

    threads = [guarded(lambda number=number: talk(number)) for number in range(CITIZENS)]
    numbers = _tickets(config.data, tally)
    half = len(numbers) // 2
    for username, theirs in (("lin", numbers[:half]), ("zhou", numbers[half:])):
        threads.append(guarded(lambda u=username, t=theirs: member_of_staff(served, tally, u, t, each)))

    done, expected = 0, CITIZENS * each + WITH_A_PERSON * each
    try:
        for kill in range(kills):
            goal = tally.count() + (expected - tally.count()) // (kills - kill + 1)
            while tally.count() < goal and not tally.stop.is_set():
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.05))
            if tally.stop.is_set() or not any(thread.is_alive() for thread in threads):
                break
            served.kill()
            done += 1
            served.start()
        for thread in threads:
            thread.join(120)
    finally:
        tally.stop.set()
        served.kill()
    assert errors == []

    figures = _verified(data / "anwen.db", tally, seen, each)
    with capsys.disabled():
        starts = sorted(served.starts_s)
        print(
            f"\nkill -9: {done} kills in {time.monotonic() - begin:.0f} s; {figures}; sent again {tally.resent}; "
            f"ready again after {starts[len(starts) // 2]:.1f} s (median), {starts[-1]:.1f} s (worst)"
        )
    assert done == kills


def _tickets(data: Path, tally: Tally) -> list[str]:
    """The numbers of the tickets, once all of them are there."""
    while not tally.stop.is_set():
        with sqlite3.connect(data / "anwen.db", timeout=30) as rows:
            numbers = [row[0] for row in rows.execute("SELECT number FROM tickets ORDER BY id")]
        rows.close()
        if len(numbers) == WITH_A_PERSON:
            return numbers
        time.sleep(0.05)
    raise AssertionError("the tickets never came")


def _verified(path: Path, tally: Tally, seen: dict[int, tuple[str, list[dict[str, Any]]]], each: int) -> str:
    """Check the database against what clients were told; the figures in words."""
    with sqlite3.connect(path) as rows:
        assert rows.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        stored = rows.execute(
            "SELECT c.public_id, m.seq, m.author, m.external_id, m.text, m.status, m.reply_to, m.id "
            "FROM messages m JOIN conversations c ON c.id = m.conversation_id ORDER BY c.id, m.seq"
        ).fetchall()
        chats = rows.execute("SELECT count(*) FROM conversations").fetchone()[0]
        tickets = rows.execute("SELECT count(*), count(DISTINCT conversation_id) FROM tickets").fetchone()
        events = Counter(kind for (kind,) in rows.execute("SELECT kind FROM ticket_events"))
        failures = rows.execute("SELECT count(*) FROM failures").fetchone()[0]
    rows.close()
    replies = Counter(row[6] for row in stored if row[6] is not None)
    citizens = staff = bots = 0
    for number, (conversation, posts) in seen.items():
        chat = [row for row in stored if row[0] == conversation]
        assert [row[1] for row in chat] == list(range(1, len(chat) + 1)), "places without gaps"
        own = [row for row in chat if row[2] == "citizen"]
        assert [row[3] for row in own] == [f"m{turn:03d}" for turn in range(each)], "all, once, in order"
        answers = [row for row in chat if row[2] == "staff"]
        expected = [f"答复 {turn:03d}" for turn in range(each)] if number < WITH_A_PERSON else []
        assert [row[4] for row in answers] == expected, "all, once, in order"
        for turn, row in enumerate(own):
            said = tally.acknowledged[(f"c{number}", f"m{turn:03d}")]
            assert said["message"]["seq"] == row[1]
            assert len(said["replies"]) == replies[row[7]], "every reply once"
            told = {reply["seq"]: reply["text"] for reply in said["replies"]}
            assert told == {place: text for _, place, *_, text, _, _, _ in chat if place in told}
        assert [(post["seq"], post["text"]) for post in posts] == [(row[1], row[4]) for row in chat][
            : len(posts)
        ]
        citizens, staff = citizens + len(own), staff + len(answers)
        bots += len(chat) - len(own) - len(answers)
    assert (chats, tickets, failures) == (CITIZENS, (WITH_A_PERSON, WITH_A_PERSON), 0)
    assert (citizens, staff) == (CITIZENS * each, WITH_A_PERSON * each)
    assert events["answered"] == staff
    assert events["citizen_wrote"] == WITH_A_PERSON * (each - 1)
    return (
        f"{citizens} messages and {staff} answers of staff acknowledged, {bots} replies of the bot; "
        "0 lost, 0 doubled, every chat in order"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
