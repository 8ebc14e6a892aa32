"""The office calendar, over random weeks with lunch, holidays, make-up days, and zones with summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tickets.office_hours import OfficeHours, Period, china, ordered, parse_period

CHINA = ZoneInfo("Asia/Shanghai")
ZONES = (CHINA, ZoneInfo("Europe/Berlin"), ZoneInfo("America/St_Johns"))
FIRST_DAY = date(2026, 3, 1)
TICK = timedelta(microseconds=1)
SHORTEST_PERIOD_M = 30

DAY_PERIODS = (parse_period("09:00-12:00"), parse_period("13:30-17:00"))
OFFICE = OfficeHours(week=(DAY_PERIODS,) * 5 + ((), ()), make_up=DAY_PERIODS, zone=CHINA, is_workday=china())


def _clock(minutes: int) -> time:
    return time.max if minutes == 24 * 60 else time(minutes // 60, minutes % 60)


@st.composite
def periods(draw: st.DrawFn) -> tuple[Period, ...]:
    """Up to three periods of a day, in order; the last may end at 24:00, two may touch."""
    steps = draw(st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(sorted))
    marks = [step * SHORTEST_PERIOD_M for step in steps]
    return tuple(
        Period(start=_clock(start), end=_clock(end))
        for start, end in zip(marks[::2], marks[1::2], strict=False)
    )


@st.composite
def calendars(draw: st.DrawFn) -> OfficeHours:
    """Random weeks with at least one open day, and up to 20 exceptions in two months."""
    week = [draw(st.one_of(st.just(()), periods())) for _ in range(7)]
    if not any(week):
        week[draw(st.integers(0, 6))] = draw(periods())
    days = st.integers(0, 60).map(lambda offset: FIRST_DAY + timedelta(days=offset))
    exceptions = draw(st.dictionaries(days, st.booleans(), max_size=20))
    return OfficeHours(
        week=tuple(week),
        make_up=draw(st.one_of(st.just(()), periods())),
        zone=draw(st.sampled_from(ZONES)),
        is_workday=exceptions.get,
    )


moments = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=70)).map(
    lambda since: datetime(2026, 2, 20, tzinfo=UTC) + since
)
durations = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=10))


def _is_open_or_just_closed(hours: OfficeHours, at: datetime) -> bool:
    return hours.is_open(at) or hours.is_open(at - TICK)


@given(hours=calendars(), at=moments, working=durations)
def test_between_is_the_inverse_of_add(hours: OfficeHours, at: datetime, working: timedelta):
    assert hours.between(at, hours.add(at, working)) == working


@given(hours=calendars(), at=moments, working=durations)
def test_add_ends_in_opening_time_and_never_before_it_starts(
    hours: OfficeHours, at: datetime, working: timedelta
):
    end = hours.add(at, working)

    assert end >= at
    assert _is_open_or_just_closed(hours, end)


@given(hours=calendars(), at=moments, working=durations, more=durations, later=durations)
def test_add_grows_with_its_start_and_with_its_duration(
    hours: OfficeHours, at: datetime, working: timedelta, more: timedelta, later: timedelta
):
    assert hours.add(at, working) <= hours.add(at, working + more)
    assert hours.add(at, working) <= hours.add(at + later, working)


@given(hours=calendars(), at=moments, first=durations, second=durations)
def test_opening_time_adds_up(hours: OfficeHours, at: datetime, first: timedelta, second: timedelta):
    middle, end = at + first * 5, at + first * 5 + second * 5

    assert hours.between(at, middle) + hours.between(middle, end) == hours.between(at, end)
    assert hours.between(end, at) == (timedelta() if end > at else hours.between(end, at))


@given(hours=calendars(), at=moments)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(hours: OfficeHours, at: datetime):
    opening = hours.next_opening(at)

    assert hours.is_open(opening)
    assert opening == at or hours.between(at, opening) == timedelta()
    assert (opening == at) == hours.is_open(at)


@given(hours=calendars(), at=moments, working=durations)
def test_a_desk_that_never_closes_counts_every_minute(hours: OfficeHours, at: datetime, working: timedelta):
    always = OfficeHours(week=(), make_up=(), zone=hours.zone, is_workday=hours.is_workday, always=True)

    assert always.is_open(at)
    assert always.next_opening(at) == at
    assert always.add(at, working) == at + working
    assert always.between(at, at + working) == working


def local(written: str) -> datetime:
    """A moment in the district."""
    return datetime.fromisoformat(written).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24 10:00", 1, "2026-11-24 11:00"),
        ("2026-11-24 11:30", 1, "2026-11-24 14:00"),  # over lunch
        ("2026-11-24 12:30", 1, "2026-11-24 14:30"),  # from lunch
        ("2026-11-24 16:30", 1, "2026-11-25 09:30"),  # over night
        ("2026-11-27 16:30", 1, "2026-11-30 09:30"),  # over the weekend
        ("2026-09-30 16:30", 1, "2026-10-08 09:30"),  # over the National Day holiday
        ("2026-10-09 16:30", 1, "2026-10-10 09:30"),  # into a make-up Saturday
        ("2026-11-24 09:00", 3, "2026-11-24 12:00"),  # until closing time, not into lunch
        ("2026-11-24 20:00", 0, "2026-11-25 09:00"),  # no time at all still waits for the opening
    ],
)
def test_the_district_counts_its_opening_hours(start: str, hours: int, end: str):
    assert OFFICE.add(local(start), timedelta(hours=hours)) == local(end)


def test_a_make_up_workday_is_open_and_a_holiday_is_not():
    assert OFFICE.is_open(local("2026-09-20 10:00"))  # Sunday, worked for the National Day week
    assert not OFFICE.is_open(local("2026-10-01 10:00"))
    assert not OFFICE.is_open(local("2026-09-19 10:00"))


def test_the_district_overrides_the_public_calendar():
    exceptions = china(closed=[date(2026, 11, 24)], worked=[date(2026, 10, 1)])

    assert (exceptions(date(2026, 11, 24)), exceptions(date(2026, 10, 1))) == (False, True)


def test_an_hour_that_summer_time_leaves_out_is_never_open():
    berlin = ZoneInfo("Europe/Berlin")
    night = (parse_period("02:00-03:00"), parse_period("09:00-10:00"))
    hours = OfficeHours(week=(night,) * 7, make_up=(), zone=berlin, is_workday=lambda _: None)
    midnight = datetime(2026, 3, 29, tzinfo=berlin)

    assert hours.next_opening(midnight) == datetime(2026, 3, 29, 9, tzinfo=berlin)


@pytest.mark.parametrize("written", ["9-12", "12:00-09:00", "09:00", "09:00-12:00-13:00", ""])
def test_a_period_that_is_none_names_the_fix(written: str):
    with pytest.raises(ValueError, match=r"09:00-12:00"):
        parse_period(written)


def test_overlapping_periods_are_refused():
    with pytest.raises(ValueError, match="overlaps"):
        ordered([parse_period("09:00-12:00"), parse_period("11:00-13:00")])


def test_a_week_without_hours_is_refused():
    with pytest.raises(ValueError, match="at least one period"):
        OfficeHours(week=((),) * 7, make_up=DAY_PERIODS, zone=CHINA, is_workday=lambda _: None)


def test_an_office_that_hardly_opens_still_gives_an_answer():
    never = OfficeHours(week=(DAY_PERIODS,) * 7, make_up=(), zone=CHINA, is_workday=lambda _: False)
    at = local("2026-11-24 10:00")

    assert never.next_opening(at) > at + timedelta(days=3000)
    assert never.add(at, timedelta(hours=1)) > at + timedelta(days=3000)
    assert not never.is_open(at)
