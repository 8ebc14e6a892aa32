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

from tests.bot.channels.telegram.fake import judge
from tests.bot.channels.telegram.fake.methods import Methods
from tests.bot.channels.telegram.fake.state import TOKEN, Refused, State, Trouble

HANGS_S = 2.0


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
        """Status, answer and where the connection is cut, if it is; the answer is judged as what was asked is."""
        status, answer, cut = self._answered(name, given, files)
        fault = judge.fault_of_answer(name, answer) if answer else None
        if fault is not None:
            self.state.faults.append(f"{name}: {fault}")
        return status, answer, cut

    def _answered(
        self, name: str, given: dict[str, Any], files: dict[str, tuple[str, bytes]]
    ) -> tuple[int, dict[str, Any], str]:
        state = self.state
        with state.lock:
            trouble = self._trouble(name, given)
            if trouble is not None and trouble.drop == "before":
                return 0, {}, "before"
            try:
                if trouble is not None and trouble.act is not None:
                    trouble.act()
                asked = judge.asked(name, given, files)
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
                if not self.state.webhook.get("url") or self.state.asleep or not self.state.updates:
                    self.state.changed.wait(0.05)
                    continue
                newest = self.state.newest_first > 0 and len(self.state.updates) > 1
                update, hook = self.state.updates[-1 if newest else 0], self.state.webhook
            if self._posted(hook, update):
                with self.state.lock:
                    self.state.newest_first -= int(newest)
                    if update in self.state.updates:
                        self.state.updates.remove(update)
            else:
                time.sleep(0.05)

    def _posted(self, hook: dict[str, Any], update: dict[str, Any]) -> bool:
        headers = {"Content-Type": "application/json"}
        if hook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret_token"]
        request = urllib.request.Request(hook["url"], data=json.dumps(update).encode(), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=self.state.hook_timeout_s) as answer:
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
            if cut == "hang":
                server.stopped.wait(HANGS_S)
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
