"""Compiling the knowledge: from nothing, after one changed entry, and when nothing changed."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks.bench import Advance, Bench
from benchmarks.errors import BenchError
from benchmarks.report import Result, Table, number
from bot.encoders import open_encoder
from knowledge.build import Built, build
from knowledge.schema import load_entries
from knowledge.vectors import Encoder


def measure(bench: Bench, advance: Advance) -> Result:
    """Builds with the checks, as `anwen knowledge build` makes them."""
    encoder = open_encoder(bench.config)
    content, out = bench.folder / "content", bench.folder / "knowledge"
    shutil.copytree(bench.content, content)
    shutil.copytree(bench.config.build, out)
    rows = []
    if bench.size.builds_from_nothing:
        rows.append(_row("from nothing", *_timed(bench, content, bench.folder / "fresh", encoder, advance)))
    rows.append(_row("nothing changed", *_timed(bench, content, out, encoder, advance)))
    _change_an_entry(content)
    rows.append(_row("one wording of one entry changed", *_timed(bench, content, out, encoder, advance)))
    advance(1, 1)
    return Result(
        table=Table(
            title="Compiling the knowledge",
            head=("build", "seconds", "entries", "rows", "rows encoded"),
            rows=tuple(rows),
            notes=(
                f"Reading, checking and writing included; {bench.config.encoder.threads} encoder threads.",
            ),
        )
    )


def _timed(bench: Bench, content: Path, out: Path, encoder: Encoder, advance: Advance) -> tuple[Built, float]:
    started = perf_counter()
    now = datetime.now(UTC)
    today = now.astimezone(bench.config.district.zone).date()
    built = build(content, out, encoder=encoder, today=today, now=now, progress=advance)
    return built, perf_counter() - started


def _row(name: str, built: Built, seconds: float) -> tuple[str, ...]:
    about = built.manifest
    return name, number(seconds), f"{about.entries:,}", f"{about.rows:,}", f"{built.encoded:,}"


def _change_an_entry(content: Path) -> None:
    """Write one wording of one entry differently; which one does not matter."""
    for entry in load_entries(content):
        path = content / entry.file
        text = path.read_text(encoding="utf-8")
        for wording in entry.variants:
            if text.count(wording) == 1:
                path.write_text(text.replace(wording, f"{wording}呀"), encoding="utf-8")
                return
    raise BenchError(f"{content}: no wording stands on one line of its file")
