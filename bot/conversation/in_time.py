"""A limit on work that may never end: a hung encoder or index must not hang the person who waits.

The work runs on a thread of its own. Past the limit nobody waits for it any more and what it still finds is thrown
away; its thread cannot be killed, so once too many are stuck the next person is told at once.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeVar

MOST_STUCK = 16  # pieces of work past the limit and still running, from which on no other is begun

Found = TypeVar("Found")
_Job = Callable[[], None]


class InTime:
    """Runs work and waits `limit` for it, no longer. Safe to call from many threads."""

    def __init__(self, limit: timedelta) -> None:
        self._limit_s = limit.total_seconds()
        self._idle: deque[SimpleQueue[_Job]] = deque()  # threads that wait for work
        self._stuck = 0
        self._lock = Lock()  # over the count

    @property
    def stuck(self) -> int:
        """How many pieces of work are past the limit and still running."""
        return self._stuck

    def run(self, work: Callable[[], Found]) -> Found:
        """What `work` returns or raises. Raises TimeoutError when it takes too long, or too many hang already."""
        if self._stuck >= MOST_STUCK:
            raise TimeoutError(f"{self._stuck} messages before this one are stuck")
        found: Future[Found] = Future()
        self._thread().put(lambda: _settle(found, work))
        try:
            return found.result(self._limit_s)
        except TimeoutError:
            if not found.done():
                self._count(1)
                found.add_done_callback(lambda _: self._count(-1))
            raise

    def _count(self, more: int) -> None:
        with self._lock:
            self._stuck += more

    def _thread(self) -> SimpleQueue[_Job]:
        """The inbox of a thread that is free. Daemons: a stuck one must not hold up the end of the program."""
        try:
            return self._idle.pop()
        except IndexError:
            inbox: SimpleQueue[_Job] = SimpleQueue()
            Thread(target=self._serve, args=(inbox,), name="understanding", daemon=True).start()
            return inbox

    def _serve(self, inbox: SimpleQueue[_Job]) -> None:
        while True:
            inbox.get()()
            self._idle.append(inbox)


def _settle(found: Future[Found], work: Callable[[], Found]) -> None:
    try:
        found.set_result(work())
    except BaseException as error:  # whoever waits raises it
        found.set_exception(error)
