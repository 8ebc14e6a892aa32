"""The table `daily_figures`: what a district reports, counted day by day.

Chats and tickets go with their retention; these numbers stay, so that a year can be told when its chats are gone.
A day is counted once, soon after it is over, and never again: after a purge it would come out smaller.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from bot.conversation.model import Human, TurnKind
from bot.conversation.period import Period
from bot.storage.database import Database
from bot.storage.desk_tables import ticket_events, tickets
from bot.storage.figure_tables import daily_figures
from bot.storage.form_tables import case_cards
from bot.storage.tables import feedback, messages
from bot.tickets.model import Satisfaction
from knowledge.entries import Queue

SETTLED_AFTER = timedelta(hours=1)  # a message of the last second of a day is committed after it
DAYS_AT_ONCE = 60
CREDIT_FORM = "credit_repair"
_ASKING = {each.value for each in TurnKind} - {TurnKind.SMALLTALK.value, TurnKind.HANDOVER.value}
_TURN = {
    name: messages.c.payload[("turn", name)].as_string().label(name)
    for name in ("kind", "domain", "risk", "human")
}
_URGENT = messages.c.payload[("turn", "urgent")].as_boolean().label("urgent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What some days counted. A chat counts once a day in each line, however much was said."""

    consultations: int = 0  # chats that asked something
    alone: int = 0  # of them, with an answer and neither a person nor 👎
    credit: int = 0  # of them, about credit
    fraud: int = 0  # of them, about fraud or with a sign of it
    credit_repairs: int = 0  # chats with a finished credit repair form or a ticket of that queue
    fraud_reports: int = 0  # chats with a finished fraud report or a ticket of that queue
    tickets: int = 0  # opened
    closed: int = 0  # closed, and not opened again before the day was over
    rated_5: int = 0  # tickets by the last level they got on that day
    rated_4: int = 0
    rated_3: int = 0
    rated_2: int = 0
    rated_1: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})

    @property
    def rated(self) -> int:
        """Tickets that were rated."""
        return sum(self.of_level(level) for level in Satisfaction)

    @property
    def satisfied(self) -> int:
        """Tickets rated fairly satisfied or better."""
        return sum(self.of_level(level) for level in Satisfaction if not level.is_complaint)

    def of_level(self, level: Satisfaction) -> int:
        """Tickets rated `level`."""
        count: int = getattr(self, f"rated_{int(level)}")
        return count


NAMES = tuple(field.name for field in fields(Figures))


# --- the table ----------------------------------------------------------------------------------------------


def roll_up(database: Database, zone: ZoneInfo, *, now: datetime) -> int:
    """Count the days that are over and not counted yet; how many. Must run before anything is purged."""
    last, counted = (now - SETTLED_AFTER).astimezone(zone).date() - timedelta(days=1), 0
    while True:
        with database.reading() as tx:
            first = next_day(tx, zone)
            if first is None or first > last:
                return counted
            until = min(last, first + timedelta(days=DAYS_AT_ONCE - 1))
            rows = [{"day": day.isoformat(), **asdict(count(tx, day, zone))} for day in _days(first, until)]
        try:
            with database.transaction() as tx:
                if next_day(tx, zone) == first:  # else another process was faster
                    tx.execute(insert(daily_figures), rows)
                    counted += len(rows)
        except IntegrityError:  # the same, on an engine where writers do not wait for each other
            continue


def next_day(tx: Connection, zone: ZoneInfo) -> date | None:
    """The first day that is not in the table yet; None while nothing ever happened."""
    last = tx.execute(select(func.max(daily_figures.c.day))).scalar()
    return _first_with_anything(tx, zone) if last is None else date.fromisoformat(last) + timedelta(days=1)


def first_day(tx: Connection, zone: ZoneInfo) -> date | None:
    """The earliest day anything is known of; None while nothing ever happened."""
    first = tx.execute(select(func.min(daily_figures.c.day))).scalar()
    return _first_with_anything(tx, zone) if first is None else date.fromisoformat(first)


def over(tx: Connection, period: Period) -> Figures:
    """The figures of `period`: from the table, and live for the days that are not in it yet."""
    columns = [func.coalesce(func.sum(daily_figures.c[name]), 0).label(name) for name in NAMES]
    row = tx.execute(
        select(*columns).where(
            daily_figures.c.day >= period.first.isoformat(), daily_figures.c.day <= period.last.isoformat()
        )
    ).one()
    total, uncounted = Figures(**{name: int(row._mapping[name]) for name in NAMES}), next_day(tx, period.zone)
    if uncounted is not None:
        for day in _days(max(uncounted, period.first), period.last):
            total += count(tx, day, period.zone)
    return total


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _first_with_anything(tx: Connection, zone: ZoneInfo) -> date | None:
    oldest = [tx.execute(select(func.min(table.c.created_at))).scalar() for table in (messages, tickets)]
    known = [at for at in oldest if at is not None]
    return datetime.fromtimestamp(min(known), tz=UTC).astimezone(zone).date() if known else None


# --- one day, from what happened ------------------------------------------------------------------------------


def count(tx: Connection, day: date, zone: ZoneInfo) -> Figures:
    """What `day` counts by what is stored now."""
    period = Period(first=day, last=day, zone=zone)
    turns, there = _turns(tx, period), _tickets(tx, period)
    cards = _cards(tx, period)
    opened = [ticket for ticket in there if ticket.created_at >= period.start]
    asked = {turn.conversation_id for turn in turns if _is_consultation(turn)} | _chats(opened)
    answered = cards | {turn.conversation_id for turn in turns if turn.kind == TurnKind.ANSWER.value}
    return Figures(
        consultations=len(asked),
        alone=len((asked & answered) - _chats(there) - _unhelped(tx, period)),
        credit=len(asked & {turn.conversation_id for turn in turns if turn.domain == Queue.CREDIT.value}),
        fraud=len(asked & {turn.conversation_id for turn in turns if _is_fraud(turn)}),
        credit_repairs=len(cards | _chats(opened, Queue.CREDIT)),
        fraud_reports=len(_chats(opened, Queue.FRAUD) | {t.conversation_id for t in turns if _reports(t)}),
        tickets=len(opened),
        closed=sum(t.closed_at is not None and t.closed_at < period.end for t in there),
        **_rated(tx, period),
    )


def _turns(tx: Connection, period: Period) -> list[Row[Any]]:
    """The different kinds of turns each chat had."""
    query = select(messages.c.conversation_id, *_TURN.values(), _URGENT).distinct()
    return list(
        tx.execute(
            query.where(
                messages.c.created_at >= period.start,
                messages.c.created_at < period.end,
                messages.c.author == "bot",
                messages.c.reply_to.is_not(None),
            )
        )
    )


def _tickets(tx: Connection, period: Period) -> list[Row[Any]]:
    """The tickets that were live at some moment of it."""
    return list(
        tx.execute(
            select(
                tickets.c.conversation_id, tickets.c.queue, tickets.c.created_at, tickets.c.closed_at
            ).where(
                tickets.c.created_at < period.end,
                or_(tickets.c.closed_at.is_(None), tickets.c.closed_at >= period.start),
            )
        )
    )


def _chats(found: list[Row[Any]], queue: Queue | None = None) -> set[int]:
    return {each.conversation_id for each in found if queue is None or each.queue == queue.value}


def _cards(tx: Connection, period: Period) -> set[int]:
    rows = tx.execute(
        select(case_cards.c.conversation_id).where(
            case_cards.c.form == CREDIT_FORM,
            case_cards.c.created_at >= period.start,
            case_cards.c.created_at < period.end,
        )
    )
    return {row.conversation_id for row in rows}


def _unhelped(tx: Connection, period: Period) -> set[int]:
    rows = tx.execute(
        select(messages.c.conversation_id)
        .join(feedback, feedback.c.message_id == messages.c.id)
        .where(
            feedback.c.rating < 0,
            messages.c.created_at >= period.start,
            messages.c.created_at < period.end,
        )
    )
    return {row.conversation_id for row in rows}


def _rated(tx: Connection, period: Period) -> dict[str, int]:
    rows = tx.execute(
        select(ticket_events.c.ticket_id, ticket_events.c.detail)
        .where(
            ticket_events.c.kind == "rated",
            ticket_events.c.at >= period.start,
            ticket_events.c.at < period.end,
        )
        .order_by(ticket_events.c.id)
    )
    levels = [int(level) for level in {row.ticket_id: row.detail["satisfaction"] for row in rows}.values()]
    return {f"rated_{int(level)}": levels.count(int(level)) for level in Satisfaction}


def _is_consultation(turn: Row[Any]) -> bool:
    """A question, a form, a danger; also asking for a person where there is none. Rating a ticket is none."""
    wants_a_person = turn.kind == TurnKind.HANDOVER.value and turn.human == Human.OFFERED.value
    return turn.kind in _ASKING or wants_a_person


def _is_fraud(turn: Row[Any]) -> bool:
    return turn.domain == Queue.FRAUD.value or turn.risk not in (None, "none")


def _reports(turn: Row[Any]) -> bool:
    """Of the forms about fraud only a finished report is urgent."""
    return turn.kind == TurnKind.FORM.value and turn.domain == Queue.FRAUD.value and bool(turn.urgent)
