"""A real `anwen serve` in a process of its own, and clients that ask it over loopback."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import ROOT, Bench
from benchmarks.errors import BenchError

HOST = "127.0.0.1"
PATIENCE_S = 120.0  # for the server to open its port, and for one answer
LOOK_EVERY_S = 0.005
GRACE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server."""

    port: int
    pid: int
    started_at: float  # time.perf_counter() just before the process was made


class Client:
    """One connection that is kept open, as a browser or a program of the city would."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)

    def ask(self, text: str) -> None:
        """Ask in a new conversation and read the whole answer. Raises BenchError unless it is one."""
        body = json.dumps({"text": text}).encode()
        try:
            self._connection.request("POST", "/api/v1/chat", body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"the server does not answer: {error!r}") from error
        if response.status != http.HTTPStatus.OK or b'"replies"' not in answer:
            raise BenchError(f"the server refused a question: {response.status} {answer[:200]!r}")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def served(bench: Bench) -> Iterator[Server]:
    """A server whose port is open; stopped afterwards. Raises BenchError when it does not start."""
    port = _free_port()
    command = [sys.executable, "-m", "bot", "serve", "--config", str(bench.config_file), "--port", str(port)]
    log = bench.folder / "serve.log"
    with log.open("wb") as output:
        started_at = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            _await_port(port, process, log)
            yield Server(port=port, pid=process.pid, started_at=started_at)
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])


def _await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1.0).close()
            return
        except OSError:
            time.sleep(LOOK_EVERY_S)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise BenchError(f"`anwen serve` did not start: {' '.join(last) or 'no word from it'}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
