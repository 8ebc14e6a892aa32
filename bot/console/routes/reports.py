"""Figures: the page, and its tables for spreadsheets. Every export is on record."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from bot.console import export, report
from bot.console import years as yearly
from bot.console.console import Console, me
from bot.console.words import Words
from bot.console.years import Comparison
from bot.conversation.period import Period
from bot.http import NOT_STORED
from bot.masking import masked
from bot.tickets import audit
from bot.tickets import staff as accounts
from bot.tickets.model import Ticket
from bot.tickets.queue import staff_actor

USUAL_DAYS = 30
MOST_DAYS = 3 * 366
Day = Annotated[date | None, Query()]
AYear = Annotated[int | None, Query()]
Kind = Literal["csv", "xlsx"]
_HEAD = (
    "number", "queue", "priority", "status", "subject", "reason", "created", "claimed", "first_answer",
    "closed_on", "close_reason", "assignee", "reopened", "rated", "comment",
)  # fmt: skip


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/report."""
    router = APIRouter(prefix="/report")

    @router.get("")
    def report_page(
        request: Request, first: Day = None, last: Day = None, year: AYear = None, other: AYear = None
    ) -> Response:
        period, now = _period(console, first, last), console.clock()
        with console.database.reading() as tx:
            years = _years(console, tx, year, other)
            found = report.read(tx, period, desk=console.desk, years=years, now=now)
        return console.pages.render(
            request,
            "report.html",
            me(request),
            report=found,
            policy=console.desk.policy,
        )

    @router.get("/tickets.{kind}")
    def export_tickets(request: Request, kind: Kind, first: Day = None, last: Day = None) -> Response:
        period, words = _period(console, first, last), console.pages.words(request, me(request))
        with console.database.transaction() as tx:
            found = report.opened_tickets(tx, period)
            names = {each.id: each.name for each in accounts.listing(tx)}
            _recorded(console, tx, request, f"tickets.{kind}", period, rows=len(found))
        head = [words(f"column_{name}") for name in _HEAD]
        return _file(kind, "tickets", period, head, [_row(each, names, words) for each in found])

    @router.get("/figures.{kind}")
    def export_report(request: Request, kind: Kind, first: Day = None, last: Day = None) -> Response:
        period, words = _period(console, first, last), console.pages.words(request, me(request))
        with console.database.transaction() as tx:
            years = _years(console, tx, None, None)
            found = report.read(tx, period, desk=console.desk, years=years, now=console.clock())
            _recorded(console, tx, request, f"figures.{kind}", period, rows=1)
        head = [words("section"), words("figure"), words("value")]
        return _file(kind, "figures", period, head, report.rows_of(found, words))

    @router.get("/years.{kind}")
    def export_years(request: Request, kind: Kind, year: AYear = None, other: AYear = None) -> Response:
        words = console.pages.words(request, me(request))
        with console.database.transaction() as tx:
            both = _years(console, tx, year, other)
            period = Period(first=both.now.first, last=both.now.last, zone=console.config.district.zone)
            _recorded(
                console, tx, request, f"years.{kind}", period, rows=len(both.lines), other=both.before.year
            )
        head, rows = yearly.table(both, words)
        return _file(kind, "years", period, head, rows)

    return router


def _years(console: Console, tx: Connection, year: int | None, other: int | None) -> Comparison:
    try:
        return yearly.compare(
            tx, zone=console.config.district.zone, now=console.clock(), year=year, other=other
        )
    except ValueError as error:
        raise HTTPException(400, str(error)) from error


def _period(console: Console, first: date | None, last: date | None) -> Period:
    zone = console.config.district.zone
    last = last or console.clock().astimezone(zone).date()
    first = first or last - timedelta(days=USUAL_DAYS - 1)
    if not (first <= last and (last - first).days < MOST_DAYS and first.year > 2000 and last.year < 2200):
        raise HTTPException(400, "the period must end after it begins, within three years")
    return Period(first=first, last=last, zone=zone)


def _recorded(
    console: Console,
    tx: Connection,
    request: Request,
    what: str,
    period: Period,
    *,
    rows: int,
    **more: object,
) -> None:
    audit.record(
        tx,
        staff_actor(me(request).id),
        "data.export",
        f"report:{what}",
        now=console.clock(),
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        rows=rows,
        **more,
    )


def _row(ticket: Ticket, names: dict[int, str], words: Words) -> list[object]:
    def local(at: datetime | None) -> str:
        return words.full(at) if at is not None else ""

    return [
        ticket.number,
        words(f"queue_{ticket.queue.value}"),
        words("urgent") if ticket.priority.value == "urgent" else "",
        words(f"status_{ticket.status.value}"),
        masked(ticket.subject),
        words.why(ticket.reason, masked(ticket.reason)),
        local(ticket.created_at),
        local(ticket.claimed_at),
        local(ticket.first_answer_at),
        local(ticket.closed_at),
        words(f"reason_{ticket.close_reason.value}") if ticket.close_reason else "",
        names.get(ticket.assignee_id, "") if ticket.assignee_id else "",
        ticket.reopened,
        words(f"rating_{ticket.satisfaction.value}") if ticket.satisfaction else "",
        masked(ticket.comment or ""),
    ]


def _file(
    kind: Kind, name: str, period: Period, head: Sequence[str], rows: Sequence[Sequence[object]]
) -> Response:
    content = export.as_csv(head, rows) if kind == "csv" else export.as_xlsx(head, rows, title=name)
    return Response(
        content,
        media_type=export.CSV if kind == "csv" else export.XLSX,
        headers={
            **NOT_STORED,
            "Content-Disposition": f'attachment; filename="anwen-{name}-{period.first}-{period.last}.{kind}"',
        },
    )
