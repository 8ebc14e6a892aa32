"""The webhook: Telegram posts an update, and hears 200 only after the commit.

Its path and its secret are made from the token, so that there is nothing to set up, and a new token makes new ones.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.channels.telegram import inbox
from bot.storage.database import Database

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST_BODY_BYTES = 1024 * 1024
PREFIX = "/telegram/hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where Telegram posts, and how it proves that it is Telegram."""

    path: str
    secret: str


def hook_of(token: str) -> Hook:
    """The hook of a token."""

    def made(what: str) -> str:
        return hmac.new(token.encode(), f"anwen {what}".encode(), hashlib.sha256).hexdigest()

    return Hook(path=f"{PREFIX}/{made('path')[:32]}", secret=made("secret"))


def create_router(
    hook: Hook,
    *,
    bot_id: int,
    database: Database,
    clock: Callable[[], datetime],
    wake: Callable[[], None],
) -> APIRouter:
    """The one route. Refusals say nothing."""
    router = APIRouter()

    def keep(update_id: int, raw: str) -> None:
        with database.transaction() as tx:
            inbox.receive(tx, bot_id, [(update_id, raw)], now=clock())

    @router.post(hook.path, include_in_schema=False)
    async def receive(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), hook.secret.encode()):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY_BYTES:
                return Response(status_code=413)
        try:
            update_id = json.loads(body)["update_id"]
            raw = body.decode()
        except (ValueError, KeyError, TypeError):
            return Response(status_code=400)
        if not isinstance(update_id, int) or isinstance(update_id, bool):
            return Response(status_code=400)
        await run_in_threadpool(keep, update_id, raw)
        wake()
        return Response(status_code=200)

    return router
