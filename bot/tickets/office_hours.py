"""The office calendar: several periods a day, weekends, public holidays and 调休 make-up workdays. Pure.

Which days are worked comes as a function, so that the law's calendar, the district's overrides and a test's random
calendar all fit. Times in and out are aware; a period is in the district's wall clock.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

LOOK_AHEAD = timedelta(days=3660)  # what does not end within ten years ends then: no promise may fail
WEEK = 7

IsWorkday = Callable[[date], bool | None]  # True: make-up workday, False: holiday, None: by its weekday


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One stretch of opening, `start` < `end`, within a day; end 24:00 is `time.max`."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"a period must end after it starts: {self.start:%H:%M}-{self.end:%H:%M}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """When a desk works.

    Args:
        week: for Monday to Sunday the periods of the day, in order, not touching; empty for a closed day.
        make_up: the periods of a make-up workday.
        is_workday: the exceptions by date.
        always: a desk that never closes; the rest is then ignored.
    """

    week: tuple[tuple[Period, ...], ...]
    make_up: tuple[Period, ...]
    zone: ZoneInfo
    is_workday: IsWorkday
    always: bool = False

    def __post_init__(self) -> None:
        if not self.always and (len(self.week) != WEEK or not any(self.week)):
            raise ValueError("opening hours need seven days, and at least one period")

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at the desk at `at`."""
        return self.always or any(start <= at < end for start, end in self._spans(at, days=1))

    def next_opening(self, at: datetime) -> datetime:
        """The first moment from `at` on when the desk is open; `at` itself when it is."""
        if self.always:
            return at
        openings = (max(start, at) for start, end in self._spans(at) if end > at)
        return next(openings, at + LOOK_AHEAD)

    def add(self, at: datetime, working: timedelta) -> datetime:
        """The moment when `working` of opening time has passed since `at`; never before `at`."""
        if self.always:
            return at + working
        left = working
        for start, end in self._spans(at):
            begin = max(start, at)
            if begin >= end:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return at + LOOK_AHEAD

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much opening time lies between two moments; zero when `end` is not after `start`."""
        if end <= start:
            return timedelta()
        if self.always:
            return end - start
        days = (end - start).days + 2
        total = timedelta()
        for opens, closes in self._spans(start, days=days):
            total += max(timedelta(), min(closes, end) - max(opens, start))
        return total

    def periods_on(self, day: date) -> tuple[Period, ...]:
        """The periods of a date, exceptions applied."""
        exception = self.is_workday(day)
        if exception is False:
            return ()
        regular = self.week[day.weekday()]
        return regular or self.make_up if exception else regular

    def _spans(self, at: datetime, *, days: int = LOOK_AHEAD.days) -> Iterator[tuple[datetime, datetime]]:
        """Opening spans of `days` days from the local day of `at` on, in order."""
        first = at.astimezone(self.zone).date()
        for offset in range(days):
            yield from self.spans_on(first + timedelta(days=offset))

    def spans_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """When the desk opens and closes on a date, in order, in UTC."""
        for period in self.periods_on(day):
            opens, closes = self._moment(day, period.start), self._moment(day, period.end)
            if opens < closes:  # an hour that summer time leaves out
                yield opens, closes

    def _moment(self, day: date, clock: time) -> datetime:
        if clock == time.max:
            day, clock = day + timedelta(days=1), time.min
        # differences of two times in one zone would be read off the wall clock
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)


def parse_period(written: str) -> Period:
    """A period as config.yaml writes it. Raises ValueError naming the fix.

    >>> parse_period("13:30-17:00").start
    datetime.time(13, 30)
    """
    try:
        start, end = (part.strip() for part in written.split("-"))
        return Period(start=time.fromisoformat(start), end=_end(end))
    except ValueError as error:
        raise ValueError(f"‘{written}’ is no period; write 09:00-12:00") from error


def _end(written: str) -> time:
    return time.max if written == "24:00" else time.fromisoformat(written)


def ordered(periods: Sequence[Period]) -> tuple[Period, ...]:
    """The periods of one day in order. Raises ValueError when two overlap."""
    found = tuple(sorted(periods, key=lambda period: period.start))
    for earlier, later in pairwise(found):
        if later.start < earlier.end:
            raise ValueError(f"{earlier.start:%H:%M}-{earlier.end:%H:%M} overlaps the next period")
    return found


def china(*, closed: Collection[date] = (), worked: Collection[date] = ()) -> IsWorkday:
    """The public holidays and make-up workdays of China, with the district's own days on top.

    Days the State Council has not announced yet are the statutory ones only: `closed` and `worked` in
    config.yaml fill that gap.
    """

    @cache  # made when first asked: the library reads the calendars of all countries for the one
    def calendar() -> holidays.HolidayBase:
        return holidays.country_holidays("CN")

    def is_workday(day: date) -> bool | None:
        if day in worked:
            return True
        if day in closed or day in calendar():
            return False
        return True if day.weekday() >= 5 and calendar().is_working_day(day) else None

    return is_workday
