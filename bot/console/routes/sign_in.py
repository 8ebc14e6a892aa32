"""Coming and going: sign-in, sign-out, language, one's own password and duty."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from bot.channels.web.limits import Addresses
from bot.channels.web.session import is_secure
from bot.console import access
from bot.console.console import Console, me
from bot.console.doors import Form, done, form_of
from bot.console.pages import LANGUAGE_COOKIE
from bot.errors import PasswordRefused, SignInRefused
from bot.http import NOT_STORED
from bot.tickets import audit, passwords, staff
from bot.tickets.queue import staff_actor

_A_YEAR_S = 365 * 24 * 3600


class SignIn(Form):
    """Who wants to come in, and where they were going."""

    username: str = Field(max_length=64)
    password: str = Field(max_length=1024)
    next: str = access.PREFIX


class Language(Form):
    """The language of the console on this machine."""

    language: Literal["zh", "en"]
    back: str = access.PREFIX


class Password(Form):
    """A new password, with the old one."""

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)
    again: str = Field(max_length=1024)


class Duty(Form):
    """Whether this person takes new tickets."""

    on: Literal["yes", "no"]


def create_router(console: Console) -> APIRouter:
    """The routes below /staff for coming and going."""
    router = APIRouter()
    router.include_router(_coming(console))
    router.include_router(_own_account(console))
    return router


def _coming(console: Console) -> APIRouter:
    router = APIRouter()
    addresses = Addresses(console.config.web.trusted_proxies)

    def page(request: Request, *, status: int = 200, to: str, problem: str = "", name: str = "") -> Response:
        return console.pages.render(
            request,
            "sign_in.html",
            None,
            status=status,
            to=access.safe_next(to),
            problem=problem,
            username=name,
        )

    @router.get("/sign-in")
    def sign_in_page(request: Request, next: str = access.PREFIX) -> Response:
        return page(request, to=next)

    @router.post("/sign-in")
    def sign_in(request: Request, form: Annotated[SignIn, Depends(form_of(SignIn))]) -> Response:
        earlier, now = console.cookie.read(request), console.clock()
        words = console.pages.words(request, None)
        try:
            token = staff.sign_in(
                console.database, form.username, form.password, origin=addresses.of(request), now=now
            )
        except SignInRefused as refused:
            wait = refused.wait_s
            problem = words("sign_in_wait", seconds=wait) if wait else words("sign_in_wrong")
            answer = page(
                request, status=429 if wait else 401, to=form.next, problem=problem, name=form.username[:64]
            )
            if wait:
                answer.headers["Retry-After"] = str(wait)
            return answer
        if earlier:  # whoever planted a token gains nothing: it ends here
            with console.database.transaction() as tx:
                staff.sign_out(tx, earlier)
        response = RedirectResponse(access.safe_next(form.next), 303, headers=NOT_STORED)
        console.cookie.set(response, token)
        return response

    @router.post("/language")
    def use_language(request: Request, form: Annotated[Language, Depends(form_of(Language))]) -> Response:
        back = access.SIGN_IN if form.back == access.SIGN_IN else access.safe_next(form.back)
        response = done(request, back)
        response.set_cookie(
            LANGUAGE_COOKIE,
            form.language,
            max_age=_A_YEAR_S,
            path=access.PREFIX,
            secure=is_secure(console.config),
            httponly=True,
            samesite="strict",
        )
        return response

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        with console.database.transaction() as tx:
            staff.sign_out(tx, console.cookie.read(request))
        response = done(request, access.SIGN_IN)
        console.cookie.clear(response)
        return response

    return router


def _own_account(console: Console) -> APIRouter:
    router = APIRouter(prefix="/account")

    def sign_in(username: str, password: str, now: datetime) -> str:
        return staff.sign_in(console.database, username, password, origin="account", now=now)

    def page(request: Request, *, status: int = 200, problem: str = "") -> Response:
        return console.pages.render(request, "account.html", me(request), status=status, problem=problem)

    @router.get("")
    def account_page(request: Request) -> Response:
        return page(request)

    @router.post("/password")
    def change_password(request: Request, form: Annotated[Password, Depends(form_of(Password))]) -> Response:
        person, now = me(request), console.clock()
        words = console.pages.words(request, person)
        if form.new != form.again:
            return page(request, status=400, problem=words("passwords_differ"))
        if passwords.normalized(form.new) == passwords.normalized(form.old):
            return page(request, status=400, problem=words("password_same"))
        try:
            # signing in again is how the old password is checked: throttled like any other guess
            sign_in(person.username, form.old, now)
            with console.database.transaction() as tx:
                staff.set_password(tx, person.id, form.new)
                audit.record(
                    tx, staff_actor(person.id), "staff.password", f"staff:{person.username}", now=now
                )
            token = sign_in(person.username, form.new, now)
        except SignInRefused as refused:
            wait = refused.wait_s
            problem = words("sign_in_wait", seconds=wait) if wait else words("old_password_wrong")
            return page(request, status=400, problem=problem)
        except PasswordRefused as refused:
            return page(request, status=400, problem=words(f"password_{refused.code}"))
        to = access.PREFIX if person.must_change_password else access.ACCOUNT
        response = done(request, to, said="password")
        console.cookie.set(response, token)
        return response

    @router.post("/sign-out-everywhere")
    def sign_out_everywhere(request: Request) -> Response:
        with console.database.transaction() as tx:
            staff.sign_out_everywhere(tx, me(request).id)
        response = done(request, access.SIGN_IN)
        console.cookie.clear(response)
        return response

    @router.post("/duty")
    def set_own_duty(request: Request, form: Annotated[Duty, Depends(form_of(Duty))]) -> Response:
        person = me(request)
        with console.database.transaction() as tx:
            target, now = f"staff:{person.username}", console.clock()
            console.desk.set_duty(tx, person.id, on_duty=form.on == "yes", now=now)
            audit.record(tx, staff_actor(person.id), "staff.duty", target, now=now, on=form.on)
        return done(request, access.PREFIX, said="duty")

    return router
