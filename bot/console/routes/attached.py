"""The files of a ticket: what the citizen sent, handed out; what staff send back."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.console.console import Console, find_ticket, me
from bot.console.doors import done
from bot.console.routes.making import make_move, page_of
from bot.console.routes.speaking import LAST_SEQ
from bot.conversation import attachments, handling, sessions
from bot.conversation.files import Upload, checked
from bot.errors import FileRefused
from bot.http import file_response, name_of, refusal, uploaded
from bot.tickets import audit
from bot.tickets.model import Ticket
from bot.tickets.queue import staff_actor

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/tickets/{number} for files."""
    router = APIRouter(prefix="/tickets/{number}")
    router.include_router(_looking(console))
    router.include_router(_sending(console))
    return router


def _looking(console: Console) -> APIRouter:
    router = APIRouter()

    @router.get("/attachments/{public_id}")
    def attachment(request: Request, number: str, public_id: str) -> Response:
        """The file, under the type its bytes have; pictures are shown, the rest is saved. Who looked is on record."""
        person = me(request)
        with console.database.transaction() as tx:
            ticket = find_ticket(tx, person, number)
            found = attachments.content(tx, ticket.conversation_id, public_id)
            if found is None:
                raise HTTPException(404, "there is no such file")
            target = audit.ticket_target(ticket)
            audit.record(
                tx, staff_actor(person.id), "ticket.attachment", target, now=console.clock(), file=public_id
            )
        return file_response(
            found.content, media_type=found.kind.value, name=found.name, inline=found.kind.is_image
        )

    return router


def _sending(console: Console) -> APIRouter:
    router = APIRouter()
    largest = console.config.web.largest_file_mb * 1024**2

    @router.post("/files")
    async def send_file(request: Request, number: str, seen: int, client_id: str) -> Response:
        """The body is the file; it becomes an answer of its own."""
        if not (0 <= seen <= LAST_SEQ and _CLIENT_ID.fullmatch(client_id)):
            raise HTTPException(
                422, "seen, client_id: say what was read, and name the file by an id of its own"
            )
        await run_in_threadpool(_must_carry, request, number)
        words = console.pages.words(request, me(request))
        try:
            upload = checked(
                name_of(request), await uploaded(request, largest=largest), largest_bytes=largest
            )
        except FileRefused as refused:
            limit = console.config.web.largest_file_mb
            return refusal(
                422, refused.code, words.known(f"file_{refused.code}", refused.code).format(limit=limit)
            )
        await run_in_threadpool(_send, request, number, upload, seen, client_id)
        return done(request, page_of(number), said="answered")

    def _must_carry(request: Request, number: str) -> None:
        with console.database.reading() as tx:
            ticket = find_ticket(tx, me(request), number)
            conversation = sessions.by_id(tx, ticket.conversation_id)
        if conversation is None or not console.carries_files(conversation):
            raise HTTPException(409, "this channel carries no files")

    def _send(request: Request, number: str, upload: Upload, seen: int, client_id: str) -> None:
        person, now = me(request), console.clock()

        def move(tx: Connection, ticket: Ticket) -> object:
            return handling.answer(
                tx,
                console.desk,
                ticket.id,
                person,
                "",
                seen_seq=seen,
                now=now,
                client_id=client_id,
                files=(upload,),
            )

        make_move(console, request, number, move)

    return router
