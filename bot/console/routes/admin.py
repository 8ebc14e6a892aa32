"""Running the desk: people, canned replies, the audit log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.exceptions import HTTPException

from bot.channels.base import cleaned
from bot.console.access import PREFIX
from bot.console.console import Console, me
from bot.console.doors import Form, done, form_of
from bot.errors import PasswordRefused, StaffError
from bot.tickets import audit, canned, staff
from bot.tickets.canned import FIELDS
from bot.tickets.people import Role, Staff
from bot.tickets.queue import staff_actor
from knowledge.entries import Queue

AUDIT_PAGE = 100
_LAST_ID = 2**53


class Duty(Form):
    """Whether a colleague takes new tickets."""

    on: bool


class NewPerson(Form):
    """A new account."""

    username: str = Field(max_length=64)
    name: str = Field(max_length=64)
    role: Role
    password: str = Field(max_length=1024)
    queues: tuple[Queue, ...]


class Person(Form):
    """What may change about an account."""

    name: str = Field(min_length=1, max_length=64)
    role: Role
    max_tickets: int = Field(ge=1, le=1000)
    queues: tuple[Queue, ...]


class NewPassword(Form):
    """A password somebody else chose: the person must change it at the next sign-in."""

    password: str = Field(max_length=1024)


class Active(Form):
    """Whether the account can sign in."""

    on: bool


class Reply(Form):
    """A canned reply; `id` empty: a new one."""

    id: int | None = None
    queue: Queue | None = None
    title: str = Field(min_length=1, max_length=100)
    text: str = Field(min_length=1, max_length=4_000)


def create_router(console: Console) -> APIRouter:
    """The routes below /staff/people, /staff/canned, /staff/audit."""
    router = APIRouter()
    router.include_router(_people(console))
    router.include_router(_accounts(console))
    router.include_router(_canned(console))
    router.include_router(_audit(console))
    return router


def _people(console: Console) -> APIRouter:
    router = APIRouter(prefix="/people")

    @router.get("")
    def people_page(request: Request) -> Response:
        return people(console, request)

    @router.post("/{id}/duty")
    def set_duty(request: Request, id: int, form: Annotated[Duty, Depends(form_of(Duty))]) -> Response:
        with console.database.transaction() as tx:
            person = staff.get(tx, id)
            target, now = f"staff:{person.username}", console.clock()
            console.desk.set_duty(tx, id, on_duty=form.on, now=now)
            audit.record(tx, staff_actor(me(request).id), "staff.duty", target, now=now, on=form.on)
        return done(request, f"{PREFIX}/people", said="duty")

    return router


def _accounts(console: Console) -> APIRouter:
    router = APIRouter(prefix="/people")

    @router.post("")
    def create_person(request: Request, form: Annotated[NewPerson, Depends(form_of(NewPerson))]) -> Response:
        words, now = console.pages.words(request, me(request)), console.clock()
        try:
            with console.database.transaction() as tx:
                made = staff.create(
                    tx,
                    username=form.username,
                    name=cleaned(form.name),
                    role=form.role,
                    password=form.password,
                    queues=form.queues,
                    temporary=True,
                    now=now,
                )
                target = f"staff:{made.username}"
                actor, role = staff_actor(me(request).id), form.role.value
                audit.record(tx, actor, "staff.create", target, now=now, role=role, temporary=True)
        except PasswordRefused as refused:
            return people(console, request, status=400, problem=words(f"password_{refused.code}"))
        except StaffError:
            return people(console, request, status=400, problem=words("name_refused"))
        return done(request, f"{PREFIX}/people", said="saved")

    @router.post("/{id}")
    def change_person(
        request: Request, id: int, form: Annotated[Person, Depends(form_of(Person))]
    ) -> Response:
        with console.database.transaction() as tx:
            person = _not_myself(request, staff.get(tx, id), changed=form.role)
            role = form.role if form.role is not person.role else None  # another role ends the sessions
            staff.change(tx, id, name=cleaned(form.name).strip(), role=role, max_tickets=form.max_tickets)
            staff.set_queues(tx, id, form.queues)
            audit.record(
                tx,
                staff_actor(me(request).id),
                "staff.change",
                f"staff:{person.username}",
                now=console.clock(),
                role=form.role.value,
                queues=sorted(queue.value for queue in form.queues),
            )
        return done(request, f"{PREFIX}/people", said="saved")

    @router.post("/{id}/password")
    def reset_password(
        request: Request, id: int, form: Annotated[NewPassword, Depends(form_of(NewPassword))]
    ) -> Response:
        words = console.pages.words(request, me(request))
        try:
            with console.database.transaction() as tx:
                person = _not_myself(request, staff.get(tx, id), changed=None)
                staff.set_password(tx, id, form.password, temporary=True)
                target = f"staff:{person.username}"
                actor, now = staff_actor(me(request).id), console.clock()
                audit.record(tx, actor, "staff.password", target, now=now, temporary=True)
        except PasswordRefused as refused:
            return people(console, request, status=400, problem=words(f"password_{refused.code}"))
        return done(request, f"{PREFIX}/people", said="saved")

    @router.post("/{id}/active")
    def disable_person(
        request: Request, id: int, form: Annotated[Active, Depends(form_of(Active))]
    ) -> Response:
        with console.database.transaction() as tx:
            person = _not_myself(request, staff.get(tx, id), changed=None)
            if form.on:
                staff.enable(tx, id)
            else:
                console.desk.leaves(tx, id, now=console.clock())
            action, target = f"staff.{'enable' if form.on else 'disable'}", f"staff:{person.username}"
            audit.record(tx, staff_actor(me(request).id), action, target, now=console.clock())
        return done(request, f"{PREFIX}/people", said="saved")

    return router


def people(console: Console, request: Request, *, status: int = 200, problem: str = "") -> Response:
    """The page of all accounts, with what was wrong with a change."""
    with console.database.reading() as tx:
        everybody = staff.listing(tx)
    return console.pages.render(
        request,
        "people.html",
        me(request),
        status=status,
        people=everybody,
        problem=problem,
        queues=tuple(Queue),
        roles=tuple(Role),
        roster=console.desk.roster,
    )


def _not_myself(request: Request, person: Staff, *, changed: Role | None) -> Staff:
    """Raises HTTPException 400 when an administrator would lock themselves out, or pass by their old password."""
    if person.id == me(request).id and changed is not person.role:
        raise HTTPException(400, "somebody else must do this for you")
    return person


def _canned(console: Console) -> APIRouter:
    router = APIRouter(prefix="/canned")

    @router.get("")
    def canned_page(request: Request) -> Response:
        with console.database.reading() as tx:
            replies = canned.listing(tx)
        return console.pages.render(
            request, "canned.html", me(request), replies=replies, queues=tuple(Queue), fields=FIELDS
        )

    @router.post("")
    def save_canned(request: Request, form: Annotated[Reply, Depends(form_of(Reply))]) -> Response:
        title, now = cleaned(form.title).strip(), console.clock()
        with console.database.transaction() as tx:
            canned.save(
                tx, id=form.id, queue=form.queue, title=title, text=cleaned(form.text).strip(), now=now
            )
            target = f"canned:{form.id or 'new'}"
            audit.record(tx, staff_actor(me(request).id), "canned.save", target, now=now)
        return done(request, f"{PREFIX}/canned", said="saved")

    @router.post("/{id}/delete")
    def delete_canned(request: Request, id: int) -> Response:
        with console.database.transaction() as tx:
            canned.remove(tx, id)
            audit.record(
                tx, staff_actor(me(request).id), "canned.delete", f"canned:{id}", now=console.clock()
            )
        return done(request, f"{PREFIX}/canned", said="removed")

    return router


def _audit(console: Console) -> APIRouter:
    router = APIRouter()

    @router.get("/audit")
    def audit_page(
        request: Request,
        who: Annotated[int | None, Query(ge=0, le=_LAST_ID)] = None,
        action: Annotated[str, Query(max_length=30)] = "",
        target: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[int | None, Query(ge=1, le=_LAST_ID)] = None,
    ) -> Response:
        with console.database.reading() as tx:
            entries = audit.listing(
                tx,
                actor=staff_actor(who) if who else None,
                action=action.strip() or None,
                target=target.strip() or None,
                before_id=before,
                limit=AUDIT_PAGE + 1,
            )
            everybody = staff.listing(tx)
        return console.pages.render(
            request,
            "audit.html",
            me(request),
            entries=entries[:AUDIT_PAGE],
            more=len(entries) > AUDIT_PAGE,
            people=everybody,
            names={f"staff:{person.id}": person.name for person in everybody},
            who=who,
            action=action,
            target=target,
        )

    return router
