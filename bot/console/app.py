"""`install`: puts the staff console into the web application."""

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.config import Config
from bot.console import access
from bot.console.access import MustChangePassword, NotSignedIn, SessionCookie
from bot.console.console import Console
from bot.console.doors import is_script
from bot.console.live import DeskHub
from bot.console.pages import Pages
from bot.console.routes import every_router
from bot.conversation.understanding import Search
from bot.conversation.wording import Wording
from bot.errors import CallBackMissing, StaffError, TicketConflict, TicketError
from bot.http import NOT_STORED, refusal
from bot.storage.database import Database
from bot.tickets import alerts, staff
from bot.tickets.desk import Desk
from bot.tickets.people import Staff

_SAFE = ("GET", "HEAD", "OPTIONS")


def install(
    web: FastAPI,
    config: Config,
    *,
    database: Database,
    desk: Desk,
    search: Search,
    wording: Wording,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Console:
    """Add the console to `web`, which is the web chat's application: its hub wakes citizens' pages."""
    console = Console(
        config=config,
        database=database,
        desk=desk,
        search=search,
        wording=wording,
        hub=DeskHub(database),
        pages=Pages(config, clock=clock, alerts=_alerts_in(database)),
        cookie=SessionCookie(config),
        wake_citizen=web.state.hub.wake,
        clock=clock,
    )
    database.after_commit(console.hub.wake)
    web.state.desk_hub = console.hub
    guard = [Depends(_guard(console))]
    for router in every_router(console):
        web.include_router(router, prefix=access.PREFIX, dependencies=guard, include_in_schema=False)
    _explain_errors(web, console)
    return console


def _alerts_in(database: Database) -> Callable[[Staff], int]:
    def count(person: Staff) -> int:
        with database.reading() as tx:
            return alerts.count(tx, person)

    return count


def _guard(console: Console) -> Callable[[Request], None]:
    """Checks every route: where the request comes from, who sends it, and whether they may."""

    def check(request: Request) -> None:
        if request.method not in _SAFE:
            access.refuse_other_sites(request, public_url=console.config.server.public_url)
        route = request.scope["route"].name
        request.state.staff = None if access.is_open(route) else _signed_in(console, request)
        if request.state.staff is None:
            return
        if access.waits_for_change(route, request.state.staff):
            raise MustChangePassword
        if not access.allowed(route, request.state.staff):
            raise HTTPException(403, "this is not for your role")

    return check


def _signed_in(console: Console, request: Request) -> Staff:
    token = console.cookie.read(request)
    found = staff.current(console.database, token, now=console.clock()) if token else None
    if found is None:
        raise NotSignedIn
    return found


def _explain_errors(web: FastAPI, console: Console) -> None:
    """A person gets a page, a script JSON; the rest of the application keeps its own way."""
    chat_errors = web.exception_handlers[HTTPException]

    async def not_signed_in(request: Request, _: Exception) -> Response:
        if is_script(request) or request.method not in _SAFE:
            return refusal(401, "unauthorized", "sign in again")
        to = access.safe_next(request.url.path)
        response = RedirectResponse(f"{access.SIGN_IN}?next={to}", 303, headers=NOT_STORED)
        console.cookie.clear(response)
        return response

    async def must_change_password(request: Request, _: Exception) -> Response:
        if is_script(request):
            return refusal(403, "change_password", "choose a password of your own first")
        return RedirectResponse(access.ACCOUNT, 303, headers=NOT_STORED)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if not _wants_page(request):
            answer: Response = await chat_errors(request, error)  # type: ignore[misc]
            return answer
        person = getattr(request.state, "staff", None)
        return await run_in_threadpool(
            console.pages.render,
            request,
            "error.html",
            person,
            status=error.status_code,
            code=error.status_code,
            detail=str(error.detail),
        )

    async def no_such_account(request: Request, _: Exception) -> Response:
        return await http_error(request, HTTPException(404, "there is no such account"))

    async def illegal_move(request: Request, error: Exception) -> Response:
        person = getattr(request.state, "staff", None)
        key = _key_of(error)
        if is_script(request):
            return refusal(409, key, console.pages.words(request, person)(key))
        return await run_in_threadpool(
            console.pages.render, request, "error.html", person, status=409, code=409, detail=key
        )

    web.add_exception_handler(NotSignedIn, not_signed_in)
    web.add_exception_handler(MustChangePassword, must_change_password)
    web.add_exception_handler(StaffError, no_such_account)
    web.add_exception_handler(TicketError, illegal_move)
    web.add_exception_handler(HTTPException, http_error)


def _key_of(error: Exception) -> str:
    if isinstance(error, CallBackMissing):
        return "call_back_first"
    return "conflict" if isinstance(error, TicketConflict) else "illegal_move"


def _wants_page(request: Request) -> bool:
    path = request.url.path
    is_ours = path == access.PREFIX or path.startswith(f"{access.PREFIX}/")
    return is_ours and not is_script(request) and "/static/" not in path
