"""The fake behind real HTTP: aiogram's types judge what is asked, Telegram's words answer it."""

import email.parser
import email.policy
import json
import threading
import time
import typing
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiogram.methods
from aiogram.methods.base import TelegramMethod
from pydantic import ValidationError

from tests.bot.channels.telegram.fake.methods import Methods
from tests.bot.channels.telegram.fake.state import TOKEN, Refused, State, Trouble

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
    return {each.__api_method__: each for each in found if hasattr(each, "__api_method__")}


METHODS = _types()


def judged(name: str, given: dict[str, Any], files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """The parameters of a call, as aiogram's types read them; refuses what is unknown, missing or misshapen."""
    method = METHODS.get(name)
    if method is None:
        raise Refused(404, "Not Found")
    unknown = set(given) | set(files)
    unknown -= set(method.model_fields)
    if unknown:
        raise Refused(400, f"Bad Request: the fake knows no parameter {sorted(unknown)} of {name}")
    values = {key: _read(key, value) for key, value in given.items()}
    checked = {**values, **dict.fromkeys(files, "attach://file")}
    for key in files:
        checked.pop(key)
    try:
        lenient = {key: field for key, field in method.model_fields.items() if key in files}
        method.model_validate({**checked, **{key: "file" for key in lenient}})
    except ValidationError as error:
        raise Refused(400, f"Bad Request: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from error
    return {**values, **files}


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


class Server:
    """The HTTP side of a state."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.methods = Methods(state)
        self.url = ""
        self.stopped = threading.Event()

    def called(
        self, name: str, given: dict[str, Any], files: dict[str, tuple[str, bytes]]
    ) -> tuple[int, dict[str, Any], str]:
        """Status, answer and where the connection is cut, if it is."""
        state = self.state
        with state.lock:
            trouble = self._trouble(name, given)
            if trouble is not None and trouble.drop == "before":
                return 0, {}, "before"
            try:
                if trouble is not None and trouble.act is not None:
                    trouble.act()
                asked = judged(name, given, files)
                if name != "getUpdates":
                    state.calls.append((state.clock(), name, asked))
                method = self.methods.find(name)
                if method is None:
                    raise Refused(501, f"Not Implemented: {name}")
                answer = {"ok": True, "result": method(asked)}
            except Refused as error:
                if trouble is None or trouble.act is None:
                    state.refusals.append((name, error.code, error.description))
                refused: dict[str, Any] = {
                    "ok": False,
                    "error_code": error.code,
                    "description": error.description,
                }
                if error.parameters:
                    refused["parameters"] = error.parameters
                return error.code, refused, ""
        return 200, answer, trouble.drop if trouble is not None else ""

    def _trouble(self, name: str, given: dict[str, Any]) -> Trouble | None:
        for trouble in self.state.troubles:
            right_chat = trouble.chat is None or str(trouble.chat) == str(given.get("chat_id"))
            if trouble.method == name and right_chat:
                self.state.troubles.remove(trouble)
                return trouble
        return None

    # --- webhook ------------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Posts updates in order, each until somebody says 2xx."""
        while not self.stopped.is_set():
            with self.state.lock:
                if not self.state.webhook or not self.state.updates:
                    self.state.changed.wait(0.05)
                    continue
                update, hook = self.state.updates[0], self.state.webhook
            if self._posted(hook, update):
                with self.state.lock:
                    if self.state.updates and self.state.updates[0] is update:
                        self.state.updates.popleft()
            else:
                time.sleep(0.05)

    def _posted(self, hook: dict[str, Any], update: dict[str, Any]) -> bool:
        headers = {"Content-Type": "application/json"}
        if hook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret_token"]
        request = urllib.request.Request(hook["url"], data=json.dumps(update).encode(), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(200 <= answer.status < 300)
        except (OSError, urllib.error.HTTPError) as error:
            with self.state.lock:
                if self.state.webhook:
                    self.state.webhook["last_error_message"] = str(error)
            return False


@contextmanager
def running(state: State) -> Iterator[Server]:
    """The fake on a port."""
    server = Server(state)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            bot, _, name = self.path.removeprefix("/bot").rpartition("/")
            if bot != TOKEN:
                self._answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
                return
            given, files = _parsed(self.headers.get("Content-Type") or "", body)
            status, answer, cut = server.called(name, given, files)
            if cut:
                self.close_connection = True
                return
            self._answer(status, answer)

        def do_GET(self) -> None:
            file_id = self.path.rpartition("/")[2]
            path = urllib.parse.unquote(self.path)
            found = state.files.get(file_id)
            content = found[1] if found and path.startswith(f"/file/bot{TOKEN}/") else b""
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, status: int, answer: dict[str, Any]) -> None:
            said = json.dumps(answer).encode()
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A client that was killed."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    threads = [threading.Thread(target=each, daemon=True) for each in (http.serve_forever, server.deliver)]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        http.shutdown()
        http.server_close()


def _parsed(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    if kind.startswith("application/json"):
        return typing.cast("dict[str, Any]", json.loads(body or b"{}")), {}
    if not kind.startswith("multipart/form-data"):
        return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)), {}
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    given: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        filename = part.get_filename()
        if filename is None:
            given[name] = content.decode()
        else:
            files[name] = (filename, content)
    return given, files
