"""What somebody must know: clocks that ran out, for supervisors, and what each is told alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from bot.console import access
from bot.console.console import Console, me
from bot.console.doors import Form, done, form_of
from bot.tickets import alerts, queue
from bot.tickets import staff as accounts

MOST_SHOWN = 200
MOST_KNOWN = 30  # of those acknowledged before


class Acknowledge(Form):
    """The alerts somebody has read."""

    id: tuple[int, ...]


def create_router(console: Console) -> APIRouter:
    """The route /staff/alerts."""
    router = APIRouter(prefix="/alerts")

    @router.get("")
    def alerts_page(request: Request) -> Response:
        person = me(request)
        with console.database.reading() as tx:
            news = alerts.listing(tx, person, seen=False, limit=MOST_SHOWN)
            known = alerts.listing(tx, person, seen=True, limit=MOST_KNOWN)
            tickets = {each: queue.get(tx, each) for each in {alert.ticket_id for alert in (*news, *known)}}
            names = {each.id: each.name for each in accounts.listing(tx)}
        return console.pages.render(
            request,
            "alerts.html",
            person,
            news=news,
            known=known,
            tickets=tickets,
            names=names,
            may_see=lambda ticket: access.may_see(person, ticket),
        )

    @router.post("")
    def acknowledge(
        request: Request, form: Annotated[Acknowledge, Depends(form_of(Acknowledge))]
    ) -> Response:
        """Only what was on the page: what came since stays."""
        with console.database.transaction() as tx:
            alerts.acknowledge(tx, form.id, me(request), now=console.clock())
        return done(request, f"{access.PREFIX}/alerts", said="acknowledged")

    return router
