"""What is done to one ticket besides speaking: handing it on, ending it, small things."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from bot.channels.base import cleaned
from bot.console import access
from bot.console.console import Console, find_ticket, me
from bot.console.doors import Form, done, form_of
from bot.console.dossier import REVEAL
from bot.console.routes.making import make_move, page_of
from bot.console.routes.speaking import LAST_SEQ, Text
from bot.conversation import handling, transcript
from bot.errors import TicketConflict
from bot.http import NOT_STORED
from bot.tickets import audit, call_backs
from bot.tickets import staff as accounts
from bot.tickets.call_backs import CallOutcome
from bot.tickets.model import CloseReason, Ticket
from bot.tickets.queue import staff_actor
from knowledge.entries import Queue


class Seen(Form):
    """The version of the ticket that the page showed: what happened since is not passed over."""

    version: int | None = None


class Transfer(Seen):
    """Another desk, with a note for it."""

    queue: Queue
    note: Text = ""


class Assign(Seen):
    """A colleague, with a note."""

    to: int
    note: Text = ""


class Close(Seen):
    """Why the ticket is closed."""

    reason: CloseReason


class Call(Form):
    """A call to a citizen who complained: what came of it, and when it was, in the district's time."""

    outcome: CallOutcome
    text: Text
    called_at: datetime | None = None


class Resend(Form):
    """The message to try again."""

    seq: int = Field(ge=1, le=LAST_SEQ)


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/tickets/{number} that change something."""
    router = APIRouter(prefix="/tickets/{number}")
    router.include_router(_handing(console))
    router.include_router(_ending(console))
    router.include_router(_small_things(console))
    return router


def _handing(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/claim")
    def claim(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        make_move(
            console, request, number, lambda tx, ticket: handling.claim(tx, desk, ticket.id, person, now=now)
        )
        return done(request, page_of(number), said="claimed")

    @router.post("/release")
    def release(request: Request, number: str, form: Annotated[Seen, Depends(form_of(Seen))]) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        make_move(
            console,
            request,
            number,
            lambda tx, ticket: handling.release(tx, desk, ticket.id, person, now=now, version=form.version),
        )
        return done(request, page_of(number), said="released")

    @router.post("/assign")
    def assign(request: Request, number: str, form: Annotated[Assign, Depends(form_of(Assign))]) -> Response:
        person, now, desk = me(request), console.clock(), console.desk

        def move(tx: Connection, ticket: Ticket) -> object:
            to = accounts.get(tx, form.to)
            return handling.reassign(
                tx,
                desk,
                ticket.id,
                to,
                person,
                now=now,
                note=cleaned(form.note).strip(),
                version=form.version,
            )

        make_move(console, request, number, move)
        return done(request, page_of(number), said="assigned")

    @router.post("/transfer")
    def transfer(
        request: Request, number: str, form: Annotated[Transfer, Depends(form_of(Transfer))]
    ) -> Response:
        person, now, note = me(request), console.clock(), cleaned(form.note).strip()

        def move(tx: Connection, ticket: Ticket) -> Ticket:
            return handling.transfer(
                tx, console.desk, ticket.id, form.queue, person, note=note, now=now, version=form.version
            )

        moved = make_move(console, request, number, move)
        assert isinstance(moved, Ticket)
        to = page_of(number) if access.may_see(person, moved) else access.PREFIX
        return done(request, to, said="transferred")

    return router


def _ending(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/resolve")
    def resolve(request: Request, number: str, form: Annotated[Seen, Depends(form_of(Seen))]) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        make_move(
            console,
            request,
            number,
            lambda tx, ticket: handling.resolve(
                tx, desk, ticket.id, person, wording=console.wording, now=now, version=form.version
            ),
        )
        return done(request, page_of(number), said="resolved")

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

        make_move(console, request, number, move)
        return done(request, page_of(number), said="closed")

    @router.post("/reopen")
    def reopen(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        make_move(
            console, request, number, lambda tx, ticket: handling.reopen(tx, desk, ticket.id, person, now=now)
        )
        return done(request, page_of(number), said="reopened")

    return router


def _small_things(console: Console) -> APIRouter:
    router = APIRouter()

    @router.post("/urgent")
    def make_urgent(request: Request, number: str) -> Response:
        person, now, desk = me(request), console.clock(), console.desk
        make_move(
            console,
            request,
            number,
            lambda tx, ticket: handling.mark_urgent(tx, desk, ticket.id, person, now=now),
        )
        return done(request, page_of(number), said="urgent")

    @router.post("/call-back")
    def call_back(request: Request, number: str, form: Annotated[Call, Depends(form_of(Call))]) -> Response:
        person, now, text = me(request), console.clock(), cleaned(form.text).strip()
        if not text:
            raise HTTPException(400, "a record needs words")
        called_at = form.called_at
        if called_at is not None and called_at.tzinfo is None:
            called_at = called_at.replace(tzinfo=console.desk.zone)

        def move(tx: Connection, ticket: Ticket) -> object:
            return call_backs.add(
                tx, ticket.id, person, outcome=form.outcome, text=text, called_at=called_at, now=now
            )

        make_move(console, request, number, move)
        return done(request, page_of(number), said="called_back")

    @router.post("/resend")
    def resend(request: Request, number: str, form: Annotated[Resend, Depends(form_of(Resend))]) -> Response:
        person, now = me(request), console.clock()

        def move(tx: Connection, ticket: Ticket) -> object:
            if not transcript.resend(tx, ticket.conversation_id, form.seq, now=now):
                raise TicketConflict("this message is not a failed one any more")
            target = audit.ticket_target(ticket)
            audit.record(tx, staff_actor(person.id), "ticket.resend", target, now=now, seq=form.seq)
            return None

        make_move(console, request, number, move)
        return done(request, page_of(number), said="resent")

    @router.post("/reveal")
    def reveal(request: Request, number: str) -> Response:
        """Show the citizen's numbers for ten minutes; the audit entry is what shows them."""
        person, now = me(request), console.clock()
        with console.database.transaction() as tx:
            ticket = find_ticket(tx, person, number)
            audit.record(tx, staff_actor(person.id), REVEAL, audit.ticket_target(ticket), now=now)
        return done(request, page_of(number), said="revealed")

    @router.post("/typing")
    def typing(request: Request, number: str) -> Response:
        person = me(request)
        with console.database.reading() as tx:
            find_ticket(tx, person, number)
        console.hub.presence.typed(number, person.id)
        console.hub.people_changed(number)
        return Response(status_code=204, headers=NOT_STORED)

    return router
