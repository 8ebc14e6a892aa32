"""What every HTTP door shares: one shape of errors, a cap on bodies, headers that protect the reader."""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import InvalidRequest

log = structlog.get_logger(__name__)

LARGEST_BODY_BYTES = 64 * 1024
FILE_BODY = (
    "application/octet-stream"  # the body of an upload is the file; no form of another site can send this
)
NAME_HEADER = "x-anwen-name"  # percent-encoded: addresses end up in logs, and names of files tell much
_PATIENCE = 16  # this many times the largest body is read before the connection is cut
_CAPPED = ("/api/", "/chat", "/staff")
_UPLOAD = re.compile(
    r"/chat/files|/staff/tickets/[^/]+/files"
)  # these cap themselves, after they know who sends
NOT_STORED = {"Cache-Control": "no-store"}
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOTHING_MAY_RUN = "default-src 'none'; frame-ancestors 'none'"
# What went wrong is told with the numbers that help without us.
_BROKEN = "安问暂时无法处理，请稍后再试；有危险请打 110，法律问题打 12348，其他办事打 12345。"
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    503: "unavailable",
}


class ErrorDetail(BaseModel):
    """`code` is stable, for programs; `message` is one sentence, for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """Every refusal of the API."""

    error: ErrorDetail


def refusal(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error in the one shape."""
    body = ErrorBody(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status, headers={**NOT_STORED, **(headers or {})})


def install_errors(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape; what a person sent is never echoed."""

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _CODES.get(error.status_code, "error")
        return refusal(error.status_code, code, str(error.detail), headers=error.headers)

    async def invalid_request(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, InvalidRequest)
        return refusal(422, error.code, str(error))

    async def invalid_body(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _explained(request, error)

    async def broken(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.url.path, error=type(error).__name__)
        return refusal(500, "internal", _BROKEN, headers=PROTECTION)

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(InvalidRequest, invalid_request)
    app.add_exception_handler(RequestValidationError, invalid_body)
    app.add_exception_handler(Exception, broken)


def _explained(request: Request, error: RequestValidationError) -> JSONResponse:
    """The first problem, named with its field and the fix."""
    problem = error.errors()[0]
    kind, place = str(problem["type"]), [str(part) for part in problem["loc"]]
    name = ".".join(place[1:])
    if kind == "json_invalid":
        return refusal(400, "bad_json", "the body is not valid JSON")
    if place == ["body"] and not _is_json(request):
        return refusal(415, "unsupported_media_type", "send JSON with Content-Type: application/json")
    if place == ["body"]:
        return refusal(422, "invalid_request", "the body must be a JSON object")
    if kind == "missing":
        return refusal(422, "missing_field", f"{name}: is missing")
    return refusal(422, "invalid_request", f"{name}: {str(problem['msg']).removeprefix('Value error, ')}")


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type.startswith("application/") and media_type.endswith("json")


class Protected:
    """Adds the protecting headers to every response that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PROTECTION.items():
                    headers.setdefault(name, value)
                if "content-security-policy" not in headers:
                    headers["Content-Security-Policy"] = _NOTHING_MAY_RUN
            await send(message)

        await self._app(scope, receive, protected)


class BodyCap:
    """Refuses a body over 64 KB with 413 before anything parses it."""

    def __init__(self, app: ASGIApp, *, largest: int = LARGEST_BODY_BYTES) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not _is_capped(scope["path"], scope["method"]):
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if body is None:
            too_large = refusal(413, "too_large", f"the body is over {self._largest // 1024} KB")
            too_large.headers["Connection"] = "close"  # some of the body may not have been read
            await too_large(scope, receive, send)
            return
        messages = iter(body)

        async def replayed() -> Message:
            return next(messages, None) or await receive()

        await self._app(scope, replayed, send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """The whole body as received; None when it is over the cap.

        What is over it is thrown away but read, up to a point: a sender who is cut off sees no answer.
        """
        read: list[Message] = []
        size = 0
        more = True
        while more and size <= self._largest * _PATIENCE:
            message = await receive()
            size += len(message.get("body", b""))
            if size <= self._largest:
                read.append(message)
            more = message.get("more_body", False)
        return read if size <= self._largest else None


def _is_capped(path: str, method: str) -> bool:
    return path.startswith(_CAPPED) and method != "GET" and not _UPLOAD.fullmatch(path)


async def uploaded(request: Request, *, largest: int) -> bytes:
    """The file that is the body of `request`, of at most `largest` bytes.

    Raises HTTPException 415 for another kind of body, 413 for a larger one. Most of what is too large is read all the
    same, because a sender who is cut off sees no answer.
    """
    if request.headers.get("content-type") != FILE_BODY:
        raise HTTPException(415, f"send the file as {FILE_BODY}")
    read = bytearray()
    thrown_away = 0
    async for part in request.stream():
        if len(read) + len(part) > largest or thrown_away:
            thrown_away += len(part)
        else:
            read += part
        if thrown_away > largest:
            break
    if thrown_away:
        raise HTTPException(413, "the file is too large", headers={"Connection": "close"})
    return bytes(read)


def name_of(request: Request) -> str:
    """What the sender calls the file; empty when they do not say."""
    return unquote(request.headers.get(NAME_HEADER, ""), errors="replace")


def file_response(content: bytes, *, media_type: str, name: str, inline: bool) -> Response:
    """A file a stranger sent: as what it is, stored nowhere, and nothing in it may run or load anything."""
    way = "inline" if inline else "attachment"
    return Response(
        content,
        media_type=media_type,
        headers={
            **NOT_STORED,
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
