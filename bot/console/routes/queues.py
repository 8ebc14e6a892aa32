"""The list of tickets, the search, live events, and what is done to several tickets at once."""

from typing import Annotated, Literal
from zlib import crc32

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from bot.console import access, listing
from bot.console.console import Console, find_ticket, me
from bot.console.doors import Form, done, form_of
from bot.console.listing import PAGE_SIZE, Filter, Show
from bot.console.live import events as stream_of
from bot.conversation import handling
from bot.errors import TicketError
from bot.http import NOT_STORED, refusal
from bot.storage.search import refresh
from bot.tickets import staff
from bot.tickets.model import CloseReason
from knowledge.entries import Queue

_STREAM = {**NOT_STORED, "X-Accel-Buffering": "no"}
TRY_AGAIN_S = 5


class Bulk(Form):
    """What to do with the chosen tickets."""

    number: tuple[str, ...]  # each as number@version, the version being the one the page showed
    do: Literal["close", "transfer", "claim"]
    reason: CloseReason = CloseReason.SOLVED
    queue: Queue = Queue.SERVICES


def create_router(console: Console) -> APIRouter:
    """The routes /staff, /staff/search, /staff/events, /staff/bulk."""
    router = _lists(console)
    router.include_router(_live(console))
    router.include_router(_bulk(console))
    return router


def _lists(console: Console) -> APIRouter:
    router = APIRouter()

    @router.get("")
    def queue_page(
        request: Request,
        show: Show = Show.LIVE,
        queue: Queue | None = None,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        person, now = me(request), console.clock()
        wanted = Filter(show=show, queue=queue, page=page)
        with console.database.reading() as tx:
            lines = listing.page_of(tx, person, wanted, now=now)
            counts = listing.counts(tx, person, now=now)
        console.has_read(person, "ticket.listed", ":".join(filter(None, ("list", show.value, queue))))
        return console.pages.render(
            request,
            "queue.html",
            person,
            lines=lines[:PAGE_SIZE],
            more=len(lines) > PAGE_SIZE,
            wanted=wanted,
            counts=counts,
            now=now,
            presence=console.hub.presence,
            queues=tuple(Queue),
            shows=tuple(Show),
            reasons=tuple(CloseReason),
        )

    @router.get("/search")
    def search_page(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        """What was found is on record; what was searched for only by a mark that does not tell the words: they may
        be somebody's name or number.
        """
        person = me(request)
        refresh(console.database)
        with console.database.reading() as tx:
            found = listing.search(tx, person, q)
        if q.strip():
            numbers = [each.line.ticket.number for each in found]
            target = (
                f"search:{crc32(q.strip().encode()) & 0xFFFF:04x}"  # of a million numbers 15 have the same
            )
            console.has_read(person, "data.search", target, found=len(found), tickets=numbers)
        return console.pages.render(
            request, "search.html", person, q=q, found=found, presence=console.hub.presence
        )

    return router


def _live(console: Console) -> APIRouter:
    router = APIRouter()

    @router.get("/events")
    def events(request: Request, ticket: str | None = None) -> Response:
        person, token = me(request), console.cookie.read(request)
        if console.hub.full:
            return refusal(503, "unavailable", "too many pages", headers={"Retry-After": str(TRY_AGAIN_S)})
        if ticket is not None:
            with console.database.reading() as tx:
                find_ticket(tx, person, ticket)

        def is_signed_in() -> bool:
            return staff.current(console.database, token, now=console.clock()) is not None

        return StreamingResponse(
            stream_of(console.hub, person, ticket, is_signed_in=is_signed_in),
            media_type="text/event-stream",
            headers=_STREAM,
        )

    return router


def _bulk(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/bulk")
    def bulk(request: Request, form: Annotated[Bulk, Depends(form_of(Bulk))]) -> Response:
        """Each ticket on its own: one that somebody else just changed does not stop the others."""
        failed = sum(not _one(console, request, chosen, form) for chosen in dict.fromkeys(form.number))
        return done(request, access.PREFIX, said="bulk_partly" if failed else "bulk")

    return router


def _one(console: Console, request: Request, chosen: str, form: Bulk) -> bool:
    person, now = me(request), console.clock()
    number, _, shown = chosen.partition("@")
    version = int(shown) if shown.isdecimal() and len(shown) < 10 else None
    try:
        with console.database.transaction() as tx:
            ticket = find_ticket(tx, person, number)
            wake = console.wake(tx, ticket)
            if form.do == "close":
                handling.close(
                    tx,
                    console.desk,
                    ticket.id,
                    person,
                    form.reason,
                    wording=console.wording,
                    now=now,
                    version=version,
                )
            elif form.do == "transfer":
                handling.transfer(
                    tx, console.desk, ticket.id, form.queue, person, note="", now=now, version=version
                )
            else:
                handling.claim(tx, console.desk, ticket.id, person, now=now)  # two at once: the first has it
    except TicketError:
        return False
    wake()
    return True
