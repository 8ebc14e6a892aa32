"""How many questions a second one server answers, and how long each of many people waits."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Barrier, Lock
from time import perf_counter

from benchmarks.bench import Advance, Bench
from benchmarks.report import Result, Table, number
from benchmarks.server import Client, Server, served
from benchmarks.timing import Sample, Stopwatch

CLIENTS = (1, 8, 32)
WARM_UP = 16


def measure(bench: Bench, advance: Advance) -> Result:
    """New questions from 1, 8 and 32 clients at once, then known ones."""
    requests = bench.size.requests
    texts = cycle(question.text for question in (*bench.test, *bench.tune))
    total = requests * (len(CLIENTS) + 1)
    rows = []
    with served(bench) as server:
        _run(server, list(islice(texts, WARM_UP)), clients=1)
        for clients in CLIENTS:
            known = list(islice(texts, requests))
            rows.append(_row(f"{clients}", *_run(server, known, clients=clients)))
            advance(requests * len(rows), total)
        rows.append(_row(f"{CLIENTS[-1]}, asked before", *_run(server, known, clients=CLIENTS[-1])))
        advance(total, total)
    return Result(
        table=Table(
            title="HTTP",
            head=("clients", "questions/s", "p50 ms", "p99 ms"),
            rows=tuple(rows),
            notes=(
                f"{requests} questions a row to `POST /api/v1/chat`, each in a new conversation and, but for the "
                "last row, asked for the first time; one `anwen serve` on loopback, SQLite on disk.",
                "The clients run on the same cores as the server.",
            ),
        )
    )


def _row(name: str, wall: Sample, seconds: float) -> tuple[str, ...]:
    return name, number(len(wall.ms) / seconds), number(wall.p50), number(wall.p99)


def _run(server: Server, texts: Sequence[str], *, clients: int) -> tuple[Sample, float]:
    """How long each question took, and all of them together in seconds."""
    next_text = _shared(iter(texts))
    together = Barrier(clients + 1)

    def work(_: int) -> Stopwatch:
        stopwatch, client = Stopwatch(), Client(server.port)
        together.wait()
        while (text := next_text()) is not None:
            with stopwatch.lap():
                client.ask(text)
        client.close()
        return stopwatch

    with ThreadPoolExecutor(clients) as threads:
        working = threads.map(work, range(clients))
        together.wait()
        started = perf_counter()
        done = list(working)
        seconds = perf_counter() - started
    return Sample(tuple(ms for stopwatch in done for ms in stopwatch.timed.wall.ms)), seconds


def _shared(texts: Iterator[str]) -> Callable[[], str | None]:
    """Something many threads can ask for the next text; None after the last."""
    lock = Lock()

    def next_text() -> str | None:
        with lock:
            return next(texts, None)

    return next_text
