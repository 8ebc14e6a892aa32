"""Looking at a ticket: its page, its paper, and the entries it speaks of."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from bot.console import dossier, suggestions
from bot.console.console import Console, find_ticket, me
from bot.console.dossier import Dossier
from bot.conversation import delivery
from bot.conversation.files import FileKind
from bot.tickets import audit, canned
from bot.tickets import staff as accounts
from bot.tickets.model import CloseReason
from bot.tickets.people import Staff
from bot.tickets.queue import staff_actor
from knowledge.entries import Queue

ALL_POSTS = 100_000
LONGEST_ANSWER = 4_000


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/tickets that only read, and /staff/entries."""
    router = APIRouter()
    router.include_router(_page(console))
    router.include_router(_paper(console))
    return router


def _page(console: Console) -> APIRouter:
    router = APIRouter()

    @router.get("/tickets/{number}")
    def ticket_page(request: Request, number: str) -> Response:
        person, now = me(request), console.clock()
        with console.database.reading() as tx:
            ticket = find_ticket(tx, person, number)
            entries = console.search.entries(now)
            found = dossier.read(tx, ticket, person, desk=console.desk, entries=entries, now=now)
            replies = canned.listing(tx, queue=ticket.queue)
            colleagues = [each for each in accounts.listing(tx) if each.works_on(ticket.queue)]
        console.has_read(person, "ticket.read", audit.ticket_target(ticket))
        words = console.pages.words(request, person)
        values = _fields(console, found, person, words.language)
        return console.pages.render(
            request,
            "ticket.html",
            person,
            d=found,
            ticket=ticket,
            now=now,
            others=console.hub.presence.at(number, but=person.id),
            suggestions=suggestions.for_question(console.search, console.wording, found, now=now),
            replies=[(reply, reply.filled(values)) for reply in replies],
            colleagues=colleagues,
            queues=tuple(Queue),
            reasons=tuple(CloseReason),
            longest=LONGEST_ANSWER,
            largest_file=console.carries_files(found.conversation),
            accept=",".join(FileKind),
            explain=lambda error: delivery.explain(error, console.wording, words.language),
        )

    @router.get("/entries/{id}")
    def entry_page(request: Request, id: str) -> Response:
        person = me(request)
        entry = console.search.entries(console.clock()).get(id)
        if entry is None:
            raise HTTPException(404, "there is no such entry today")
        language = console.pages.words(request, person).language
        reply = console.wording.answer(entry, language)
        return console.pages.render(request, "entry.html", person, entry=entry, reply=reply)

    return router


def _paper(console: Console) -> APIRouter:
    router = APIRouter()

    @router.get("/tickets/{number}/print")
    def print_page(request: Request, number: str, notes: Annotated[bool, Query()] = False) -> Response:
        """The whole transcript on paper; that it was taken is on record."""
        person, now = me(request), console.clock()
        with console.database.transaction() as tx:
            ticket = find_ticket(tx, person, number)
            entries = console.search.entries(now)
            found = dossier.read(
                tx, ticket, person, desk=console.desk, entries=entries, now=now, most=ALL_POSTS
            )
            target = audit.ticket_target(ticket)
            audit.record(tx, staff_actor(person.id), "ticket.print", target, now=now, notes=notes)
        return console.pages.render(
            request, "print.html", person, d=found, ticket=ticket, now=now, with_notes=notes
        )

    return router


def _fields(console: Console, found: Dossier, person: Staff, language: str) -> dict[str, str]:
    district = console.config.district
    return {
        "name": person.name,
        "number": found.ticket.number,
        "queue": console.wording.say(f"queue_{found.ticket.queue.value}", found.conversation.state.language),
        "service": district.service,
        "district": district.name if language == "zh" else district.english,
    }
