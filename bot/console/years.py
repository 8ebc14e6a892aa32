"""The figures a district reports of a year, beside those of another year."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.conversation import daily
from bot.conversation.daily import Figures
from bot.conversation.period import Period
from bot.tickets.model import Satisfaction

FIRST_YEAR = 2000  # no desk counted anything before
_COUNTS = (
    "consultations",
    "credit",
    "fraud",
    "alone",
    "credit_repairs",
    "fraud_reports",
    "tickets",
    "closed",
    "rated",
)
_PARTS = ("credit", "fraud", "alone", *(f"rated_{int(level)}" for level in Satisfaction))
_LEVELS = tuple(f"rated_{int(level)}" for level in sorted(Satisfaction, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The figures of a year from its first day to `last`, a day of that year."""

    last: date
    figures: Figures

    @property
    def year(self) -> int:
        """Which year it is."""
        return self.last.year

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of both years. `word` is a word of the console.

    Shares are in percent, 0-100, None where there is nothing to share; `change` is in percent of the earlier figure,
    for shares in points; None where it cannot be told.
    """

    word: str
    now: float | None
    before: float | None
    change: float | None
    is_share: bool = False

    @property
    def is_part(self) -> bool:
        """Whether it tells a part of a figure above it."""
        return self.is_share or self.word in _PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A year beside another one. `since`: the first day anything is known of; None while nothing ever happened."""

    now: Year
    before: Year
    since: date | None
    choice: tuple[int, ...]  # the years there is something to say of, newest first

    @property
    def is_short(self) -> bool:
        """Whether days of one of the two years were before anything was counted."""
        return self.since is not None and self.since > min(self.now.first, self.before.first)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every figure, in the order of a report."""
        now, before = self.now.figures, self.before.figures
        counts = {
            name: _counted(name, getattr(now, name), getattr(before, name)) for name in _COUNTS + _LEVELS
        }
        alone = _shared("alone_share", now, before, lambda f: (f.alone, f.consultations))
        satisfied = _shared("satisfied_share", now, before, lambda f: (f.satisfied, f.rated))
        lines: list[Line] = []
        for name, line in counts.items():
            lines.append(line)
            if name == "alone":
                lines.append(alone)
            if name == "rated":
                lines.append(satisfied)
        return tuple(lines)


def compare(
    tx: Connection, *, zone: ZoneInfo, now: datetime, year: int | None = None, other: int | None = None
) -> Comparison:
    """`year`, this one unless given, beside `other`, the one before unless given.

    Whole years; where one of them is the present one both end at today's day of the year.
    Raises ValueError for a year that has not begun, or is before `FIRST_YEAR`.
    """
    today = now.astimezone(zone).date()
    year = today.year if year is None else year
    other = year - 1 if other is None else other
    if not all(FIRST_YEAR <= each <= today.year for each in (year, other)):
        raise ValueError(f"there are no figures of {year} and {other}")
    is_whole = today.year not in (year, other)
    since = daily.first_day(tx, zone)
    return Comparison(
        now=_year(tx, year, None if is_whole else today, zone),
        before=_year(tx, other, None if is_whole else today, zone),
        since=since,
        choice=tuple(range(today.year, min(today.year - 1, (since or today).year) - 1, -1)),
    )


def table(comparison: Comparison, say: Callable[..., str]) -> tuple[list[str], list[list[object]]]:
    """The comparison as a table with its head, for a spreadsheet; `say` gives the words."""
    years = (comparison.now, comparison.before)
    head = [
        say("figure"),
        *(f"{each.year} ({each.first} – {each.last})" for each in years),
        say("year_change"),
    ]
    rows: list[list[object]] = [
        [f"{say('year_' + line.word)}{' (%)' if line.is_share else ''}", line.now, line.before, line.change]
        for line in comparison.lines
    ]
    if comparison.is_short:
        rows.append([say("year_short", day=comparison.since)])
    return head, rows


def _year(tx: Connection, year: int, today: date | None, zone: ZoneInfo) -> Year:
    last = date(year, 12, 31) if today is None else _same_day(today, year)
    period = Period(first=date(year, 1, 1), last=last, zone=zone)
    return Year(last=last, figures=daily.over(tx, period))


def _same_day(day: date, year: int) -> date:
    """The same day of another year; 29 February is 28 February where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _counted(name: str, now: int, before: int) -> Line:
    change = round((now - before) / before * 100, 1) if before else None
    return Line(word=name, now=now, before=before, change=change)


def _shared(name: str, now: Figures, before: Figures, parts: Callable[[Figures], tuple[int, int]]) -> Line:
    this, last = (
        round(part / whole * 100, 1) if whole else None for part, whole in map(parts, (now, before))
    )
    change = None if this is None or last is None else round(this - last, 1)
    return Line(word=name, now=this, before=last, change=change, is_share=True)
