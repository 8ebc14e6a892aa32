"""Keeps the topics of the staff groups like the desk: it compares what a topic shows with what is, and does the most
important thing that differs, one call at a time and never faster than a group allows.

Nothing is queued in memory: what waits is told from the tables at every look, so that what waits together goes out
together, urgent tickets first, and a process that dies loses nothing.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection
from telegram import Bot

from bot.channels.telegram import deeds, groups, links, look, topics
from bot.channels.telegram.api import (
    Ambiguous,
    MessageLost,
    Migrated,
    Stopped,
    TopicClosed,
    TopicLost,
    Unchanged,
    translated,
)
from bot.channels.telegram.counts import Counts
from bot.channels.telegram.deeds import Deed
from bot.channels.telegram.look import Behind
from bot.channels.telegram.marks import Marks
from bot.channels.telegram.pace import GroupPace
from bot.channels.telegram.plan import Later, Moves, Planner, Seen, UpToDate
from bot.channels.telegram.topics import REACT, SAY, Job
from bot.config_channels import TelegramGroups
from bot.conversation.delivery import Trouble
from bot.errors import RetryLater, Undeliverable
from bot.storage.database import Database
from bot.tickets import queue

log = structlog.get_logger(__name__)

POLL_S = 1.0  # how long another process's change may go unnoticed
NO_RIGHTS_S = 60.0  # before a group that refuses us is tried again
AGAIN_S = 5.0
MOST_LOOKED_AT = 25  # tickets a look goes through until it finds something to do

Look = Deed | float  # what to do, or how many seconds nothing is to be done


class Mirror:
    """The groups of staff. One process serves them."""

    def __init__(
        self,
        settings: TelegramGroups,
        *,
        database: Database,
        planner: Planner,
        pace: GroupPace,
        counts: Counts,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._planner = planner
        self._pace = pace
        self._counts = counts
        self._clock = clock
        self._marks = Marks(words=planner.words, wording=planner.wording, clock=clock)
        self._woken: dict[int, asyncio.Event] = {group: asyncio.Event() for group in settings.every}
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Something was committed; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for event in self._woken.values():
            event.set()

    async def run(self, bot: Bot) -> None:
        """Serve every group until cancelled."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            for home in self._woken:
                group.create_task(self._serve(bot, home))

    async def _serve(self, bot: Bot, home: int) -> None:
        woken = self._woken[home]
        while True:
            woken.clear()
            try:
                wait = await self.step(bot, home)
            except Exception as error:
                log.exception("topics_failed", error=type(error).__name__)
                wait = AGAIN_S
            if wait <= 0:
                continue
            if (
                wait > POLL_S
            ):  # the group's limit: nothing that happens meanwhile changes it, but urgent things
                wait = POLL_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await woken.wait()

    async def step(self, bot: Bot, home: int) -> float:
        """Do one thing in the group configured as `home`, if there is one and it may be done.

        Seconds until it is worth looking again; 0.0 when something was done.
        """
        group_id, found = await asyncio.to_thread(self._look, home)
        if not isinstance(found, Deed):
            return found
        wait = self._pace.wait(group_id, important=found.important)
        if wait > 0:
            return wait
        await self._do(bot, group_id, found)
        return 0.0

    # --- looking ------------------------------------------------------------------------------------------

    def _look(self, home: int) -> tuple[int, Look]:
        """The most important thing to do in the group."""
        with self._database.reading() as tx:
            group_id = groups.current(tx, home)
            job = topics.owed(tx, group_id, SAY)
            if job is not None:
                return group_id, self._answer(tx, job)
            waiting = look.behind(tx, self._settings, group_id)
        self._counts.behind.set(len(waiting))
        wait = POLL_S
        for candidate in waiting[:MOST_LOOKED_AT]:
            found = self._next(candidate)
            if isinstance(found, Deed):
                return group_id, found
            wait = min(wait, found)
        with self._database.reading() as tx:
            return group_id, self._small_things(tx, group_id) or self._marks.next(tx, group_id) or wait

    def _answer(self, tx: Connection, job: Job) -> Deed:
        """The words owed to staff. A closed topic is opened for them, and closed again when its ticket is over:
        who answered a citizen last must hear that it did not arrive.
        """
        topic = topics.by_thread(tx, job.group_id, job.thread_id) if job.thread_id else None
        if topic is not None and topic.closed:
            return deeds.set_closed(topic, closed=False)
        return deeds.say(job)

    def _next(self, candidate: Behind) -> Look:
        """The next deed for a ticket; steps that need no call are done at once."""
        while True:
            now = self._clock()
            with self._database.reading() as tx:
                view = look.view(tx, self._settings, candidate.ticket_id, now=now)
            step = self._planner.next_step(view, now=now)
            match step:
                case Deed():
                    return replace(step, important=candidate.urgent and candidate.has_words)
                case Later():
                    return step.seconds
                case Seen():
                    self._store(candidate.ticket_id, seen_seq=step.seq, seen_note=step.note_id)
                case UpToDate():
                    self._store(candidate.ticket_id, seen_version=step.version)
                    return POLL_S
                case Moves():
                    self._moved(candidate.ticket_id, step.group_id)
                    return 0.0  # from here on it is the other group's: two would make two topics

    def _store(self, ticket_id: int, **values: int) -> None:
        with self._database.transaction() as tx:
            topics.change(tx, ticket_id, **values)

    def _moved(self, ticket_id: int, group_id: int) -> None:
        """Colleagues there have seen nothing of it yet."""
        with self._database.transaction() as tx:
            topics.lose(tx, ticket_id)
            first = look.beginning(tx, queue.get(tx, ticket_id))
            topics.change(tx, ticket_id, group_id=group_id, seen_seq=first, seen_note=0)

    def _small_things(self, tx: Connection, group_id: int) -> Deed | None:
        topic = look.ownerless(tx, group_id)
        if topic is not None:
            return deeds.delete(topic)
        job = topics.owed(tx, group_id, REACT)
        return deeds.react(job) if job is not None else None

    # --- doing --------------------------------------------------------------------------------------------

    async def _do(self, bot: Bot, group_id: int, deed: Deed) -> None:
        self._pace.took(group_id, deed.calls)
        try:
            with translated():
                result = await deed.send(bot)
        except Unchanged:
            result = None
        except TopicLost:
            await asyncio.to_thread(self._lost, deed)
            return
        except TopicClosed:
            await asyncio.to_thread(self._closed, deed)
            return
        except Migrated as error:
            await asyncio.to_thread(self._migrated, group_id, error.chat_id)
            return
        except RetryLater as error:
            self._wait(group_id, error)
            return
        except Stopped as error:
            log.error("telegram_stopped", reason=str(error))
            self._pace.refused(group_id, NO_RIGHTS_S)
            return
        except (Undeliverable, MessageLost) as error:
            if not await self._given_up(group_id, deed, str(error)):
                return
            result = None
        self._counts.sent.labels("group").inc()
        await asyncio.to_thread(self._settle, deed, result)

    def _wait(self, group_id: int, error: RetryLater) -> None:
        if isinstance(error, Ambiguous):
            self._counts.unsure.inc()
        else:
            self._counts.limited.labels("group").inc()
        self._pace.refused(group_id, error.after.total_seconds() if error.after else AGAIN_S)

    async def _given_up(self, group_id: int, deed: Deed, reason: str) -> bool:
        """Whether it goes on without it. What a topic needs, or a group that threw us out, is tried again later."""
        self._counts.refused.labels(deed.name).inc()
        log.error("telegram_refused", deed=deed.name, ticket=deed.ticket_id, reason=reason)
        if deed.essential or reason in (Trouble.BLOCKED, Trouble.GONE):
            self._pace.refused(group_id, NO_RIGHTS_S)
            return False
        return True

    def _settle(self, deed: Deed, result: object) -> None:
        with self._database.transaction() as tx:
            deed.settle(tx, result)

    def _lost(self, deed: Deed) -> None:
        """Somebody deleted the topic."""
        with self._database.transaction() as tx:
            if deed.name == "delete" or deed.ticket_id is None:
                deed.settle(tx, None)  # gone is what it should be; words for a lost topic have no reader
                return
            topic = topics.of_ticket(tx, deed.ticket_id)
            if topic is not None and topic.thread_id is not None:
                links.forget_topic(tx, topic.group_id, topic.thread_id)
                topics.lose(tx, deed.ticket_id)
        self._counts.topics_lost.inc()

    def _closed(self, deed: Deed) -> None:
        with self._database.transaction() as tx:
            ticket_id = deed.ticket_id
            if deed.thread is not None:
                topic = topics.by_thread(tx, *deed.thread)
                ticket_id = topic.ticket_id if topic is not None else None
            has_words = deed.thread is not None
            if ticket_id is None or not (has_words or queue.get(tx, ticket_id).is_live):
                deed.settle(tx, None)  # over: what comes after the end is in the console
                return
            topics.change(tx, ticket_id, closed=True, seen_version=-1)

    def _migrated(self, old: int, new: int) -> None:
        with self._database.transaction() as tx:
            groups.moved(tx, old, new)
            topics.move_group(tx, old, new)
