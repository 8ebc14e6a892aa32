"""How fast one person may write to the bot. Over it everything is recorded, but not answered; danger always is."""

import time
from collections.abc import Callable

from bot.channels.buckets import Buckets
from intents.triage import triage

BURST = 6.0
FILES_BURST = 20.0  # two albums at once; what comes faster is not fetched, staff see it in Telegram
TOLD_EVERY_S = 60.0  # how often one person is told to slow down
_TRIAGED = 4_096
_REMEMBERED = 10_000


class Flood:
    """The buckets of everybody who writes.

    Args:
        slowed: called for every message that comes too fast.
    """

    def __init__(
        self,
        *,
        messages_per_minute: int,
        slowed: Callable[[], None],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        rate = messages_per_minute / 60
        self._messages = Buckets(rate=rate, burst=BURST)
        self._files = Buckets(rate=rate, burst=FILES_BURST)
        self._slowed = slowed
        self._ticks = ticks
        self._told: dict[int, float] = {}

    def is_too_much(self, chat_id: int, text: str = "") -> bool:
        """Whether a message, which then counts, comes too fast to be answered."""
        if self._takes(self._messages, chat_id) or triage(text[:_TRIAGED]).urgent:
            return False
        self._slowed()
        return True

    def takes_file(self, chat_id: int) -> bool:
        """Whether one more file, which then counts, is fetched and kept."""
        return self._takes(self._files, chat_id)

    def slow_down(self, chat_id: int) -> str | None:
        """The phrase that asks for patience; None for who heard it a moment ago."""
        now = self._ticks()
        if now - self._told.get(chat_id, -TOLD_EVERY_S) < TOLD_EVERY_S:
            return None
        if len(self._told) > _REMEMBERED:
            self._told.clear()
        self._told[chat_id] = now
        return "slow_down"

    def _takes(self, buckets: Buckets, chat_id: int) -> bool:
        now, key = self._ticks(), str(chat_id)
        if buckets.wait(key, now) > 0.0:
            return False
        buckets.take(key, now)
        return True
