"""Results as tables: on the terminal, and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A promise and what was measured."""

    what: str
    measured: str
    limit: str
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One measurement's numbers, as text; the first column names the row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()  # what one must know to read them


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a measurement found."""

    table: Table
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run."""

    command: str
    day: str
    machine: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, promises first."""
        checks = [check for result in self.results for check in result.checks]
        promises = Table(
            title="Promises",
            head=("what", "measured", "limit", ""),
            rows=tuple((c.what, c.measured, c.limit, "kept" if c.is_kept else "MISSED") for c in checks),
        )
        return ((promises,) if checks else ()) + tuple(result.table for result in self.results)


def show(report: Report, console: Console) -> None:
    """Print every table."""
    for table in report.tables:
        printed = RichTable(title=table.title, box=box.SIMPLE, title_justify="left")
        for place, name in enumerate(table.head):
            printed.add_column(name, justify="left" if place == 0 else "right")
        for row in table.rows:
            printed.add_row(*row)
        console.print(printed)
        for note in table.notes:
            console.print(f"  {note}", style="dim")


def markdown(report: Report) -> str:
    """The report as a page."""
    machine = _table(("", ""), report.machine)
    parts = [
        "# Benchmarks",
        f"Written by `{report.command}` on {report.day}; do not edit. `make bench` measures anew.",
        machine,
    ]
    for table in report.tables:
        parts += [f"## {table.title}", _table(table.head, table.rows)]
        parts += ["\n".join(f"- {note}" for note in table.notes)] if table.notes else []
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ruler, *rows))


def number(value: float) -> str:
    """A measured value with three digits that mean something.

    >>> number(0.01234), number(9.876), number(123.4), number(12345.6)
    ('0.012', '9.88', '123', '12,346')
    """
    if value < 1:
        return f"{value:.3f}"
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
