"""The requests of the chat page that carry files. The body is the file itself; nothing here parses a form."""

import math
import re

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.channels.web.chat import SlowDown
from bot.channels.web.limits import Addresses
from bot.channels.web.posts import shown
from bot.channels.web.sending import Files, Sent
from bot.channels.web.session import (
    Visitor,
    is_secure,
    new_visitor,
    refuse_other_sites,
    remember,
    visitor_of,
)
from bot.config import Config
from bot.errors import FileRefused
from bot.http import NOT_STORED, file_response, name_of, refusal, uploaded

ID_HEADER = "x-anwen-id"
_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")
_STATUS = {"too_large": 413, "unknown": 415, "too_many": 429, "full": 507}


def create_router(config: Config, *, files: Files) -> APIRouter:
    """The routes below /chat/files; refused altogether where files are switched off."""
    router = APIRouter(prefix="/chat/files", include_in_schema=False)
    addresses = Addresses(config.web.trusted_proxies)

    @router.post("")
    async def send(request: Request) -> Response:
        refuse_other_sites(request, public_url=config.server.public_url)
        if files.largest_bytes == 0:
            raise HTTPException(404, "this desk takes no files")
        client_id = request.headers.get(ID_HEADER, "")
        if not _ID.fullmatch(client_id):
            raise HTTPException(422, f"{ID_HEADER}: name the file by an id of its own")
        visitor = visitor_of(request) or new_visitor()
        try:
            await run_in_threadpool(files.admit, visitor, address=addresses.of(request))
            try:
                content = await uploaded(request, largest=files.largest_bytes)
            except HTTPException as error:
                raise (FileRefused("too_large") if error.status_code == 413 else error) from error
            sent = Sent(client_id=client_id, name=name_of(request), content=content)
            return await run_in_threadpool(_sent, config, files, visitor, sent)
        except SlowDown as slow:
            wait = {"Retry-After": str(max(1, math.ceil(slow.wait_s)))}
            return refusal(429, "slow_down", str(slow), headers=wait)
        except FileRefused as refused:
            words = await run_in_threadpool(files.explain, visitor, refused)
            return refusal(_STATUS.get(refused.code, 422), f"file_{refused.code}", words)

    @router.get("/{public_id}")
    def look(request: Request, public_id: str) -> Response:
        """A file of one's own chat; of another's it does not exist."""
        visitor = visitor_of(request)
        found = files.read(visitor, public_id) if visitor else None
        if found is None:
            raise HTTPException(404, "there is no such file in this chat")
        return file_response(
            found.content, media_type=found.kind.value, name=found.name, inline=found.kind.is_image
        )

    return router


def _sent(config: Config, files: Files, visitor: Visitor, sent: Sent) -> Response:
    outcome = files.send(visitor, sent)
    assert outcome.message is not None, "the engine stores what it is given"
    response = JSONResponse(
        {
            "conversation": outcome.conversation,
            "message": files.shown(visitor, outcome.message),
            "replies": [shown(post) for post in outcome.replies],
            "turn": outcome.turn,
        },
        headers=NOT_STORED,
    )
    remember(response, visitor, secure=is_secure(config))
    return response
