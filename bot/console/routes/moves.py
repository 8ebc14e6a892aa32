"""What is done to one ticket. Each move is one transaction; afterwards the citizen's open page is woken."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from bot.channels.base import cleaned
from bot.console import access
from bot.console.console import Console, find_ticket, me
from bot.console.doors import Form, done, form_of, is_script
from bot.console.dossier import REVEAL
from bot.console.routes.tickets import LONGEST_ANSWER
from bot.conversation import handling, transcript
from bot.errors import LateAnswer, TicketConflict
from bot.http import NOT_STORED
from bot.tickets import audit
from bot.tickets import staff as accounts
from bot.tickets.model import CloseReason, Ticket
from bot.tickets.queue import staff_actor
from knowledge.entries import Queue

_LAST_SEQ = 2**31 - 1
Text = Annotated[str, Field(max_length=LONGEST_ANSWER)]


class Answer(Form):
    """An answer to the citizen, and how far its writer had read."""

    text: Text
    seen: int = Field(ge=0, le=_LAST_SEQ)
    ask: Literal["", "yes"] = ""
    client_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")


class Note(Form):
    """A note for colleagues."""

    text: Text


class Transfer(Form):
    """Another desk, with a note for it."""

    queue: Queue
    note: Text = ""


class Assign(Form):
    """A colleague, with a note."""

    to: int
    note: Text = ""


class Close(Form):
    """Why the ticket is closed; the version the page showed, so that nothing the citizen wrote since is passed over."""

    reason: CloseReason
    version: int | None = None


class Nothing(Form):
    """A change that needs no words."""


class Resend(Form):
    """The message to try again."""

    seq: int = Field(ge=1, le=_LAST_SEQ)


Move = Callable[[Connection, Ticket], object]


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/tickets/{number} that change something."""
    router = APIRouter(prefix="/tickets/{number}")
    router.include_router(_speaking(console))
    router.include_router(_handing(console))
    router.include_router(_ending(console))
    router.include_router(_small_things(console))
    return router


def _speaking(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/answer")
    def answer(request: Request, number: str, form: Annotated[Answer, Depends(form_of(Answer))]) -> Response:
        person, now, text = me(request), console.clock(), cleaned(form.text).strip()
        if not text:
            raise HTTPException(400, "an answer needs words")

        def move(tx: Connection, ticket: Ticket) -> object:
            return handling.answer(
                tx,
                console.desk,
                ticket.id,
                person,
                text,
                seen_seq=form.seen,
                now=now,
                ask=form.ask == "yes",
                client_id=form.client_id,
            )

        try:
            _make(console, request, number, move)
        except LateAnswer as late:
            words = console.pages.words(request, person)
            message = words("late", name=late.name, minutes=late.minutes)
            if not is_script(request):
                raise
            error = {"code": "late", "message": message}
            return JSONResponse({"error": error}, 409, headers=NOT_STORED)
        console.hub.presence.stopped(number, person.id)
        return done(request, _page(number), said="answered")

    @router.post("/note")
    def note(request: Request, number: str, form: Annotated[Note, Depends(form_of(Note))]) -> Response:
        person, now, text = me(request), console.clock(), cleaned(form.text).strip()
        if not text:
            raise HTTPException(400, "a note needs words")
        _make(
            console, request, number, lambda tx, ticket: handling.note(tx, ticket.id, person, text, now=now)
        )
        return done(request, _page(number), said="noted")

    return router


def _handing(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/claim")
    def claim(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        _make(
            console, request, number, lambda tx, ticket: handling.claim(tx, desk, ticket.id, person, now=now)
        )
        return done(request, _page(number), said="claimed")

    @router.post("/release")
    def release(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        _make(
            console,
            request,
            number,
            lambda tx, ticket: handling.release(tx, desk, ticket.id, person, now=now),
        )
        return done(request, _page(number), said="released")

    @router.post("/assign")
    def assign(request: Request, number: str, form: Annotated[Assign, Depends(form_of(Assign))]) -> Response:
        person, now, desk = me(request), console.clock(), console.desk

        def move(tx: Connection, ticket: Ticket) -> object:
            to = accounts.get(tx, form.to)
            return handling.reassign(
                tx, desk, ticket.id, to, person, now=now, note=cleaned(form.note).strip()
            )

        _make(console, request, number, move)
        return done(request, _page(number), said="assigned")

    @router.post("/transfer")
    def transfer(
        request: Request, number: str, form: Annotated[Transfer, Depends(form_of(Transfer))]
    ) -> Response:
        person, now, note = me(request), console.clock(), cleaned(form.note).strip()

        def move(tx: Connection, ticket: Ticket) -> Ticket:
            return handling.transfer(tx, console.desk, ticket.id, form.queue, person, note=note, now=now)

        moved = _make(console, request, number, move)
        assert isinstance(moved, Ticket)
        to = _page(number) if access.may_see(person, moved) else access.PREFIX
        return done(request, to, said="transferred")

    return router


def _ending(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/resolve")
    def resolve(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        _make(
            console,
            request,
            number,
            lambda tx, ticket: handling.resolve(tx, desk, ticket.id, person, now=now),
        )
        return done(request, _page(number), said="resolved")

    @router.post("/close")
    def close(request: Request, number: str, form: Annotated[Close, Depends(form_of(Close))]) -> Response:
        person, now = me(request), console.clock()

        def move(tx: Connection, ticket: Ticket) -> object:
            return handling.close(
                tx,
                console.desk,
                ticket.id,
                person,
                form.reason,
                wording=console.wording,
                now=now,
                version=form.version,
            )

        _make(console, request, number, move)
        return done(request, _page(number), said="closed")

    @router.post("/reopen")
    def reopen(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        _make(
            console, request, number, lambda tx, ticket: handling.reopen(tx, desk, ticket.id, person, now=now)
        )
        return done(request, _page(number), said="reopened")

    return router


def _small_things(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/urgent")
    def make_urgent(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        _make(
            console,
            request,
            number,
            lambda tx, ticket: handling.mark_urgent(tx, desk, ticket.id, person, now=now),
        )
        return done(request, _page(number), said="urgent")

    @router.post("/call-back")
    def call_back(request: Request, number: str, form: Annotated[Note, Depends(form_of(Note))]) -> Response:
        person, now, text = me(request), console.clock(), cleaned(form.text).strip()
        if not text:
            raise HTTPException(400, "a record needs words")
        _make(
            console,
            request,
            number,
            lambda tx, ticket: handling.call_back(tx, ticket.id, person, text, now=now),
        )
        return done(request, _page(number), said="called_back")

    @router.post("/resend")
    def resend(request: Request, number: str, form: Annotated[Resend, Depends(form_of(Resend))]) -> Response:
        person, now = me(request), console.clock()

        def move(tx: Connection, ticket: Ticket) -> object:
            if not transcript.resend(tx, ticket.conversation_id, form.seq, now=now):
                raise TicketConflict("this message is not a failed one any more")
            target = audit.ticket_target(ticket)
            audit.record(tx, staff_actor(person.id), "ticket.resend", target, now=now, seq=form.seq)
            return None

        _make(console, request, number, move)
        return done(request, _page(number), said="resent")

    @router.post("/reveal")
    def reveal(request: Request, number: str) -> Response:
        """Show the citizen's numbers for ten minutes; the audit entry is what shows them."""
        person, now = me(request), console.clock()
        with console.database.transaction() as tx:
            ticket = find_ticket(tx, person, number)
            audit.record(tx, staff_actor(person.id), REVEAL, audit.ticket_target(ticket), now=now)
        return done(request, _page(number), said="revealed")

    @router.post("/typing")
    def typing(request: Request, number: str) -> Response:
        person = me(request)
        with console.database.reading() as tx:
            find_ticket(tx, person, number)
        console.hub.presence.typed(number, person.id)
        console.hub.people_changed(number)
        return Response(status_code=204, headers=NOT_STORED)

    return router


def _make(console: Console, request: Request, number: str, move: Move) -> object:
    """Make `move` in one transaction, on a ticket this person may see; what it returned."""
    with console.database.transaction() as tx:
        ticket = find_ticket(tx, me(request), number)
        wake = console.wake(tx, ticket)
        moved = move(tx, ticket)
    wake()
    return moved


def _page(number: str) -> str:
    return f"{access.PREFIX}/tickets/{number}"
