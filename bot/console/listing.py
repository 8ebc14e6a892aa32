"""The queue list: filters, order, and what a row shows. Reads only; writes are in the modules that own the tables."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
)

from bot.storage.desk_tables import notes, staff, tickets
from bot.storage.search import find
from bot.storage.tables import conversations, messages
from bot.tickets import queue
from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.people import Role, Staff
from bot.tickets.sla import ClockName
from knowledge.entries import Queue

PAGE_SIZE = 50
MOST_HITS = 500  # messages looked at for one search
_LIVE = tuple(status.value for status in TicketStatus if status is not TicketStatus.CLOSED)


class Show(StrEnum):
    """Which tickets a list shows, besides its queue."""

    LIVE = "live"
    OPEN = "open"
    MINE = "mine"
    WAITING = "waiting"
    RESOLVED = "resolved"
    URGENT = "urgent"
    OVERDUE = "overdue"  # a clock ran out
    ATTENTION = "attention"  # a failed delivery, a clock that ran out, an urgent one nobody has claimed
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list is asked for."""

    show: Show = Show.LIVE
    queue: Queue | None = None
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the list."""

    ticket: Ticket
    assignee: str | None
    channel: str
    due_at: datetime | None
    due_clock: ClockName | None
    warned: bool  # that clock ends soon, as the policy sees it
    last_words: str  # of the citizen
    failed: int  # messages that could not be delivered

    @property
    def waits_since(self) -> datetime | None:
        """Since when the citizen waits for an answer; None when it is not our turn."""
        is_ours = self.ticket.status in (TicketStatus.OPEN, TicketStatus.CLAIMED)
        return self.ticket.asked_at if is_ours else None

    def due_in(self, now: datetime) -> timedelta | None:
        """Time left on the next clock, negative once it ran out; None while none runs."""
        return None if self.due_at is None else self.due_at - now


def page_of(tx: Connection, person: Staff, wanted: Filter, *, now: datetime) -> tuple[Line, ...]:
    """One page of the list, one row more than fits when there is another page."""
    statement = _page_of(_limit(person), wanted.show, wanted.queue)
    rows = tx.execute(statement, {**_values(person, now), "offset": PAGE_SIZE * (wanted.page - 1)})
    return tuple(_line(row) for row in rows)


def counts(tx: Connection, person: Staff, *, now: datetime) -> dict[str, int]:
    """How many tickets each filter would show: by Show, and by `queue:<queue>` for live ones."""
    row = tx.execute(_counts(_limit(person)), _values(person, now)).one()
    return {name: int(value) for name, value in row._mapping.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A ticket the search found, with the newest message that made it so; empty when its ticket matched."""

    line: Line
    quote: str


def search(tx: Connection, person: Staff, query: str) -> tuple[Found, ...]:
    """The tickets whose number, subject, notes or messages hold the words of `query`, newest first."""
    words = query.split()
    if not words:
        return ()
    hits = find(tx, query, limit=MOST_HITS)
    said = select(messages.c.conversation_id).where(messages.c.id.in_(hits))
    ticket_words = and_(*(_in_ticket(word) for word in words))
    rows = tx.execute(
        _lines()
        .where(_visible(_limit(person)), or_(ticket_words, tickets.c.conversation_id.in_(said)))
        .order_by(tickets.c.id.desc())
        .limit(PAGE_SIZE),
        {"me": person.id},
    )
    lines = [_line(row) for row in rows]
    quotes = _quotes(tx, hits, {line.ticket.conversation_id for line in lines})
    return tuple(Found(line=line, quote=quotes.get(line.ticket.conversation_id, "")) for line in lines)


def _in_ticket(word: str) -> ColumnElement[bool]:
    noted = exists().where(notes.c.ticket_id == tickets.c.id, notes.c.text.contains(word, autoescape=True))
    columns = (tickets.c.number, tickets.c.subject, tickets.c.reason)
    return or_(*(column.contains(word, autoescape=True) for column in columns), noted)


def _quotes(tx: Connection, hits: tuple[int, ...], conversation_ids: set[int]) -> dict[int, str]:
    """The newest of the messages `hits` in each conversation."""
    rows = tx.execute(
        select(messages.c.conversation_id, messages.c.text)
        .where(messages.c.id.in_(hits), messages.c.conversation_id.in_(conversation_ids))
        .order_by(messages.c.id)
    )
    return {row.conversation_id: row.text for row in rows}


# Every open page asks for these again and again: made once, because making a statement costs more than running it.
_ME: BindParameter[int] = bindparam("me")
_NOW: BindParameter[float] = bindparam("now")
Limit = frozenset[Queue] | None  # the queues somebody is limited to, besides their own tickets


@cache
def _page_of(limit: Limit, show: Show, queue: Queue | None) -> Select[Any]:
    return (
        _lines()
        .where(_visible(limit), _shown(show, queue))
        .order_by(*_order(show))
        .limit(PAGE_SIZE + 1)
        .offset(bindparam("offset"))
    )


@cache
def _counts(limit: Limit) -> Select[Any]:
    live = tickets.c.status.in_(_LIVE)
    wanted = {show.value: _shown(show, None) for show in Show if show is not Show.CLOSED} | {
        f"queue:{each.value}": and_(live, tickets.c.queue == each.value) for each in Queue
    }
    sums = [func.coalesce(func.sum(case((test, 1), else_=0)), 0).label(name) for name, test in wanted.items()]
    return select(*sums).where(_visible(limit), or_(live, _has_failed()))


def _limit(person: Staff) -> Limit:
    """The same rule as `access.may_see`."""
    return person.queues if person.role is Role.AGENT and person.queues else None


def _visible(limit: Limit) -> ColumnElement[bool]:
    if limit is None:
        return true()
    return or_(
        tickets.c.queue.in_(sorted(each.value for each in limit)),
        tickets.c.assignee_id == _ME,
        tickets.c.watcher_id == _ME,
    )


def _values(person: Staff, now: datetime) -> dict[str, Any]:
    return {"me": person.id, "now": now.timestamp()}


def _lines() -> Select[Any]:
    last_words = (
        select(messages.c.text)
        .where(messages.c.conversation_id == tickets.c.conversation_id, messages.c.author == "citizen")
        .order_by(messages.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    failed = (
        select(func.count())
        .where(messages.c.conversation_id == tickets.c.conversation_id, messages.c.status == "failed")
        .scalar_subquery()
    )
    return (
        select(
            tickets,
            staff.c.name.label("assignee"),
            conversations.c.channel,
            last_words.label("last_words"),
            failed.label("failed"),
        )
        .join(conversations, conversations.c.id == tickets.c.conversation_id)
        .outerjoin(staff, staff.c.id == tickets.c.assignee_id)
    )


def _shown(show: Show, queue: Queue | None) -> ColumnElement[bool]:
    live = tickets.c.status.in_(_LIVE)
    urgent = tickets.c.priority == Priority.URGENT.value
    is_open = tickets.c.status == TicketStatus.OPEN.value
    tests = {
        Show.LIVE: live,
        Show.OPEN: is_open,
        Show.MINE: and_(live, tickets.c.assignee_id == _ME),
        Show.WAITING: tickets.c.status == TicketStatus.WAITING.value,
        Show.RESOLVED: tickets.c.status == TicketStatus.RESOLVED.value,
        Show.URGENT: and_(live, urgent),
        Show.OVERDUE: and_(live, tickets.c.due_at < _NOW),
        Show.ATTENTION: or_(and_(live, tickets.c.due_at < _NOW), and_(is_open, urgent), _has_failed()),
        Show.CLOSED: tickets.c.status == TicketStatus.CLOSED.value,
    }
    test = tests[show]
    return test if queue is None else and_(test, tickets.c.queue == queue.value)


def _has_failed() -> ColumnElement[bool]:
    return exists().where(
        messages.c.conversation_id == tickets.c.conversation_id, messages.c.status == "failed"
    )


def _order(show: Show) -> tuple[ColumnElement[Any], ...]:
    if show is Show.CLOSED:
        return (tickets.c.closed_at.desc(), tickets.c.id.desc())
    ours = case(
        (tickets.c.status == TicketStatus.OPEN.value, 0),
        (tickets.c.status == TicketStatus.CLAIMED.value, 1),
        else_=2,
    )
    return (
        case((tickets.c.priority == Priority.URGENT.value, 0), else_=1),
        case((tickets.c.due_at.is_(None), 1), else_=0),
        tickets.c.due_at,
        ours,
        tickets.c.id,
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        ticket=queue.from_row(row),
        assignee=row.assignee,
        channel=row.channel,
        due_at=None if row.due_at is None else datetime.fromtimestamp(row.due_at, tz=UTC),
        due_clock=ClockName(row.due_clock) if row.due_clock else None,
        warned=row.warned_at is not None,
        last_words=row.last_words or "",
        failed=row.failed,
    )
