"""Durations, and what is said of many of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np


@dataclass(frozen=True, slots=True)
class Sample:
    """How long the same thing took, each time it was done, in milliseconds."""

    ms: tuple[float, ...]

    def percentile(self, percent: float) -> float:
        """The duration that `percent` of the times stay at or below; nan for an empty sample."""
        return float(np.percentile(self.ms, percent)) if self.ms else float("nan")

    @property
    def p50(self) -> float:
        """The median."""
        return self.percentile(50)

    @property
    def p99(self) -> float:
        """What one in a hundred exceeds."""
        return self.percentile(99)

    def where(self, chosen: Sequence[bool]) -> "Sample":
        """The durations whose place in `chosen` is True."""
        return Sample(tuple(ms for ms, is_chosen in zip(self.ms, chosen, strict=True) if is_chosen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The same laps by the clock, and by the processor: all threads of this process together.

    Busy neighbours on the machine make the first longer and hardly change the second.
    """

    wall: Sample
    cpu: Sample

    def where(self, chosen: Sequence[bool]) -> "Timed":
        """The laps whose place in `chosen` is True."""
        return Timed(wall=self.wall.where(chosen), cpu=self.cpu.where(chosen))


class Stopwatch:
    """Collects how long the blocks under `lap()` take."""

    def __init__(self) -> None:
        self._wall: list[float] = []
        self._cpu: list[float] = []

    @contextmanager
    def lap(self) -> Iterator[None]:
        """One lap."""
        wall, cpu = perf_counter(), process_time()
        yield
        self._wall.append((perf_counter() - wall) * 1e3)
        self._cpu.append((process_time() - cpu) * 1e3)

    @property
    def timed(self) -> Timed:
        """All laps, in order."""
        return Timed(wall=Sample(tuple(self._wall)), cpu=Sample(tuple(self._cpu)))
