"""aiogram's types as the judge between us and our fake: of what is asked, of what is answered, of every update.

aiogram was written by others from the Bot API's own schema. It lets unknown fields pass; here they are a fault too.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import aiogram.methods
from aiogram.methods.base import Response, TelegramMethod
from aiogram.types import Update
from pydantic import BaseModel, ValidationError

from tests.bot.channels.telegram.fake.state import Refused

TEXTS = {
    "text",
    "caption",
    "name",
    "description",
    "url",
    "secret_token",
    "callback_query_id",
    "file_id",
    "data",
}


def _types() -> dict[str, type[TelegramMethod[Any]]]:
    found = (getattr(aiogram.methods, name) for name in aiogram.methods.__all__)
    return {
        each.__api_method__: each for each in found if isinstance(getattr(each, "__api_method__", None), str)
    }


METHODS = _types()


def asked(name: str, given: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """The parameters of a call, as aiogram's types read them; refuses what is unknown, missing or misshapen."""
    method = METHODS.get(name)
    if method is None:
        raise Refused(404, "Not Found")
    unknown = (set(given) | set(files)) - set(method.model_fields)
    if unknown:
        raise Refused(400, f"Bad Request: the fake knows no parameter {sorted(unknown)} of {name}")
    values = {key: _read(key, value) for key, value in given.items()}
    try:
        method.model_validate({**values, **dict.fromkeys(files, "file")})
    except ValidationError as error:
        raise Refused(400, f"Bad Request: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from error
    return {**values, **files}


def fault_of_answer(name: str, answer: dict[str, Any]) -> str | None:
    """What is wrong with the fake's own answer to a call; None when aiogram reads all of it."""
    if name == "getUpdates" and answer["ok"]:
        return None  # each update was judged when it was offered
    return _fault(_answer_of(name), answer)


def fault_of_update(update: dict[str, Any]) -> str | None:
    """The same for an update."""
    return _fault(Update, update)


@cache
def _answer_of(name: str) -> type[BaseModel]:
    method = METHODS.get(name)
    return Response[method.__returning__ if method is not None else Any]  # type: ignore[misc, return-value]


def _fault(model: type[BaseModel], value: dict[str, Any]) -> str | None:
    try:
        read = model.model_validate(json.loads(json.dumps(value)))
    except ValidationError as error:
        return "; ".join(f"{each['loc']}: {each['msg']}" for each in error.errors())
    return next(_strange(read), None)


def _strange(value: Any) -> Iterator[str]:
    """Fields the Bot API does not have, anywhere inside."""
    if isinstance(value, BaseModel):
        yield from (f"{type(value).__name__} has no field {name}" for name in value.model_extra or ())
        for name in value.model_fields_set:
            yield from _strange(getattr(value, name, None))
    elif isinstance(value, list):
        for each in value:
            yield from _strange(each)


def _read(key: str, value: Any) -> Any:
    """Form fields are text: numbers, flags and JSON as Telegram reads them."""
    if not isinstance(value, str) or key in TEXTS:
        return value
    if value in ("true", "false", "True", "False"):
        return value.lower() == "true"
    if (
        value.lstrip("-").isdigit()
        and key.endswith(("id", "offset", "limit", "timeout", "connections"))
        and key != "icon_custom_emoji_id"
    ):
        return int(value)
    if value[:1] in "[{":
        return json.loads(value)
    return value
