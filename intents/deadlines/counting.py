"""The last day of a legal period, with the arithmetic: the first day does not count, a holiday moves it where the law
says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from intents.forms.dates import add_months, shown_date
from intents.forms.model import Text
from intents.forms.steps import Computed, Ground
from intents.workdays import add_workdays, is_workday
from knowledge.yaml_files import Shape, parse, read_yaml

RULES = Path(__file__).parent / "rules.yaml"
REMINDED_BEFORE = timedelta(days=7)
SOON = 7  # days left from which it is said to hurry


class Standing(StrEnum):
    """Whether there still is time."""

    OPEN = "open"
    OVER = "over"


class _Words(Shape):
    zh: str
    en: str


class _Period(Shape):
    id: str
    law: str
    article: str
    start: _Words
    rolls: bool
    months: int = 0
    days: int = 0
    workdays: int = 0


class _File(Shape):
    reviewed_on: date
    periods: tuple[_Period, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One legal period; exactly one of `months`, `days`, `workdays` is set."""

    id: str
    start: Text
    ground: Ground
    rolls: bool
    months: int
    days: int
    workdays: int

    def last_day(self, start: date) -> tuple[date, date]:
        """The day by the calendar, and the day it really ends."""
        if self.workdays:
            day = add_workdays(start, self.workdays)
        else:
            day = add_months(start, self.months) + timedelta(days=self.days)
        return day, _next_workday(day) if self.rolls else day


def _next_workday(day: date) -> date:
    while not is_workday(day):
        day += timedelta(days=1)
    return day


@cache
def periods() -> Mapping[str, Period]:
    """Every period by its id. Raises ContentError for a broken file."""
    file = parse(
        _File, read_yaml(RULES, name="deadlines/rules.yaml"), file="deadlines/rules.yaml", key="periods"
    )
    return {
        period.id: Period(
            id=period.id,
            start=Text(zh=period.start.zh, en=period.start.en),
            ground=Ground(title=period.law, article=period.article, reviewed_on=file.reviewed_on),
            rolls=period.rolls,
            months=period.months,
            days=period.days,
            workdays=period.workdays,
        )
        for period in file.periods
    }


def deadline_start(answers: Mapping[str, str], today: date, language: str) -> Computed:
    """From which day the period chosen is counted."""
    period = periods()[answers["kind"]]
    return Computed(value="shown", text=period.start.said_in(language), sources=(period.ground,))


def deadline(answers: Mapping[str, str], today: date, language: str) -> Computed:
    """The last day, and how it was found."""
    period, start = periods()[answers["kind"]], date.fromisoformat(answers["day"])
    by_calendar, last = period.last_day(start)
    is_over = today > last
    lines = [_over(last, language) if is_over else _left(last, today, language)]
    lines.append(_arithmetic(period, start, by_calendar, language))
    if last != by_calendar:
        lines.append(_rolled(last, language))
    return Computed(
        value=(Standing.OVER if is_over else Standing.OPEN).value,
        text="\n".join(lines),
        sources=(period.ground,),
        reminders=_reminders(last, today, language),
        card={"到期日": shown_date(last.isoformat(), "zh")},
    )


def _left(last: date, today: date, language: str) -> str:
    days, shown = (last - today).days, shown_date(last.isoformat(), language)
    if language == "en":
        hurry = " Do it now." if days <= SOON else ""
        return f"The last day is {shown}; {days} days are left.{hurry}"
    hurry = "很急，请马上办；来不及准备材料也先递交申请。" if days <= SOON else ""
    return f"到期日是 {shown}，还有 {days} 天。{hurry}"


def _over(last: date, language: str) -> str:
    shown = shown_date(last.isoformat(), language)
    if language == "en":
        return (
            f"By this date it ended on {shown}. It may have been suspended or begun anew (you demanded it, the other "
            "side acknowledged it, force majeure), so do not give up before you have asked 12348."
        )
    return (
        f"按这个日期算，{shown} 已经到期。但是可能有中断、中止（催要过、对方承认过、不可抗力等），"
        "先别放弃，带上材料打 12348 问。"
    )


def _arithmetic(period: Period, start: date, by_calendar: date, language: str) -> str:
    first, day = shown_date(start.isoformat(), language), shown_date(by_calendar.isoformat(), language)
    if language == "en":
        length = (
            f"{period.months} months"
            if period.months
            else f"{period.days or period.workdays} {'working ' if period.workdays else ''}days"
        )
        return f"How: {first} does not count; + {length} = {day}."
    length = (
        f"{period.months} 个月"
        if period.months
        else f"{period.days or period.workdays} {'个工作日' if period.workdays else '日'}"
    )
    return f"算法：{first} 当天不算，＋ {length} ＝ {day}。"


def _rolled(last: date, language: str) -> str:
    shown = shown_date(last.isoformat(), language)
    if language == "en":
        return f"That day is a holiday; the period ends on the next working day, {shown}."
    return f"那天是休息日，顺延到休假日后第一天：{shown}。"


def _reminders(last: date, today: date, language: str) -> tuple[tuple[date, str], ...]:
    when = last - REMINDED_BEFORE
    if when <= today:
        return ()
    shown = shown_date(last.isoformat(), language)
    if language == "en":
        return ((when, f"A reminder: your legal period ends on {shown}, in 7 days. If in doubt call 12348."),)
    return ((when, f"提醒您：您的法律期限 {shown} 到期，还有 7 天。拿不准打 12348。"),)
