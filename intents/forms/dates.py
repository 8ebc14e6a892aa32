"""Dates in plain words: 2026年5月12日, 五月十二号, 昨天, 上个月5号, 三天前, 上周三, last day of a month, May 12.

A day without a year is the nearest one on the asked side of today.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from intents.forms.model import InvalidAnswer, Side
from intents.forms.numerals import whole

OLDEST = date(1949, 10, 1)
_N = r"[\d〇零一二两三四五六七八九十廿卅]{1,4}"
_DAY = r"(?:日|号|號)"
_SHIFTS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2, "大后": 3}
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_WEEKDAYS = "一二三四五六日"
_MONTHS = {name.casefold(): month for month, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): month for month, name in enumerate(calendar.month_abbr) if name}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A day a text names, and where."""

    day: date
    start: int
    end: int


class _Vague(Exception):
    """Names a month or a year only."""


class _Impossible(Exception):
    """No calendar has this day."""


def dates(text: str, *, today: date, side: Side = Side.PAST) -> Iterator[FoundDate]:
    """Every day on the asked side that `text` names, in order; what is no day of the calendar is left out."""
    for match, read in _matches(text):
        try:
            day = read(match, today, side)
        except (_Vague, _Impossible):
            continue
        if _fits(day, today, side):
            yield FoundDate(day=day, start=match.start(), end=match.end())


def read_date(text: str, *, today: date, side: Side = Side.PAST) -> date:
    """The one day `text` names.

    Raises InvalidAnswer: `date` for none, `date_vague` for a month or year only, `date_impossible` for 2月30日,
    `date_several`, and `date_future`, `date_past`, `date_old` when it lies on the wrong side.
    """
    found: list[date] = []
    problem = "date"
    for match, read in _matches(text):
        try:
            found.append(read(match, today, side))
        except _Vague:
            problem = "date_vague"
        except _Impossible:
            problem = "date_impossible"
    if not found:
        raise InvalidAnswer(problem)
    if len(set(found)) > 1:
        raise InvalidAnswer("date_several")
    _on_side(found[0], today, side)
    return found[0]


def _fits(day: date, today: date, side: Side) -> bool:
    return not (side is Side.PAST and day > today) and not (side is Side.FUTURE and day < today)


def _on_side(day: date, today: date, side: Side) -> None:
    if side is Side.PAST and day > today:
        raise InvalidAnswer("date_future", day=day.isoformat())
    if side is Side.FUTURE and day < today:
        raise InvalidAnswer("date_past", day=day.isoformat())
    if day < OLDEST:
        raise InvalidAnswer("date_old", day=day.isoformat())


def shown_date(value: str, language: str) -> str:
    """As people read it: 2026年5月12日."""
    day = date.fromisoformat(value)
    return f"{day:%d %B %Y}".lstrip("0") if language == "en" else f"{day.year}年{day.month}月{day.day}日"


_Read = Callable[[re.Match[str], date, Side], date]


def _matches(text: str) -> Iterator[tuple[re.Match[str], _Read]]:
    """What looks like a date, leftmost first; of several readings at one place the first in `_PATTERNS`."""
    place = 0
    while place < len(text):
        found = [(match, read) for pattern, read in _PATTERNS if (match := pattern.search(text, place))]
        if not found:
            return
        best = min(found, key=lambda pair: pair[0].start())
        yield best
        place = max(best[0].end(), place + 1)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise _Impossible from error


def _full(match: re.Match[str], _today: date, _side: Side) -> date:
    year, month, day = (whole(match[name]) for name in ("y", "m", "d"))
    if year is None or month is None or day is None:
        raise _Impossible
    return _day(_century(year), month, day)


def _century(year: int) -> int:
    return 2000 + year if year < 100 else year


def _relative_year(match: re.Match[str], today: date, _side: Side) -> date:
    month, day = whole(match["m"]), whole(match["d"])
    if month is None or day is None:
        raise _Impossible
    return _day(today.year + _YEARS[match["y"]], month, day)


def _no_year(match: re.Match[str], today: date, side: Side) -> date:
    month, day = whole(match["m"]), whole(match["d"])
    if month is None or day is None:
        raise _Impossible
    return _nearest(month, day, today, side)


def _nearest(month: int, day: int, today: date, side: Side) -> date:
    if month == 2 and day == 29:
        years = [year for year in range(today.year - 4, today.year + 5) if calendar.isleap(year)]
    else:
        years = [today.year - 1, today.year, today.year + 1]
    possible = [_day(year, month, day) for year in years]
    past = [each for each in possible if each <= today]
    future = [each for each in possible if each >= today]
    if side is Side.PAST:
        return past[-1]
    if side is Side.FUTURE:
        return future[0]
    return min(possible, key=lambda each: abs((each - today).days))


def _shifted(match: re.Match[str], today: date, _side: Side) -> date:
    return today + timedelta(days=_SHIFTS[match["shift"]])


def _of_month(match: re.Match[str], today: date, _side: Side) -> date:
    step = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1}[match["which"]]
    year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
    if match["end"]:
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    day = whole(match["d"])
    if day is None:
        raise _Impossible
    return _day(year, month + 1, day)


def _day_alone(match: re.Match[str], today: date, side: Side) -> date:
    day = whole(match["d"])
    if day is None or not 1 <= day <= 31:
        raise _Impossible
    month, step = today.replace(day=1), -1 if side is Side.PAST else 1
    for _ in range(3):  # the nearest month that has this day on the right side
        if day <= calendar.monthrange(month.year, month.month)[1]:
            found = month.replace(day=day)
            if side is Side.ANY or (found <= today if side is Side.PAST else found >= today):
                return found
        month = (month + timedelta(days=40 if step > 0 else -1)).replace(day=1)
    raise _Impossible


def _ago(match: re.Match[str], today: date, _side: Side) -> date:
    if match["n"] == "半":
        raise _Vague
    count = 1 if match["n"].casefold() in ("a", "an", "one") else whole(match["n"])
    if count is None:
        raise _Impossible
    if match["way"] in ("前", "之前", "以前", "ago"):
        count = -count
    unit = match["unit"].casefold().rstrip("s")
    if unit in ("天", "日", "day"):
        return today + timedelta(days=count)
    if unit in ("星期", "礼拜", "周", "week"):
        return today + timedelta(weeks=count)
    return add_months(today, count if unit in ("月", "month") else count * 12)


def _weekday(match: re.Match[str], today: date, side: Side) -> date:
    weekday = _WEEKDAYS.index(match["w"].replace("天", "日"))
    monday = today - timedelta(days=today.weekday())
    which = match["which"] or ""
    if which in ("上上", "上上个"):
        return monday + timedelta(days=weekday - 14)
    if which in ("上", "上个"):
        return monday + timedelta(days=weekday - 7)
    if which in ("下", "下个"):
        return monday + timedelta(days=weekday + 7)
    day = monday + timedelta(days=weekday)
    if not which and side is Side.PAST and day > today:
        day -= timedelta(days=7)
    return day


def _english(match: re.Match[str], today: date, side: Side) -> date:
    month, day = _MONTHS[match["m"].rstrip(".").casefold()], int(match["d"])
    if match["y"]:
        return _day(int(match["y"]), month, day)
    return _nearest(month, day, today, side)


def _english_shift(match: re.Match[str], today: date, _side: Side) -> date:
    return today + timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[match[0].casefold()])


def _vague(_match: re.Match[str], _today: date, _side: Side) -> date:
    raise _Vague


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it has none.

    >>> add_months(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _compile(*patterns: tuple[str, _Read]) -> tuple[tuple[re.Pattern[str], _Read], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), read) for pattern, read in patterns)


_Y = r"(?P<y>\d{4}|\d{2}|[〇零一二三四五六七八九]{4})"
_PATTERNS = _compile(
    (rf"{_Y}\s*年\s*(?P<m>{_N})\s*月\s*(?P<d>{_N})\s*{_DAY}?", _full),
    (r"(?<!\d)(?P<y>(?:19|20)\d{2})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})(?!\d)", _full),
    (r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)", _full),
    (rf"(?P<y>前年|去年|今年|本年|明年|后年)\s*(?P<m>{_N})\s*月\s*(?P<d>{_N})\s*{_DAY}?", _relative_year),
    (rf"(?P<y>前年|去年|今年|本年|明年|后年)(?:\s*{_N}\s*月)?", _vague),
    (rf"(?P<which>上上|上|这|本|当|下)个?月\s*(?:(?P<end>月?底|末)|(?P<d>{_N})\s*{_DAY})", _of_month),
    (r"(?:上上|上|这|本|当|下)个?月", _vague),
    (rf"(?<!\d)(?P<m>{_N})\s*月\s*(?P<d>{_N})\s*{_DAY}?", _no_year),
    (rf"(?:{_Y}\s*年)?\s*(?<!\d){_N}\s*月(?:份|底|初|中)?(?!前|后|之)", _vague),
    (
        r"(?P<n>[\d一二两三四五六七八九十半]+)\s*个?(?P<unit>天|日|星期|礼拜|周|月|年)(?P<way>之前|以前|前|之后|以后|后)",
        _ago,
    ),
    (r"(?P<n>\d+|an?|one)\s+(?P<unit>days?|weeks?|months?|years?)\s+(?P<way>ago)", _ago),
    (r"(?P<shift>大前|大后|前|昨|今|当|明|后)(?:天|日|早|晚|夜)", _shifted),
    (r"(?P<which>上上个?|上个?|这个?|本|下个?)?(?:周|星期|礼拜)(?P<w>[一二三四五六日天])", _weekday),
    (rf"(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{{4}}))?", _english),
    (rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m>{_MONTH})(?:,?\s+(?P<y>\d{{4}}))?", _english),
    (r"\b(?:today|yesterday|tomorrow)\b", _english_shift),
    (r"(?<![\d.])(?P<m>1[0-2]|0?[1-9])[./-](?P<d>3[01]|[12]\d|0?[1-9])(?![\d.万%])", _no_year),
    (rf"(?<![\d一二三四五六七八九十第])(?P<d>{_N})\s*(?:日|号|號)(?![楼院路门店])", _day_alone),
    (rf"{_Y}\s*年", _vague),
)
