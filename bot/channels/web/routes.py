"""The requests of the chat page. Each one that reads or writes a chat belongs to exactly one visitor."""

import json
import math
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from bot.channels.web.chat import Broken, Chat, Said, SlowDown
from bot.channels.web.limits import Addresses
from bot.channels.web.live import events
from bot.channels.web.posts import shown
from bot.channels.web.session import (
    Visitor,
    is_secure,
    new_visitor,
    refuse_other_sites,
    remember,
    visitor_of,
)
from bot.config import Config
from bot.conversation.engine import LONGEST_EXTERNAL_ID
from bot.conversation.transcript import Rating
from bot.http import NOT_STORED, refusal

TRY_AGAIN_S = 5
_LAST_SEQ = 2**31 - 1
_STREAM_HEADERS = {**NOT_STORED, "X-Accel-Buffering": "no"}  # nginx would collect events

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Place = Annotated[int, Query(ge=0, le=_LAST_SEQ)]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]+$", max_length=40)]
DocumentName = Annotated[str, Path(pattern=r"^[a-z_]+$", max_length=40)]


class SaidBody(BaseModel):
    """A message of the page."""

    model_config = ConfigDict(strict=True)

    client_id: str = Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=LONGEST_EXTERNAL_ID)
    text: str
    choice: str | None = Field(default=None, max_length=300)


class RatingBody(BaseModel):
    """👍 or 👎 on a bot's message."""

    model_config = ConfigDict(strict=True)

    seq: int = Field(ge=1, le=_LAST_SEQ)
    rating: Literal["up", "down"]


def create_router(config: Config, *, chat: Chat) -> APIRouter:
    """The routes below /chat that the page calls."""
    router = APIRouter(prefix="/chat", include_in_schema=False)
    router.include_router(_reading(chat))
    router.include_router(_saying(config, chat))
    router.include_router(_rating(config, chat))
    router.include_router(_beginning(config, chat))
    return router


def _reading(chat: Chat) -> APIRouter:
    router = APIRouter()

    @router.get("/history")
    def history(request: Request, after: Place = 0) -> Response:
        visitor = visitor_of(request)
        if visitor is None:
            return _json({"conversation": None, "posts": [], "more": False})
        return _json(asdict(chat.read(visitor, after)))

    @router.get("/my-data")
    def my_data(request: Request) -> Response:
        everything = json.dumps(chat.my_data(_known(request)), ensure_ascii=False, indent=2)
        name = {"Content-Disposition": 'attachment; filename="anwen-my-data.json"'}
        return Response(everything, media_type="application/json", headers={**NOT_STORED, **name})

    @router.get("/documents/{card}/{name}")
    def document(request: Request, card: Token, name: DocumentName) -> Response:
        file = chat.document(_known(request), card, name)
        if file is None:
            raise HTTPException(404, "there is no such document in this chat")
        save_as = {"Content-Disposition": f'attachment; filename="{name}.docx"'}
        return Response(file, media_type=_DOCX, headers={**NOT_STORED, **save_as})

    @router.get("/events")
    async def stream(request: Request, after: Place = 0) -> Response:
        visitor = _known(request)
        if chat.hub.full:
            return refusal(503, "unavailable", "too many streams", headers=_retry_after(TRY_AGAIN_S))
        return StreamingResponse(
            events(
                chat.hub,
                visitor.address.user,
                after=max(after, _last_event_id(request)),
                read=lambda place: chat.read(visitor, place),
            ),
            media_type="text/event-stream",
            headers=_STREAM_HEADERS,
        )

    return router


def _saying(config: Config, chat: Chat) -> APIRouter:
    router = _changing(config)
    addresses = Addresses(config.web.trusted_proxies)

    @router.post("/messages")
    def say(request: Request, body: SaidBody) -> Response:
        visitor = visitor_of(request) or new_visitor()
        said = Said(client_id=body.client_id, text=body.text, choice=body.choice)
        try:
            outcome = chat.say(visitor, said, address=addresses.of(request))
        except SlowDown as slow:
            return refusal(429, "slow_down", str(slow), headers=_retry_after(slow.wait_s))
        except Broken as broken:
            return refusal(503, "unavailable", str(broken), headers=_retry_after(TRY_AGAIN_S))
        assert outcome.message is not None, "the engine stores what it is given"
        response = _json(
            {
                "conversation": outcome.conversation,
                "message": {"seq": outcome.message.seq, "client_id": body.client_id},
                "replies": [shown(post) for post in outcome.replies],
                "turn": outcome.turn,
            }
        )
        remember(response, visitor, secure=is_secure(config))
        return response

    return router


def _rating(config: Config, chat: Chat) -> APIRouter:
    router = _changing(config)

    @router.post("/feedback")
    def rate(request: Request, body: RatingBody) -> Response:
        rating = Rating.HELPFUL if body.rating == "up" else Rating.NOT_HELPFUL
        reply = chat.rate(_known(request), body.seq, rating)
        if reply is None:
            raise HTTPException(404, "there is no such answer in this chat")
        return _json({"text": reply.text, "choices": [asdict(choice) for choice in reply.choices]})

    return router


def _beginning(config: Config, chat: Chat) -> APIRouter:
    router = _changing(config)

    @router.post("/clear")
    def clear(request: Request) -> Response:
        visitor = visitor_of(request)
        if visitor is not None:
            chat.clear(visitor)
        return begun(new_visitor(bearer=visitor is not None and visitor.bearer))

    @router.post("/session")
    async def session() -> Response:
        return begun(new_visitor(bearer=True))

    def begun(visitor: Visitor) -> Response:
        response = _json({"token": visitor.token if visitor.bearer else None})
        remember(response, visitor, secure=is_secure(config))
        return response

    return router


def _changing(config: Config) -> APIRouter:
    """For requests that change something: refused when they come from another site's page."""

    async def from_our_page(request: Request) -> None:
        refuse_other_sites(request, public_url=config.server.public_url)

    return APIRouter(dependencies=[Depends(from_our_page)])


def _known(request: Request) -> Visitor:
    visitor = visitor_of(request)
    if visitor is None:
        raise HTTPException(401, "this browser has no chat")
    return visitor


def _json(content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, headers=NOT_STORED)


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def _last_event_id(request: Request) -> int:
    value = request.headers.get("last-event-id", "")
    return min(int(value), _LAST_SEQ) if value.isascii() and value.isdigit() and len(value) <= 10 else 0
