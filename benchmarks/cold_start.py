"""From the start of the process to the first answer, with the knowledge compiled."""

from time import perf_counter

from benchmarks.bench import Advance, Bench
from benchmarks.report import Check, Result, Table, number
from benchmarks.server import Client, served
from benchmarks.timing import Sample

LONGEST_S = 2.0


def measure(bench: Bench, advance: Advance) -> Result:
    """Several starts, one question each."""
    opened, answered = [], []
    for start in range(bench.size.starts):
        with served(bench) as server:
            opened.append((perf_counter() - server.started_at) * 1e3)
            client = Client(server.port)
            client.ask(bench.test[start % len(bench.test)].text)
            answered.append((perf_counter() - server.started_at) * 1e3)
            client.close()
        advance(start + 1, bench.size.starts)
    first = Sample(tuple(answered))
    return Result(
        table=Table(
            title="Cold start",
            head=("from the start of the process", "p50 s", "fastest s", "slowest s"),
            rows=(_row("port open", Sample(tuple(opened))), _row("first answer over HTTP", first)),
            notes=(
                f"{bench.size.starts} starts of `anwen serve`, knowledge compiled, files in the page cache.",
            ),
        ),
        checks=(
            Check(
                what="cold start to first answer, p50",
                measured=f"{first.p50 / 1e3:.2f} s",
                limit=f"≤ {LONGEST_S:.0f} s",
                is_kept=first.p50 <= LONGEST_S * 1e3,
            ),
        ),
    )


def _row(name: str, sample: Sample) -> tuple[str, ...]:
    seconds = (sample.p50 / 1e3, min(sample.ms) / 1e3, max(sample.ms) / 1e3)
    return name, *(number(value) for value in seconds)
