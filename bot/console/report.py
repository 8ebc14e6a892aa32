"""The figures of a period, read from what happened. Reads only; every definition is shown on the page.

A *consultation* is a message of a citizen that the bot answered, asked back about, declined or handed over; small
talk is none. It is counted once, however many bubbles answered it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, distinct, func, or_, select

from bot.console import figures
from bot.console.figures import Asked, Gap, Kept, Spread
from bot.storage.desk_tables import tickets
from bot.storage.tables import feedback, messages
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Priority, Satisfaction, Ticket
from bot.tickets.sla import ClockName

MOST_GAPS_READ = 1_000
_DOMAIN = messages.c.payload[("turn", "domain")].as_string()
_KIND = messages.c.payload[("turn", "kind")].as_string()
_RISK = messages.c.payload[("turn", "risk")].as_string()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days in the district, `last` included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> float:
        """UTC seconds of its first moment."""
        return datetime.combine(self.first, time.min, tzinfo=self.zone).timestamp()

    @property
    def end(self) -> float:
        """UTC seconds of the first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=self.zone).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What a district reports of a year, up to a day."""

    year: int
    consultations: int
    credit: int
    fraud: int
    tickets: int
    closed: int
    satisfied: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures of a period."""

    period: Period
    consultations: int
    chats: int
    alone: Kept  # chats answered without a person
    domains: Mapping[str, int]
    hours: tuple[int, ...]  # consultations by hour of the day, 24 numbers
    tickets: int
    urgent: int
    claiming: Spread
    waiting: Spread
    handling: Spread
    promises: Mapping[ClockName, Kept]
    once: Kept  # closed tickets never reopened
    ratings: Mapping[Satisfaction, int]
    satisfied: Kept
    gaps: tuple[Gap, ...]
    years: tuple[Year, Year]  # this one and the one before, to the same day


def read(tx: Connection, period: Period, *, desk: Desk, now: datetime) -> Report:
    """The figures of `period`."""
    opened = opened_tickets(tx, period)
    domains, hours = _volume(tx, period)
    ratings = figures.ratings(opened)
    today = now.astimezone(period.zone).date()
    return Report(
        period=period,
        consultations=sum(domains.values()),
        chats=_chats(tx, period),
        alone=_alone(tx, period),
        domains=domains,
        hours=hours,
        tickets=len(opened),
        urgent=sum(ticket.priority is Priority.URGENT for ticket in opened),
        claiming=figures.claiming(opened),
        waiting=figures.waiting(opened),
        handling=figures.handling(opened),
        promises=figures.promises(opened, desk.policy, desk.hours, now=now),
        once=figures.never_reopened(opened),
        ratings=ratings,
        satisfied=figures.satisfied(ratings),
        gaps=figures.gaps(_unanswered(tx, period)),
        years=(_year(tx, today, period.zone), _year(tx, _year_before(today), period.zone)),
    )


def opened_tickets(tx: Connection, period: Period) -> tuple[Ticket, ...]:
    """The tickets opened in `period`, oldest first."""
    rows = tx.execute(
        select(tickets)
        .where(tickets.c.created_at >= period.start, tickets.c.created_at < period.end)
        .order_by(tickets.c.id)
    )
    return tuple(queue.from_row(row) for row in rows)


def _turns(period: Period) -> Subquery:
    """One row a consultation: the message it answers, its chat, hour, domain, kind, risk."""
    return (
        select(
            messages.c.reply_to,
            func.min(messages.c.conversation_id).label("conversation_id"),
            func.min(messages.c.created_at).label("at"),
            func.min(_DOMAIN).label("domain"),
            func.min(_KIND).label("kind"),
            func.min(_RISK).label("risk"),
        )
        .where(_consults(period))
        .group_by(messages.c.reply_to)
        .subquery()
    )


def _consults(period: Period) -> ColumnElement[bool]:
    return and_(
        messages.c.author == "bot",
        messages.c.reply_to.is_not(None),
        messages.c.created_at >= period.start,
        messages.c.created_at < period.end,
        _KIND.is_not(None),
        _KIND != "smalltalk",
    )


def _volume(tx: Connection, period: Period) -> tuple[dict[str, int], tuple[int, ...]]:
    turns = _turns(period)
    hour = func.floor(turns.c.at / 3600.0)
    rows = tx.execute(select(turns.c.domain, hour, func.count()).group_by(turns.c.domain, hour))
    domains: Counter[str] = Counter()
    hours = [0] * 24
    for domain, since_epoch, count in rows:
        domains[domain or "services"] += count
        hours[datetime.fromtimestamp(since_epoch * 3600, tz=UTC).astimezone(period.zone).hour] += count
    return dict(domains.most_common()), tuple(hours)


def _chats(tx: Connection, period: Period) -> int:
    turns = _turns(period)
    return int(tx.execute(select(func.count(distinct(turns.c.conversation_id)))).scalar_one())


def _alone(tx: Connection, period: Period) -> Kept:
    """Chats with an answer, without a ticket and without 👎, of all chats that consulted."""
    turns = _turns(period)
    helped = select(turns.c.conversation_id).where(turns.c.kind == "answer")
    ticketed = select(tickets.c.conversation_id)
    unhelpful = (
        select(messages.c.conversation_id)
        .join(feedback, feedback.c.message_id == messages.c.id)
        .where(feedback.c.rating < 0)
    )
    id = turns.c.conversation_id
    alone = tx.execute(
        select(func.count(distinct(id))).where(id.in_(helped), id.not_in(ticketed), id.not_in(unhelpful))
    ).scalar_one()
    return Kept(kept=int(alone), of=_chats(tx, period))


def _unanswered(tx: Connection, period: Period) -> list[Asked]:
    turns = _turns(period)
    rows = tx.execute(
        select(messages.c.text, messages.c.conversation_id)
        .join(turns, turns.c.reply_to == messages.c.id)
        .where(turns.c.kind == "decline")
        .order_by(messages.c.id.desc())
        .limit(MOST_GAPS_READ)
    )
    return [Asked(text=row.text, conversation_id=row.conversation_id) for row in rows]


def _year(tx: Connection, until: date, zone: ZoneInfo) -> Year:
    period = Period(first=date(until.year, 1, 1), last=until, zone=zone)
    turns = _turns(period)
    fraud = or_(turns.c.domain == "fraud", turns.c.risk != "none")
    counted = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((turns.c.domain == "credit", 1), else_=0)), 0),
            func.coalesce(func.sum(case((fraud, 1), else_=0)), 0),
        ).select_from(turns)
    ).one()
    opened = opened_tickets(tx, period)
    return Year(
        year=until.year,
        consultations=int(counted[0]),
        credit=int(counted[1]),
        fraud=int(counted[2]),
        tickets=len(opened),
        closed=sum(ticket.closed_at is not None for ticket in opened),
        satisfied=figures.satisfied(figures.ratings(opened)),
    )


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def change(now: int, before: int) -> float | None:
    """Year on year, 0.1 is ten percent more; None when there was nothing before."""
    return (now - before) / before if before else None


def rows_of(report: Report, say: Any) -> list[list[object]]:
    """The report as lines for a table: section, figure, value. `say` gives the words."""
    rows: list[list[object]] = [
        [say("period"), say("from_to"), f"{report.period.first} – {report.period.last}"],
        [say("volume"), say("consultations"), report.consultations],
        [say("volume"), say("chats"), report.chats],
        [say("volume"), say("alone"), _share(report.alone)],
        *(
            [say("by_domain"), say.known(f"domain_{key}", key), value]
            for key, value in report.domains.items()
        ),
        *([say("by_hour"), f"{hour:02d}:00", value] for hour, value in enumerate(report.hours)),
        [say("desk"), say("tickets_opened"), report.tickets],
        [say("desk"), say("urgent"), report.urgent],
        [say("desk"), say("once"), _share(report.once)],
    ]
    for key in ("claiming", "waiting", "handling"):
        found: Spread = getattr(report, key)
        for name, value in (("p50", found.p50), ("p90", found.p90)):
            minutes = round(value.total_seconds() / 60, 1) if value is not None else ""
            rows.append([say(key), f"{name} ({say('in_minutes')})", minutes])
    rows += [
        [say("promises"), say(f"clock_{clock.value}"), _share(kept)]
        for clock, kept in report.promises.items()
    ]
    rows += [[say("ratings"), say(f"rating_{level.value}"), count] for level, count in report.ratings.items()]
    rows.append([say("ratings"), say("satisfied"), _share(report.satisfied)])
    for year in report.years:
        for key in ("consultations", "credit", "fraud", "tickets", "closed"):
            rows.append([say("yearly"), f"{year.year} {say('year_' + key)}", getattr(year, key)])
    return rows


def _share(kept: Kept) -> str:
    return "" if kept.share is None else f"{kept.share:.1%} ({kept.kept}/{kept.of})"
