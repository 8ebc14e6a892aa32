"""What a serving process does besides answering: the outbox and the sweeps, each in a thread of its own."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

import structlog

from bot.outbox import Outbox
from bot.upkeep import Upkeep

log = structlog.get_logger(__name__)

OFTEN_S, SOMETIMES_S, RARELY_S = 10.0, 60.0, 3600.0
LONGEST_STOP_S = 10.0


class Background:
    """Runs from entering the context to leaving it. A sweep that fails is logged and tried again in its time.

    Args:
        outbox: None where no channel needs pushing.
    """

    def __init__(self, *, upkeep: Upkeep, outbox: Outbox | None = None) -> None:
        self._stop = Event()
        self._threads = [
            Thread(target=self._every, args=(seconds, sweep), name=f"upkeep-{seconds:.0f}", daemon=True)
            for seconds, sweep in (
                (OFTEN_S, upkeep.often),
                (SOMETIMES_S, upkeep.sometimes),
                (RARELY_S, upkeep.rarely),
            )
        ]
        if outbox is not None:
            self._threads.append(Thread(target=self._deliver, args=(outbox,), name="outbox", daemon=True))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(LONGEST_STOP_S)

    def _every(self, seconds: float, sweep: Callable[[], None]) -> None:
        while True:
            try:
                sweep()
            except Exception as error:
                log.exception("sweep_failed", sweep=sweep.__name__, error=type(error).__name__)
            if self._stop.wait(seconds):
                return

    def _deliver(self, outbox: Outbox) -> None:
        asyncio.run(self._until_stopped(outbox))

    async def _until_stopped(self, outbox: Outbox) -> None:
        running = asyncio.create_task(self._again_and_again(outbox))
        await asyncio.to_thread(self._stop.wait)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    async def _again_and_again(self, outbox: Outbox) -> None:
        while True:
            try:
                await outbox.run()
            except Exception as error:
                log.exception("outbox_failed", error=type(error).__name__)
                await asyncio.sleep(OFTEN_S)
