"""Memory of the serving process."""

from itertools import cycle, islice

from benchmarks import machine
from benchmarks.bench import Advance, Bench
from benchmarks.errors import BenchError
from benchmarks.report import Check, Result, Table, number
from benchmarks.server import Client, served

MOST_MB = 300.0


def measure(bench: Bench, advance: Advance) -> Result:
    """Resident memory after the first answer and after many different questions."""
    count = bench.size.questions_before_rss
    texts = list(islice(cycle(question.text for question in (*bench.test, *bench.tune)), count))
    with served(bench) as server:
        client = Client(server.port)
        client.ask(texts[0])
        first = _rss_mb(server.pid)
        for done, text in enumerate(texts, start=1):
            client.ask(text)
            advance(done, count)
        after = _rss_mb(server.pid)
        client.close()
    return Result(
        table=Table(
            title="Memory of the serving process",
            head=("after", "resident MB"),
            rows=(("1 question", number(first)), (f"{count} questions", number(after))),
            notes=("With the pages of model and index that are mapped from files.",),
        ),
        checks=(
            Check(
                what=f"resident memory after {count} questions",
                measured=f"{after:.0f} MB",
                limit=f"≤ {MOST_MB:.0f} MB",
                is_kept=after <= MOST_MB,
            ),
        ),
    )


def _rss_mb(pid: int) -> float:
    rss = machine.rss_mb(pid)
    if rss is None:
        raise BenchError("memory is read from /proc, which this system does not have")
    return rss
