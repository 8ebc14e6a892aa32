"""One way out: queued messages are pushed to their channels, in order per conversation, until they arrive.

A message is claimed by a lease in its row, sent, and settled: sent, tried again later, waiting for the person, or
failed with a reason. A process that dies in between loses the lease and the message is sent again: at least once,
never lost. Nothing is kept in memory that the rows do not hold.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.channels.base import Pushing
from bot.conversation import delivery, transcript
from bot.conversation.delivery import Parcel, Trouble, needs_attention
from bot.conversation.model import Author, Reply
from bot.conversation.wording import Wording
from bot.errors import RetryLater, Undeliverable, WindowClosed
from bot.storage.database import Database

__all__ = ["Backoff", "Outbox", "needs_attention"]

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 16  # conversations that are sent to at the same time
POLL_S = 1.0  # a commit of this process wakes it at once; this is for other processes and for what waited
SEND_LIMIT = timedelta(seconds=30)
LEASE = timedelta(minutes=2)  # longer than any send may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait between attempts; with the defaults it gives up after about six hours."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=10)
    most_attempts: int = 40
    jitter: float = 0.2  # share of the wait, so that not everything comes back at once

    def wait(self, attempts: int, *, after: timedelta | None, chance: float) -> timedelta | None:
        """How long to wait after this many attempts; None to give up.

        Args:
            after: what the platform asked for; never shortened.
            chance: 0 to 1, picks the place within the jitter.
        """
        if attempts >= self.most_attempts:
            return None
        if after is not None:
            return after * (1 + self.jitter * chance)
        wait: timedelta = min(self.first * (1 << min(attempts - 1, 30)), self.longest)
        return wait * (1 + self.jitter * (2 * chance - 1))


class Outbox:
    """Delivers the queued messages of the channels that need pushing. One a process; any number of processes.

    Args:
        channels: by name, as it stands in addresses. Messages of other channels wait for their person.
        chance: 0 to 1, for the jitter.
    """

    def __init__(
        self,
        *,
        database: Database,
        channels: Mapping[str, Pushing],
        wording: Wording,
        clock: Callable[[], datetime],
        backoff: Backoff = Backoff(),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._channels = channels
        self._wording = wording
        self._clock = clock
        self._backoff = backoff
        self._chance = chance
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Something was committed; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed in between: the next start finds the rows
                self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._unpark)
        sending: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._woken.clear()  # before looking: a wake while we look is not lost
                for parcel in await self._claimed(MOST_AT_ONCE - len(sending)):
                    task = asyncio.create_task(self._deliver(parcel))
                    sending.add(task)
                    task.add_done_callback(sending.discard)
                    task.add_done_callback(lambda _: self._woken.set())  # the next of its conversation
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):  # wait_for may lose a cancellation
                        await self._woken.wait()
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def deliver_due(self) -> int:
        """Deliver everything that is due now; how many attempts that took."""
        attempts = 0
        while parcels := await self._claimed(MOST_AT_ONCE):
            await asyncio.gather(*(self._deliver(parcel) for parcel in parcels))
            attempts += len(parcels)
        return attempts

    async def _claimed(self, limit: int) -> tuple[Parcel, ...]:
        if limit <= 0:
            return ()
        try:
            return await asyncio.to_thread(self._claim, limit)
        except Exception as error:
            log.exception("outbox_cannot_look", error=type(error).__name__)
            await asyncio.sleep(POLL_S)
            return ()

    def _claim(self, limit: int) -> tuple[Parcel, ...]:
        now = self._clock()
        with self._database.reading() as tx:  # most looks find nothing: they take no lock
            if not delivery.is_due(tx, now=now):
                return ()
        with self._database.transaction() as tx:
            return delivery.claim(tx, now=now, lease_until=now + LEASE, limit=limit)

    def _unpark(self) -> None:
        with self._database.transaction() as tx:
            delivery.unpark(tx, now=self._clock())

    async def _deliver(self, parcel: Parcel) -> None:
        channel = self._channels.get(parcel.to.channel)
        if channel is None:
            await asyncio.to_thread(self._park, parcel, None)
            return
        try:
            async with asyncio.timeout(SEND_LIMIT.total_seconds()):
                await channel.send(parcel.to, self._reply(parcel), key=parcel.post.id)
        except WindowClosed:
            await asyncio.to_thread(self._park, parcel, Trouble.WINDOW_CLOSED)
        except Undeliverable as error:
            await asyncio.to_thread(self._fail, parcel, str(error))
        except RetryLater as error:
            await asyncio.to_thread(self._retry, parcel, str(error), error.after)
        except TimeoutError:
            await asyncio.to_thread(self._retry, parcel, Trouble.UNREACHABLE, None)
        except Exception as error:
            log.exception("send_failed", channel=channel.name, error=type(error).__name__)
            await asyncio.to_thread(self._retry, parcel, Trouble.BROKEN, None)
        else:
            await asyncio.to_thread(self._sent, parcel)

    def _reply(self, parcel: Parcel) -> Reply:
        """As people see it; an answer of staff says which desk speaks."""
        reply = transcript.reply_of(parcel.post)
        desk = parcel.post.payload.get("desk")
        if parcel.post.author is not Author.STAFF or desk is None:
            return reply
        name = self._wording.say(f"queue_{desk}", parcel.language)
        head = self._wording.say("ticket_answer", parcel.language, desk=name)
        return replace(reply, text=f"{head}\n{reply.text}")

    def _sent(self, parcel: Parcel) -> None:
        with self._database.transaction() as tx:
            delivery.sent(tx, parcel)

    def _park(self, parcel: Parcel, error: str | None) -> None:
        with self._database.transaction() as tx:
            delivery.parked(tx, parcel, error)

    def _fail(self, parcel: Parcel, error: str) -> None:
        log.warning("undeliverable", channel=parcel.to.channel, message=parcel.post.id, reason=error)
        with self._database.transaction() as tx:
            delivery.failed(tx, parcel, error)

    def _retry(self, parcel: Parcel, error: str, after: timedelta | None) -> None:
        wait = self._backoff.wait(parcel.attempts, after=after, chance=self._chance())
        if wait is None:
            self._fail(parcel, Trouble.GIVEN_UP)
            return
        log.info("send_postponed", channel=parcel.to.channel, message=parcel.post.id, wait=str(wait))
        with self._database.transaction() as tx:
            delivery.postponed(tx, parcel, error, until=self._clock() + wait)
