"""Work done beside native code: the encoder leaves the interpreter free for the eight tenths of a search that it takes,
so what does not wait for its vector is worked out meanwhile on another core. Measured in docs/benchmarks.md.

Two threads that both compute take the interpreter from each other, so the work begins when the native call does, not
before: `going_native`.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import local
from typing import Any, Generic, TypeVar

WORKERS = 8  # messages that are understood at the same time; more wait their turn

Found = TypeVar("Found")

_pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="beside")


class _Waiting(local):
    """What this thread wants done beside its next native call."""

    def __init__(self) -> None:
        self.works: list[Work[Any]] = []
        self.is_worker = False


class Work(Generic[Found]):
    """Something to be worked out once."""

    def __init__(self, do: Callable[[], Found]) -> None:
        self._do = do
        self._found: Future[Found] = Future()

    def result(self) -> Found:
        """What was found; here and now, where no native call came in between. Raises what the work raises."""
        if self in _waiting.works:
            _waiting.works.remove(self)
            return self._do()
        return self._found.result()

    def run(self) -> None:
        """Work it out."""
        try:
            self._found.set_result(self._do())
        except BaseException as error:
            self._found.set_exception(error)


_waiting = _Waiting()


def beside(do: Callable[[], Found]) -> Work[Found]:
    """`do`, to be done beside this thread's next native call."""
    work = Work(do)
    _waiting.works.append(work)
    return work


def going_native() -> None:
    """To be called right before a native call that leaves the interpreter free for milliseconds."""
    if _waiting.works and not _waiting.is_worker:  # the workers could all wait for each other
        works, _waiting.works = _waiting.works, []
        _pool.submit(_run, works)


def _run(works: list[Work[Any]]) -> None:
    _waiting.is_worker = True
    for work in works:  # one after the other: they only compute
        work.run()
