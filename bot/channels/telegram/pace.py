"""How fast Telegram may be asked: each person, the whole bot, each group. Nothing here waits; it tells how long.

Telegram allows about one message a second to a person (bursts pass), 30 a second in all, and 20 a minute to a group,
edits and new topics included [core.telegram.org/bots/faq, read 2026-11-23]. We stay below each.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.buckets import Buckets

PERSON_A_SECOND, PERSON_BURST = 1.0, 3.0
BOT_A_SECOND = 25.0
GROUP_WINDOW_S = 60.0
_MARGIN_S = 1.0  # a call reaches Telegram later than it left: the window they see is not ours
RESERVE = 4  # calls of a group's window that only urgent tickets and answers to staff may use
_ALL_AT_ONCE, _ALL_WITHIN_S = 3, 10.0  # refusals for so many chats so close together mean the whole bot
_REMEMBERED = 10_000

Clock = Callable[[], float]


class PersonPace:
    """Messages to people. A chat that Telegram refuses waits alone, until several are refused at once."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._people = Buckets(rate=PERSON_A_SECOND, burst=PERSON_BURST)
        self._bot = Buckets(rate=BOT_A_SECOND, burst=BOT_A_SECOND)
        self._blocked: OrderedDict[int, float] = OrderedDict()
        self._all_blocked = 0.0
        self._refused: deque[tuple[float, int]] = deque()

    def take(self, chat_id: int) -> float:
        """Seconds to wait; 0.0 when the message may go now, which then counts."""
        now = self._clock()
        key = str(chat_id)
        wait = max(
            self._people.wait(key, now),
            self._bot.wait("", now),
            self._blocked.get(chat_id, 0.0) - now,
            self._all_blocked - now,
        )
        if wait > 0:
            return wait
        self._people.take(key, now)
        self._bot.take("", now)
        return 0.0

    def refused(self, chat_id: int, seconds: float) -> None:
        """Telegram asked to wait."""
        now = self._clock()
        self._blocked[chat_id] = now + seconds
        self._blocked.move_to_end(chat_id)
        if len(self._blocked) > _REMEMBERED:
            self._blocked.popitem(last=False)
        self._refused.append((now, chat_id))
        while self._refused and self._refused[0][0] < now - _ALL_WITHIN_S:
            self._refused.popleft()
        if len({chat for _, chat in self._refused}) >= _ALL_AT_ONCE:
            self._all_blocked = now + seconds


@dataclass(slots=True)
class _Group:
    calls: deque[float] = field(default_factory=deque)
    blocked: float = 0.0


class GroupPace:
    """Calls that change something in a group: at most `most` in any minute."""

    def __init__(self, *, most: int, clock: Clock = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._groups: dict[int, _Group] = {}

    def wait(self, group_id: int, *, important: bool) -> float:
        """Seconds until the next call; 0.0: now. What is not important leaves some room for what is."""
        now, group = self._clock(), self._group(group_id)
        while group.calls and group.calls[0] <= now - GROUP_WINDOW_S - _MARGIN_S:
            group.calls.popleft()
        most = self._most if important else max(1, self._most - RESERVE)
        wait = group.blocked - now
        if len(group.calls) >= most:
            frees = group.calls[len(group.calls) - most]
            wait = max(wait, frees + GROUP_WINDOW_S + _MARGIN_S - now)
        return max(0.0, wait)

    def took(self, group_id: int, calls: int = 1) -> None:
        """So many messages went out."""
        self._group(group_id).calls.extend([self._clock()] * calls)

    def refused(self, group_id: int, seconds: float) -> None:
        """Telegram asked to wait: this group waits, nobody else."""
        group = self._group(group_id)
        group.blocked = max(group.blocked, self._clock() + seconds)

    def _group(self, group_id: int) -> _Group:
        return self._groups.setdefault(group_id, _Group())
