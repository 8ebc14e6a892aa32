"""An hour at a busy desk in seconds: 3,000 messages of citizens, one staff group that takes 20 calls in any minute.

The clock is ours, the HTTP is real, and the fake refuses whatever passes a limit.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

import httpx
import pytest

from bot.channels.telegram import inbox
from bot.channels.telegram.api import open_bot
from bot.channels.telegram.citizens import Citizens
from bot.channels.telegram.counts import Counts
from bot.channels.telegram.events import Event, Said
from bot.channels.telegram.mirror import Mirror
from bot.channels.telegram.pace import GroupPace, PersonPace
from bot.channels.telegram.plan import Planner
from bot.channels.telegram.poller import Poller
from bot.channels.telegram.sender import Sender
from bot.channels.telegram.words import Words
from bot.channels.telegram.worker import Worker
from bot.metrics import Metrics
from bot.outbox import Outbox
from tests.bot.channels.telegram.fake.people import Telegram, platform
from tests.bot.channels.telegram.fake.state import BOT_ID, FIRST_GROUP, TOKEN
from tests.bot.tickets.world import Office, open_office
from tests.world import MORNING, Clock

TICKETS, URGENT, UPDATES, HOUR = 60, 6, 3_000, 3_600
TICK = timedelta(seconds=4)
OPENING = TICKETS * 4  # seconds in which the tickets are opened, one a tick


@dataclass
class Only:
    """The worker's handler for private chats."""

    citizens: Citizens

    async def handle(self, event: Event, row_id: int) -> None:
        assert isinstance(event, Said)
        await asyncio.to_thread(self.citizens.said, event, None, row_id)


@dataclass
class Figures:
    """What was measured, in seconds of the desk's clock."""

    shown: dict[str, float] = field(default_factory=dict)  # token → when the topic showed it
    said: dict[str, tuple[float, int]] = field(default_factory=dict)
    answered: list[float] = field(default_factory=list)


@pytest.mark.slow
def test_3000_updates_pass_a_strict_group_with_urgent_tickets_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    clock = Clock(now=MORNING)
    with (
        platform(clock=lambda: clock().timestamp()) as telegram,
        open_office(
            tmp_path,
            clock=clock,
            telegram={
                "api": telegram.url,
                "groups": {"default": [FIRST_GROUP]},
                "messages_per_minute": 100_000,
            },
        ) as office,
    ):
        telegram.forum()
        figures = asyncio.run(_hour(telegram, office, clock))
        urgent = {f"tok{number:04d}x" for number in range(UPDATES) if number % TICKETS < URGENT}
        delays = {token: figures.shown[token] - at for token, (at, _) in figures.said.items()}
        rushed = [delay for token, delay in delays.items() if token in urgent]
        others = [delay for token, delay in delays.items() if token not in urgent]

        assert telegram.state.refusals == []
        assert len(figures.shown) == UPDATES
        assert max(rushed) < 60 < max(others)
        assert median(rushed) < median(others)
        assert max(figures.answered) <= TICK.total_seconds()
        with office.database.reading() as tx:
            assert inbox.waiting(tx, BOT_ID) == 0
    with capsys.disabled():
        print(
            f"\npacing: {UPDATES} updates in an hour, {len(telegram.state.calls)} calls, 0 refused; until a topic "
            f"showed them: urgent median {median(rushed):.0f} s, worst {max(rushed):.0f} s; "
            f"others median {median(others):.0f} s, worst {max(others):.0f} s; "
            f"{len(figures.answered)} answers of the bot meanwhile, worst {max(figures.answered):.0f} s"
        )


async def _hour(telegram: Telegram, office: Office, clock: Clock) -> Figures:
    """Play it; in the end everything is shown."""
    counts, metrics, words = Counts(), Metrics(), Words("zh")

    def seconds() -> float:
        return clock().timestamp()

    settings = office.config.telegram
    sender = Sender(database=office.database, pace=PersonPace(seconds), counts=counts, clock=clock)
    citizens = Citizens(
        settings,
        engine=office.engine,
        database=office.database,
        desk=office.desk,
        metrics=metrics,
        clock=clock,
        ticks=seconds,
    )
    worker = Worker(
        database=office.database,
        bot_id=BOT_ID,
        handler=Only(citizens),
        wording=office.engine.wording,
        counts=counts,
        clock=clock,
    )
    poller = Poller(
        url=f"{telegram.url}/bot{TOKEN}",
        bot_id=BOT_ID,
        database=office.database,
        counts=counts,
        clock=clock,
        wake=worker.wake,
        long_poll_s=0,
    )
    planner = Planner(words=words, wording=office.engine.wording, zone=office.config.district.zone, icons={})
    mirror = Mirror(
        settings.groups,
        database=office.database,
        planner=planner,
        pace=GroupPace(most=settings.group_calls_per_minute, clock=seconds),
        counts=counts,
        clock=clock,
    )
    outbox = Outbox(
        database=office.database, channels={"telegram": sender}, wording=office.engine.wording, clock=clock
    )
    bot = open_bot(TOKEN, api=telegram.url)
    async with bot, httpx.AsyncClient() as client:
        sender.use(bot, asyncio.get_running_loop())
        working = asyncio.create_task(worker.run())

        async def turn() -> None:
            while telegram.state.updates:
                await poller.once(client)
                await poller.once(client)
            while await asyncio.to_thread(_waiting, office):
                await asyncio.sleep(0.002)
            await outbox.deliver_due()
            while await mirror.step(bot, FIRST_GROUP) == 0.0:
                pass

        figures = await _played(telegram, office, clock, turn)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    return figures


async def _played(
    telegram: Telegram, office: Office, clock: Clock, turn: Callable[[], Awaitable[None]]
) -> Figures:
    chance, figures = random.Random(3), Figures()
    opening = list(range(TICKETS))
    moments = sorted(chance.uniform(OPENING, HOUR) for _ in range(UPDATES))
    start, said = clock(), 0
    while said < UPDATES or len(figures.shown) < UPDATES:
        now = (clock() - start).total_seconds()
        while said < UPDATES and moments[said] <= now:
            token, citizen = f"tok{said:04d}x", 100 + said % TICKETS
            telegram.say(citizen, f"补充一点 {token}")
            figures.said[token] = (clock().timestamp(), citizen)
            said += 1
        if opening:
            citizen = opening.pop(0)
            telegram.say(100 + citizen, "我刚把钱转给骗子了" if citizen < URGENT else "转人工")
        asker = 1_000 + int(now)
        telegram.say(asker, "老板拖欠工资怎么办")
        asked = clock().timestamp()
        await turn()
        assert any("12333" in text for text in telegram.texts(asker)), "the bot's answer waits for nothing"
        figures.answered.append(clock().timestamp() - asked)
        _look(telegram, figures)
        assert now < 3 * HOUR, "the topics never catch up"
        clock.forward(TICK)
    _in_order(telegram)
    return figures


def _look(telegram: Telegram, figures: Figures) -> None:
    """Remember when each token was first shown; only new messages are read."""
    shown = telegram.state.messages[FIRST_GROUP]
    for number in range(max(2, len(shown) - 40), len(shown) + 2):
        for token in _tokens(shown.get(number, {}).get("text", "")):
            figures.shown.setdefault(token, float(shown[number]["date"]))


def _in_order(telegram: Telegram) -> None:
    """In every topic what a citizen said stands once, in the order in which they said it."""
    for thread in telegram.topics():
        tokens = [token for text in telegram.texts(FIRST_GROUP, thread=thread) for token in _tokens(text)]
        assert tokens == sorted(set(tokens))


def _tokens(text: str) -> list[str]:
    return [f"tok{rest[:5]}" for rest in text.split("tok")[1:]]


def _waiting(office: Office) -> int:
    with office.database.reading() as tx:
        return inbox.waiting(tx, BOT_ID)
