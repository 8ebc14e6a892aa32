"""The whole channel in a thread and an event loop of its own: receives, deals with it, mirrors the desk, sends.

One process at a time receives and mirrors, told by a lease; every process sends.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

import structlog
from fastapi import APIRouter
from telegram import Bot

from bot.channels.telegram import inbox, links, setup, webhook
from bot.channels.telegram.advice import Advice
from bot.channels.telegram.alarm import Alarm
from bot.channels.telegram.answering import Answering
from bot.channels.telegram.api import Stopped, open_bot, translated
from bot.channels.telegram.citizens import Citizens
from bot.channels.telegram.colleagues import Colleagues
from bot.channels.telegram.counts import Counts
from bot.channels.telegram.lease import Lease
from bot.channels.telegram.mirror import Mirror
from bot.channels.telegram.orders import Orders
from bot.channels.telegram.pace import GroupPace, PersonPace
from bot.channels.telegram.plan import Planner
from bot.channels.telegram.poller import Poller
from bot.channels.telegram.public import Public
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.sender import Sender
from bot.channels.telegram.words import Words
from bot.channels.telegram.worker import Worker
from bot.config import Config
from bot.conversation.engine import Engine
from bot.conversation.model import Address
from bot.conversation.understanding import Search
from bot.errors import ChannelError, ConfigError
from bot.metrics import Metrics
from bot.storage.database import Database
from bot.tickets.desk import Desk
from intents.fraud.meaning import Encode

log = structlog.get_logger(__name__)

TIDY_S = 60.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LONGEST_STOP_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the channel is made of, from outside."""

    config: Config
    engine: Engine
    database: Database
    desk: Desk
    search: Search
    metrics: Metrics
    clock: Callable[[], datetime]
    told: Callable[[Address], None] = lambda _: None  # the chat of this address got a message
    encode: Encode | None = None  # of the check for fraud in citizens' groups


class Telegram:
    """The channel. A context manager: it runs from entering to leaving."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._settings = parts.config.telegram
        self._token = self._settings.token.get_secret_value()
        self._bot_id = bot_id_of(self._token)
        self._counts = Counts(parts.metrics.registry)
        self._pace = GroupPace(most=self._settings.group_calls_per_minute)
        self._lease = Lease(database=parts.database, bot_id=self._bot_id, clock=parts.clock)
        self._stop = Event()
        self._thread = Thread(target=self._run, name="telegram", daemon=True)
        self._worker: Worker | None = None
        self._mirror: Mirror | None = None
        self.sender = Sender(
            database=parts.database, pace=PersonPace(), counts=self._counts, clock=parts.clock
        )
        self.alarm = Alarm(
            settings=self._settings.groups,
            words=Words(self._settings.staff_language),
            wording=parts.engine.wording,
        )

    @property
    def router(self) -> APIRouter | None:
        """The route Telegram posts to; None when we ask ourselves."""
        if self._settings.mode != "webhook":
            return None
        return webhook.create_router(
            webhook.hook_of(self._token),
            bot_id=self._bot_id,
            database=self._parts.database,
            clock=self._parts.clock,
            wake=self._wake_worker,
        )

    def wake(self) -> None:
        """Something was committed; from any thread."""
        if self._mirror is not None:
            self._mirror.wake()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(LONGEST_STOP_S)

    # --- the thread ---------------------------------------------------------------------------------------

    def _wake_worker(self) -> None:
        if self._worker is not None:
            self._worker.wake()

    def _run(self) -> None:
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        running = asyncio.create_task(self._again_and_again())
        await asyncio.to_thread(self._stop.wait)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    async def _again_and_again(self) -> None:
        """Whatever breaks begins again; a wrong token is said loudly, and the rest of the desk goes on."""
        wait_s = FIRST_WAIT_S
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._session()
            except ChannelError as error:
                stopped = isinstance(error, Stopped)
                log.error("telegram_refuses_us" if stopped else "telegram_unreachable", reason=str(error))
            except Exception as error:
                log.exception("telegram_failed", error=type(error).__name__)
            if asyncio.get_running_loop().time() - began > LONGEST_WAIT_S:
                wait_s = FIRST_WAIT_S
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _session(self) -> None:
        bot = open_bot(self._token, api=self._settings.api)
        try:
            with translated():
                await bot.initialize()
            self.sender.use(bot, asyncio.get_running_loop())
            await self._lease.wait()
            await self._serve(bot)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            self.sender.use(None, None)
            self._worker = self._mirror = None
            await asyncio.to_thread(self._lease.let_go)
            await bot.shutdown()

    async def _serve(self, bot: Bot) -> None:
        parts, settings = self._parts, self._settings
        icons = await setup.prepare(bot, parts.config, parts.engine.wording)
        words = Words(settings.staff_language)
        planner = Planner(
            words=words, wording=parts.engine.wording, zone=parts.config.district.zone, icons=icons
        )
        mirror = Mirror(
            settings.groups,
            database=parts.database,
            planner=planner,
            pace=self._pace,
            counts=self._counts,
            clock=parts.clock,
        )
        worker = Worker(
            database=parts.database,
            bot_id=self._bot_id,
            handler=self._reception(bot, words),
            wording=parts.engine.wording,
            counts=self._counts,
            clock=parts.clock,
        )
        self._worker, self._mirror = worker, mirror
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lease.keep())
            group.create_task(self._tidy())
            group.create_task(worker.run())
            group.create_task(mirror.run(bot))
            if settings.mode == "polling":
                group.create_task(self._poller(worker).run())

    def _reception(self, bot: Bot, words: Words) -> Reception:
        parts, settings = self._parts, self._settings
        wording, me = parts.engine.wording, (bot.username or "").lower()
        answering = Answering(
            desk=parts.desk,
            wording=wording,
            words=words,
            undo_window=settings.undo_window,
            clock=parts.clock,
        )
        orders = Orders(
            database=parts.database,
            desk=parts.desk,
            wording=wording,
            words=words,
            advice=Advice(
                database=parts.database,
                wording=wording,
                words=words,
                search=parts.search,
                answering=answering,
                clock=parts.clock,
            ),
            answering=answering,
            reply_mode=settings.reply_mode,
            clock=parts.clock,
        )
        return Reception(
            bot=bot,
            database=parts.database,
            settings=settings.groups,
            citizens=Citizens(
                settings,
                engine=parts.engine,
                database=parts.database,
                desk=parts.desk,
                metrics=parts.metrics,
                clock=parts.clock,
            ),
            colleagues=Colleagues(
                database=parts.database,
                desk=parts.desk,
                wording=wording,
                words=words,
                answering=answering,
                orders=orders,
                clock=parts.clock,
                me=me,
            ),
            orders=orders,
            public=Public(bot=bot, database=parts.database, wording=wording, me=me, encode=parts.encode),
            told=parts.told,
        )

    def _poller(self, worker: Worker) -> Poller:
        return Poller(
            url=f"{self._settings.api}/bot{self._token}",
            bot_id=self._bot_id,
            database=self._parts.database,
            counts=self._counts,
            clock=self._parts.clock,
            wake=worker.wake,
        )

    async def _tidy(self) -> None:
        while True:
            await asyncio.to_thread(self.tidy)
            await asyncio.sleep(TIDY_S)

    def tidy(self) -> None:
        """Delete what is no longer needed, or no longer may be known."""
        with self._parts.database.transaction() as tx:
            inbox.prune(tx, now=self._parts.clock())
            links.forget_erased(tx)


def bot_id_of(token: str) -> int:
    """The number before the colon. Raises ConfigError for what is no token; never quotes it."""
    head, colon, tail = token.partition(":")
    if not (head.isdecimal() and colon and tail):
        raise ConfigError(
            "ANWEN_TELEGRAM__TOKEN: is no token of a bot; copy it from @BotFather: digits, a colon, letters"
        )
    return int(head)
