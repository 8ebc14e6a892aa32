"""The public JSON API, version 1: the contract of ARCHITECTURE §5, documented at /api/v1/openapi.json.

More operations are more routes of the same router.
"""

import hashlib
import secrets
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.channels.base import API, cleaned
from bot.conversation.engine import LONGEST_EXTERNAL_ID
from bot.conversation.model import Address, Human, Message, TurnKind
from bot.http import ErrorBody
from bot.metrics import Handler, Metrics
from bot.tickets.model import Priority
from intents.fraud.assess import assess
from intents.fraud.meaning import Encode
from intents.triage import Risk, Stage
from knowledge.entries import Queue

PREFIX = "/api/v1"
_TOKEN_BYTES = 16  # 128 bits: a conversation cannot be guessed

Domain = Literal[
    "fraud",
    "credit",
    "legal",
    "ip",
    "mediation",
    "services",
    "safety",
    "smalltalk",
    "out_of_scope",
    "emergency",
]


def _without_controls(value: str) -> str:
    if cleaned(value) != value or "\n" in value:
        raise ValueError("must not contain control characters")
    return value


Opaque = Annotated[
    str, Field(min_length=1, max_length=LONGEST_EXTERNAL_ID), AfterValidator(_without_controls)
]


class ChatRequest(BaseModel):
    """One message of a person."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"conversation": None, "text": "老板拖欠工资怎么办？"}]},
    )

    text: str = Field(description="What the person wrote, as it is.")
    conversation: Opaque | None = Field(
        default=None,
        description="Any string of yours that names the conversation, kept secret like a password; "
        "leave it out to begin a new one and send the returned value next time.",
    )
    message_id: Opaque | None = Field(
        default=None, description="Your id of this message: sent again, it gets the same replies."
    )


class ChoiceView(BaseModel):
    """A button: send `value` as the next text, or let the person write."""

    label: str
    value: str


class SourceView(BaseModel):
    """What an answer rests on."""

    title: str
    article: str | None
    url: str | None
    reviewed_on: date


class ReplyView(BaseModel):
    """One bubble."""

    text: str
    choices: list[ChoiceView]
    sources: list[SourceView]


class TurnView(BaseModel):
    """What the bot did. `human` is `offered` only when these replies put a person forward."""

    kind: TurnKind
    domain: Domain
    entry: str | None
    confidence: float = Field(ge=0, le=1)
    risk: Risk = Field(description="`none` means no sign was found, never that all is well.")
    urgent: bool
    human: Human
    language: Literal["zh", "en"]


class TicketView(BaseModel):
    """The place in the queue of people."""

    number: str
    queue: Queue
    priority: Priority
    position: int | None
    expected_by: str | None


class ChatResponse(BaseModel):
    """The answer to one message."""

    id: str
    conversation: str
    turn: TurnView
    replies: list[ReplyView]
    ticket: TicketView | None


class CheckRequest(BaseModel):
    """One message to check for signs of fraud."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={"examples": [{"text": "您的快递丢失，加客服微信办理双倍理赔"}]},
    )

    text: str = Field(description="The message as received, or what happened as told.")
    id: Opaque | None = Field(default=None, description="Your id of this message, given back.")


class RedFlagView(BaseModel):
    """A sign of fraud: words of the message itself, and why they are one."""

    code: str
    quote: str
    why: str


class CheckResponse(BaseModel):
    """What the message shows."""

    id: str
    risk: Risk = Field(description="`none` means no sign was found, never that all is well.")
    score: float = Field(ge=0, le=1)
    type: str | None = Field(description="A code of the official types, see the documentation.")
    stage: Stage | None
    red_flags: list[RedFlagView]
    advice: str


def create_router(*, engine: Handler, metrics: Metrics, encode: Encode | None = None) -> APIRouter:
    """The routes of the API. Without `encode` messages are checked by their words alone."""
    router = APIRouter(
        prefix=PREFIX,
        tags=["v1"],
        responses={status: {"model": ErrorBody} for status in (400, 413, 415, 422, 500)},
    )

    @router.post("/chat", response_model=ChatResponse, summary="Answer one message")
    def chat(request: ChatRequest) -> dict[str, Any]:
        conversation = request.conversation or secrets.token_urlsafe(_TOKEN_BYTES)
        message = Message(
            sender=Address(channel=API.name, user=_address(conversation)),
            text=cleaned(request.text),
            external_id=request.message_id,
        )
        outcome = metrics.handle(engine, message)
        answer = outcome.to_json(request.message_id or secrets.token_urlsafe(_TOKEN_BYTES))
        return {**answer, "conversation": conversation}

    @router.post("/check", response_model=CheckResponse, summary="Check one message for signs of fraud")
    def check(request: CheckRequest) -> dict[str, Any]:
        found = assess(cleaned(request.text), encode=encode)
        return found.to_json(request.id or secrets.token_urlsafe(_TOKEN_BYTES))

    return router


def _address(conversation: str) -> str:
    """A caller's string is a secret: only its hash is stored."""
    return hashlib.sha256(conversation.encode()).hexdigest()
