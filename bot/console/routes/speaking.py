"""What is written to a ticket: an answer, a file for the citizen, a note for colleagues."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from bot.channels.base import cleaned
from bot.console.console import Console, me
from bot.console.doors import Form, done, form_of, is_script
from bot.console.routes.making import make_move, page_of
from bot.console.routes.tickets import LONGEST_ANSWER
from bot.conversation import handling
from bot.errors import LateAnswer
from bot.http import NOT_STORED
from bot.tickets.model import Ticket

LAST_SEQ = 2**31 - 1
Text = Annotated[str, Field(max_length=LONGEST_ANSWER)]


class Answer(Form):
    """An answer to the citizen, and how far its writer had read."""

    text: Text
    seen: int = Field(ge=0, le=LAST_SEQ)
    ask: Literal["", "yes"] = ""
    client_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")


class Note(Form):
    """A note for colleagues."""

    text: Text


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/tickets/{number} that write."""
    router = APIRouter(prefix="/tickets/{number}")
    router.include_router(_speaking(console))
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
            make_move(console, request, number, move)
        except LateAnswer as late:
            words = console.pages.words(request, person)
            message = words("late", name=late.name, minutes=late.minutes)
            if not is_script(request):
                raise
            error = {"code": "late", "message": message}
            return JSONResponse({"error": error}, 409, headers=NOT_STORED)
        console.hub.presence.stopped(number, person.id)
        return done(request, page_of(number), said="answered")

    @router.post("/note")
    def note(request: Request, number: str, form: Annotated[Note, Depends(form_of(Note))]) -> Response:
        person, now, text = me(request), console.clock(), cleaned(form.text).strip()
        if not text:
            raise HTTPException(400, "a note needs words")
        make_move(
            console, request, number, lambda tx, ticket: handling.note(tx, ticket.id, person, text, now=now)
        )
        return done(request, page_of(number), said="noted")

    return router
