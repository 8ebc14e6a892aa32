"""The figures of a period, read from what happened. Reads only; every definition is shown on the page.

A *question* is a message of a citizen that the bot answered, asked back about, declined or handed over; small talk
is none. It is counted once, however many bubbles answered it. (Consultations, which districts report, are chats a
day: see `conversation.daily`.)
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, distinct, func, select

from bot.console import figures
from bot.console.figures import Asked, Gap, Kept, Spread
from bot.console.years import Comparison
from bot.conversation.period import Period
from bot.storage.desk_tables import tickets
from bot.storage.tables import feedback, messages
from bot.tickets import queue
from bot.tickets.desk import Desk
from bot.tickets.model import Priority, Satisfaction, Ticket
from bot.tickets.runs import Run, runs
from bot.tickets.sla import ClockName

MOST_GAPS_READ = 1_000
_DOMAIN = messages.c.payload[("turn", "domain")].as_string()
_KIND = messages.c.payload[("turn", "kind")].as_string()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures of a period."""

    period: Period
    consultations: int  # questions
    chats: int
    alone: Kept  # chats answered without a person
    domains: Mapping[str, int]
    hours: tuple[int, ...]  # questions by hour of the day, 24 numbers
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
    years: Comparison


def read(tx: Connection, period: Period, *, desk: Desk, years: Comparison, now: datetime) -> Report:
    """The figures of `period`, with those of the `years` for its last table."""
    opened = opened_tickets(tx, period)
    ran = _runs(tx, period, opened, desk=desk, now=now)
    domains, hours = _volume(tx, period)
    ratings = figures.ratings(opened)
    return Report(
        period=period,
        consultations=sum(domains.values()),
        chats=_chats(tx, period),
        alone=_alone(tx, period),
        domains=domains,
        hours=hours,
        tickets=len(opened),
        urgent=sum(ticket.priority is Priority.URGENT for ticket in opened),
        claiming=figures.taken(ran, ClockName.ACCEPT),
        waiting=figures.waiting(opened),
        handling=figures.taken(ran, ClockName.CLOSE),
        promises=figures.promises(ran),
        once=figures.never_reopened(opened),
        ratings=ratings,
        satisfied=figures.satisfied(ratings),
        gaps=figures.gaps(_unanswered(tx, period)),
        years=years,
    )


def opened_tickets(tx: Connection, period: Period) -> tuple[Ticket, ...]:
    """The tickets opened in `period`, oldest first."""
    rows = tx.execute(
        select(tickets)
        .where(tickets.c.created_at >= period.start, tickets.c.created_at < period.end)
        .order_by(tickets.c.id)
    )
    return tuple(queue.from_row(row) for row in rows)


def _runs(
    tx: Connection, period: Period, opened: tuple[Ticket, ...], *, desk: Desk, now: datetime
) -> list[Run]:
    histories = queue.histories(tx, opened_from=period.start, opened_until=period.end)
    return [
        run
        for ticket in opened
        for run in runs(ticket, histories.get(ticket.id, ()), desk.policy, desk.hours, now=now)
    ]


def _turns(period: Period) -> Subquery:
    """One row a question: the message it answers, its chat, hour, domain, kind."""
    return (
        select(
            messages.c.reply_to,
            func.min(messages.c.conversation_id).label("conversation_id"),
            func.min(messages.c.created_at).label("at"),
            func.min(_DOMAIN).label("domain"),
            func.min(_KIND).label("kind"),
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
    """Chats with an answer, without a ticket and without 👎, of all chats that asked."""
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
    both = report.years
    for line in both.lines:
        word = f"{say('year_' + line.word)}{' (%)' if line.is_share else ''}"
        rows.append([say("yearly"), f"{both.now.year} {word}", line.now])
        rows.append([say("yearly"), f"{both.before.year} {word}", line.before])
    return rows


def _share(kept: Kept) -> str:
    return "" if kept.share is None else f"{kept.share:.1%} ({kept.kept}/{kept.of})"
