"""Working days of the country, public holidays and make-up workdays included. Pure."""

from datetime import date, timedelta
from functools import cache

import holidays


def add_workdays(day: date, count: int) -> date:
    """The last of `count` working days after `day`; the day itself does not count.

    >>> add_workdays(date(2026, 9, 30), 3)  # 1 to 7 October are holidays, the 10th is worked
    datetime.date(2026, 10, 10)
    """
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def is_workday(day: date) -> bool:
    """Whether offices work. Years that are not announced yet know the statutory holidays only."""
    return _calendar().is_working_day(day)


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")
