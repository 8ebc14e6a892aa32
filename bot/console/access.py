"""Who may do what: one table for every route of the console, checked before anything else happens.

A route that is not in the table is refused for everybody, and a test fails; so nothing is open by omission.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.session import is_secure
from bot.config import Config
from bot.tickets.model import Ticket
from bot.tickets.people import Role, Staff

PREFIX = "/staff"
SIGN_IN = f"{PREFIX}/sign-in"
_EVERYBODY = frozenset(Role)
_ACTING = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
_LEADING = frozenset({Role.SUPERVISOR, Role.ADMIN})
_WATCHING = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
_ADMIN = frozenset({Role.ADMIN})
_INSPECTING = frozenset({Role.ADMIN, Role.AUDITOR})

# By the name of the route; None: open to people who have not signed in.
RULES: Mapping[str, frozenset[Role] | None] = {
    "sign_in_page": None,
    "sign_in": None,
    "use_language": None,
    "static_file": None,
    "sign_out": _EVERYBODY,
    "account_page": _EVERYBODY,
    "change_password": _EVERYBODY,
    "sign_out_everywhere": _EVERYBODY,
    "set_own_duty": _ACTING,
    "queue_page": _EVERYBODY,
    "search_page": _EVERYBODY,
    "bulk": _ACTING,
    "ticket_page": _EVERYBODY,
    "print_page": _EVERYBODY,
    "entry_page": _EVERYBODY,
    "attachment": _EVERYBODY,
    "send_file": _ACTING,
    "events": _EVERYBODY,
    "typing": _ACTING,
    "claim": _ACTING,
    "release": _ACTING,
    "assign": _ACTING,
    "transfer": _ACTING,
    "answer": _ACTING,
    "note": _ACTING,
    "resolve": _ACTING,
    "close": _ACTING,
    "reopen": _ACTING,
    "resend": _ACTING,
    "make_urgent": _ACTING,
    "call_back": _ACTING,
    "reveal": _ACTING,
    "alerts_page": _ACTING,
    "acknowledge": _ACTING,
    "report_page": _WATCHING,
    "export_tickets": _WATCHING,
    "export_report": _WATCHING,
    "export_years": _WATCHING,
    "canned_page": _ACTING,
    "save_canned": _LEADING,
    "delete_canned": _LEADING,
    "people_page": _LEADING,
    "set_duty": _LEADING,
    "create_person": _ADMIN,
    "change_person": _ADMIN,
    "reset_password": _ADMIN,
    "disable_person": _ADMIN,
    "audit_page": _INSPECTING,
}
_OURS = re.compile(rf"{PREFIX}(?:/[A-Za-z0-9_-]+)*")


# What somebody with a password that another person chose may do before they chose their own.
BEFORE_CHANGE = frozenset({"account_page", "change_password", "sign_out", "sign_out_everywhere"})
ACCOUNT = f"{PREFIX}/account"


class MustChangePassword(Exception):
    """The password is somebody else's choice: the person is sent to change it, a script is told 403."""


class NotSignedIn(Exception):
    """Nobody is signed in: the person is sent to the sign-in page, a script is told 401."""


def allowed(route: str, staff: Staff) -> bool:
    """Whether the route called `route` is for `staff`, as they are now."""
    roles = RULES.get(route, frozenset())
    return roles is None or (staff.role in roles and not waits_for_change(route, staff))


def waits_for_change(route: str, staff: Staff) -> bool:
    """Whether `staff` must choose a password of their own before `route`."""
    return staff.must_change_password and route not in BEFORE_CHANGE and not is_open(route)


def may_see(staff: Staff, ticket: Ticket) -> bool:
    """Agents see the tickets of their queues, their own, and those a danger took from them; the others see all."""
    theirs = staff.id in (ticket.assignee_id, ticket.watcher_id)
    return staff.role is not Role.AGENT or staff.works_on(ticket.queue) or theirs


def is_open(route: str) -> bool:
    """Whether nobody needs to be signed in for `route`."""
    return route in RULES and RULES[route] is None


def safe_next(wanted: str) -> str:
    """`wanted` when it is a page of the console, else its first page: nobody is led to another site.

    >>> safe_next("/staff/tickets/20261124-0007"), safe_next("//evil.example"), safe_next("/staff/../x")
    ('/staff/tickets/20261124-0007', '/staff', '/staff')
    """
    return wanted if _OURS.fullmatch(wanted) and not wanted.startswith(SIGN_IN) else PREFIX


def refuse_other_sites(request: Request, *, public_url: str) -> None:
    """Raises HTTPException 403 unless a page of the console sent this change.

    Stricter than the chat: every browser says where a POST comes from, so silence is refused as well.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise HTTPException(403, "this request came from another site")
        return
    origin = request.headers.get("origin", "")
    ours = public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    if not origin or urlsplit(origin).netloc != urlsplit(ours).netloc:
        raise HTTPException(403, "this request came from another site")


class SessionCookie:
    """The cookie that holds the session's token. `__Host-` keeps other hosts of the domain from setting it."""

    def __init__(self, config: Config) -> None:
        self._secure = is_secure(config)
        self.name = "__Host-anwen_staff" if self._secure else "anwen_staff"

    def read(self, request: Request) -> str:
        """The token sent with `request`; empty when there is none."""
        return request.cookies.get(self.name, "")

    def set(self, response: Response, token: str) -> None:
        """Give the browser `token`, until it is closed; the server ends the session earlier by itself."""
        response.set_cookie(
            self.name, token, path=self._path, secure=self._secure, httponly=True, samesite="strict"
        )

    def clear(self, response: Response) -> None:
        """Take the token away."""
        response.delete_cookie(
            self.name, path=self._path, secure=self._secure, httponly=True, samesite="strict"
        )

    @property
    def _path(self) -> str:
        return "/" if self._secure else PREFIX
