"""`python -m benchmarks [--quick] [--only NAME ...] [--write FILE]`."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from benchmarks import check, cold_start, desk, index_build, machine, memory, scaling, throughput, turn
from benchmarks.bench import FULL, QUICK, ROOT, Advance, Bench, prepare
from benchmarks.errors import BenchError
from benchmarks.report import Report, Result, markdown, show
from benchmarks.rivals import contest
from bot.errors import AnwenError
from knowledge.errors import KnowledgeError

PAGE = ROOT / "docs" / "benchmarks.md"

Measure = Callable[[Bench, Advance], Result]

# In this order: what brings torch into the process comes last.
MEASUREMENTS: dict[str, Measure] = {
    "turn": turn.measure,
    "check": check.measure,
    "http": throughput.measure,
    "desk": desk.measure,
    "start": cold_start.measure,
    "memory": memory.measure,
    "build": index_build.measure,
    "scaling": scaling.measure,
    "rivals": contest.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; the exit code: 2 when nothing could be measured."""
    chosen = _parser().parse_args(arguments)
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="anwen-bench-") as folder:
            results = _run(chosen, Path(folder), console)
    except (BenchError, AnwenError, KnowledgeError) as error:
        console.print(f"benchmarks: {error}", style="red", markup=False)
        return 2
    report = Report(
        command=" ".join(["python -m benchmarks", *(sys.argv[1:] if arguments is None else arguments)]),
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=(*machine.describe(), ("load", f"{machine.load():.1f} at the end")),
        results=tuple(results),
    )
    show(report, console)
    page = chosen.write or (PAGE if not chosen.quick and not chosen.only else None)
    if page is not None:
        page.write_text(markdown(report), encoding="utf-8")
        console.print(f"written to {page}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="within a minute, fewer of everything, no rivals"
    )
    parser.add_argument("--only", nargs="+", choices=tuple(MEASUREMENTS), metavar="NAME", default=())
    parser.add_argument(
        "--write", type=Path, help=f"the page to write; {PAGE.relative_to(ROOT)} after a full run"
    )
    return parser


def _run(chosen: argparse.Namespace, folder: Path, console: Console) -> list[Result]:
    size = QUICK if chosen.quick else FULL
    results = []
    columns = (TextColumn("{task.description:>10}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        advance = _bar(progress, "knowledge")
        bench = prepare(folder, size=size, advance=advance)
        advance(1, 1)
        for name, measure in MEASUREMENTS.items():
            if (chosen.only and name not in chosen.only) or (name == "rivals" and not size.has_rivals):
                continue
            advance = _bar(progress, name)
            try:
                results.append(measure(bench, advance))
                advance(1, 1)
            except BenchError as error:
                progress.console.print(f"{name} skipped: {error}", style="yellow", markup=False)
    if not results:
        raise BenchError("nothing was measured")
    return results


def _bar(progress: Progress, name: str) -> Advance:
    task = progress.add_task(name, total=None)

    def advance(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)

    return advance


if __name__ == "__main__":
    raise SystemExit(main())
