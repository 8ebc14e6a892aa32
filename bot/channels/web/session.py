"""Who a visitor is: a 128-bit token, in a cookie on our own page, in memory inside another site's page.

Only the token's hash is stored. A request that changes something must come from our own page, unless it
carries the bearer token, which no other site can know.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.base import WEB
from bot.config import Config
from bot.conversation.model import Address

COOKIE = "anwen_chat"
PATH = "/chat"
KEPT = timedelta(days=30)
_TOKEN_BYTES = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # 16 bytes as URL-safe base64
_OUR_OWN = ("same-origin", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One chat of one person. `bearer` tells that the page is embedded and holds the token itself."""

    token: str
    bearer: bool = False

    @property
    def address(self) -> Address:
        """The chat's address; the token cannot be found from it."""
        return Address(channel=WEB.name, user=hashlib.sha256(self.token.encode()).hexdigest())


def new_visitor(*, bearer: bool = False) -> Visitor:
    """Somebody never seen before."""
    return Visitor(token=secrets.token_urlsafe(_TOKEN_BYTES), bearer=bearer)


def visitor_of(request: Request) -> Visitor | None:
    """Who sent `request`; None without a usable cookie.

    Raises HTTPException 401 for a bearer token that is not one of ours.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if not _TOKEN.fullmatch(token):
            raise HTTPException(401, "the bearer token is not a token of this chat")
        return Visitor(token=token, bearer=True)
    cookie = request.cookies.get(COOKIE, "")
    return Visitor(token=cookie) if _TOKEN.fullmatch(cookie) else None


def is_secure(config: Config) -> bool:
    """Whether people reach us over TLS, so that cookies may say so."""
    return config.server.public_url.startswith("https://")


def remember(response: Response, visitor: Visitor, *, secure: bool) -> None:
    """Set the visitor's cookie; a bearer's page keeps its token itself."""
    if visitor.bearer:
        return
    response.set_cookie(
        COOKIE,
        visitor.token,
        max_age=int(KEPT.total_seconds()),
        path=PATH,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def refuse_other_sites(request: Request, *, public_url: str) -> None:
    """Raises HTTPException 403 when a page of another site sent this and no bearer token came with it.

    Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin; programs, which carry no
    other person's cookies, say nothing.
    """
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in _OUR_OWN:
            raise HTTPException(403, "this request came from another site")
        return
    origin = request.headers.get("origin")
    if origin is not None and not _is_ours(origin, request, public_url):
        raise HTTPException(403, "this request came from another site")


def _is_ours(origin: str, request: Request, public_url: str) -> bool:
    if public_url:
        return origin == public_url
    return urlsplit(origin).netloc == request.headers.get("host")
