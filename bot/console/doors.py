"""How a form comes in and how a change is answered. Forms are small and URL-encoded; scripts send the same."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException

from bot.http import NOT_STORED

MOST_FIELDS = 500  # a bulk action names its tickets
_FORM = "application/x-www-form-urlencoded"
SCRIPT = "x-anwen-script"  # a script asks: answer with JSON instead of another page


class Form(BaseModel):
    """What a form sends. A field that occurs several times is a list."""

    model_config = ConfigDict(extra="ignore", frozen=True)


F = TypeVar("F", bound=Form)


def form_of(kind: type[F]) -> Callable[[Request], Awaitable[F]]:
    """A dependency: the form of this request.

    Raises HTTPException 415 for another body, 400 for one that cannot be read.
    """
    lists = {name for name, field in kind.model_fields.items() if str(field.annotation).startswith("tuple")}

    optional = {name for name, field in kind.model_fields.items() if field.default is None}

    async def read(request: Request) -> F:
        body = await request.body()
        kind_sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind_sent != _FORM and (body or kind_sent):  # nothing at all is a form without fields
            raise HTTPException(415, "send a form")
        try:
            pairs = parse_qsl(
                body.decode(),
                keep_blank_values=True,
                max_num_fields=MOST_FIELDS,
                errors="strict",
            )
            values: dict[str, str | list[str]] = {name: [] for name in lists}
            for name, value in pairs:
                several = values.get(name)
                if isinstance(several, list):
                    several.append(value)
                elif value or name not in optional:  # an empty choice is none
                    values[name] = value
            return kind.model_validate(values)
        except ValidationError as error:
            raise HTTPException(400, _problem(error)) from error
        except ValueError as error:
            raise HTTPException(400, "the form cannot be read") from error

    return read


def done(request: Request, to: str, **query: str) -> Response:
    """A change was made: the browser goes to `to`, a script is told so."""
    url = f"{to}?{urlencode(query)}" if query else to
    if is_script(request):
        return JSONResponse({"go": url}, headers=NOT_STORED)
    return RedirectResponse(url, 303, headers=NOT_STORED)


def is_script(request: Request) -> bool:
    """Whether a script of the page sent this."""
    return SCRIPT in request.headers


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg'].removeprefix('Value error, ')}"
