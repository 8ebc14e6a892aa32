"""Many browsers in one thread: HTTP over asyncio, with cookies, forms and event streams, at hardly any cost."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from benchmarks.errors import BenchError
from benchmarks.server import HOST

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
LONGEST_IDLE_S = 4.0  # the server hangs up after 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, and how long that took in milliseconds."""

    status: int
    body: bytes
    ms: float


@dataclass(slots=True)
class Browser:
    """One person's browser: one connection that is kept open, and more for streams."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _used_at: float = 0.0
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> Answer:
        """Fetch a page."""
        return await self._ask("GET", path, b"", "")

    async def post_json(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send what a script sends."""
        return await self._ask("POST", path, json.dumps(body).encode(), JSON)

    async def post_form(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form as the console's script does."""
        return await self._ask("POST", path, urlencode(form).encode(), FORM)

    async def events(self, path: str) -> AsyncIterator[tuple[str, str]]:
        """(name, data) of an event stream, until it ends."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            writer.write(self._head("GET", path, b"", ""))
            await _head_of(reader)
            name = ""
            async for line in _lines(reader):
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    yield name, line.removeprefix("data: ")
        finally:
            writer.close()

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()

    async def _ask(self, method: str, path: str, body: bytes, media_type: str) -> Answer:
        started = perf_counter()
        idle = started - self._used_at
        self._used_at = started
        if self._writer is None or self._writer.is_closing() or idle > LONGEST_IDLE_S:
            self.close()
            self._reader, self._writer = await asyncio.open_connection(HOST, self.port)
        assert self._reader is not None
        self._writer.write(self._head(method, path, body, media_type) + body)
        status, headers = await _head_of(self._reader)
        for cookie in headers.get("set-cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        length = headers.get("content-length")
        answer = await self._reader.readexactly(int(length[0])) if length else b""
        return Answer(status=status, body=answer, ms=(perf_counter() - started) * 1e3)

    def _head(self, method: str, path: str, body: bytes, media_type: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", "Sec-Fetch-Site: same-origin"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
        if media_type == FORM:
            lines.append("X-Anwen-Script: 1")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _head_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, list[str]]]:
    status_line = (await reader.readline()).decode()
    if not status_line.startswith("HTTP/1.1 "):
        raise BenchError(f"the server does not answer: {status_line!r}")
    headers: dict[str, list[str]] = {}
    while line := (await reader.readline()).decode().strip():
        name, _, value = line.partition(": ")
        headers.setdefault(name.lower(), []).append(value)
    return int(status_line.split()[1]), headers


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of a chunked body."""
    rest = ""
    while size := int((await reader.readline()).strip() or b"0", 16):
        rest += (await reader.readexactly(size)).decode()
        await reader.readexactly(2)
        *whole, rest = rest.split("\n")
        for line in whole:
            yield line
