"""A whole turn in process, against the one call of the encoder that it cannot do without."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.bench import Advance, Bench
from benchmarks.report import Check, Result, Table, number
from benchmarks.timing import Stopwatch, Timed
from bot.app import build
from bot.config import Config
from bot.conversation.engine import Engine
from bot.conversation.model import Address, Message
from bot.encoders import open_encoder
from knowledge.evaluation import Question
from knowledge.textnorm import normalized
from knowledge.windows import LONG

HIGHEST_RATIO = 1.5
WARM_UP = 30  # turns
BLOCK = 8  # of one kind before the other: what the machine does meanwhile slows both alike
SYNCED_BYTES = 64 * 1024  # about what SQLite writes for one turn


class _Laps(NamedTuple):
    """What was timed; the first four once a question, in the same order."""

    encoder: Timed
    turn: Timed
    again: Timed
    search_again: Timed
    disk: Timed


def measure(bench: Bench, advance: Advance) -> Result:
    """The encoder alone, full turns and repeated ones, a few of each in alternation."""
    laps = _laps(bench, advance)
    ratio = laps.turn.wall.p50 / laps.encoder.wall.p50
    check = Check(
        what="full turn p50 / encoder call p50",
        measured=f"{ratio:.2f}",
        limit=f"≤ {HIGHEST_RATIO}",
        is_kept=ratio <= HIGHEST_RATIO,
    )
    return Result(table=_table(laps, bench.test), checks=(check,))


def _laps(bench: Bench, advance: Advance) -> _Laps:
    encoder, turn, again, search, disk = (Stopwatch() for _ in _Laps._fields)
    bare = open_encoder(_without_cache(bench.config))
    with build(bench.config) as app, _synced(bench.folder / "synced") as write:
        for question in bench.tune[:WARM_UP]:
            bare.encode_queries([normalized(question.text)])
            _ask(app.engine, question.text)
        for done, block in _blocks(bench.test):
            _each(encoder, block, lambda text: bare.encode_queries([normalized(text)]))
            _each(turn, block, lambda text: _ask(app.engine, text))
            _each(again, block, lambda text: _ask(app.engine, text))
            _each(search, block, lambda text: app.library.search(text, now=datetime.now(UTC)))
            with disk.lap():
                write()
            advance(done, len(bench.test))
    return _Laps(encoder.timed, turn.timed, again.timed, search.timed, disk.timed)


def _each(stopwatch: Stopwatch, block: Sequence[Question], do: Callable[[str], object]) -> None:
    for question in block:
        with stopwatch.lap():
            do(question.text)


def _ask(engine: Engine, text: str) -> None:
    """A question in a new conversation."""
    engine.handle(Message(sender=Address(channel="bench", user=secrets.token_hex(16)), text=text))


def _blocks(questions: Sequence[Question]) -> Iterator[tuple[int, Sequence[Question]]]:
    """The questions a few at a time, each time with how many there are up to then."""
    for start in range(0, len(questions), BLOCK):
        block = questions[start : start + BLOCK]
        yield start + len(block), block


def _without_cache(config: Config) -> Config:
    return config.model_copy(update={"encoder": config.encoder.model_copy(update={"cache_size": 0})})


@contextmanager
def _synced(path: Path) -> Iterator[Callable[[], None]]:
    """Something that writes as much as a turn does and waits until it is on the disk."""
    content = bytes(SYNCED_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)

    def write() -> None:
        os.write(handle, content)
        os.fsync(handle)

    try:
        yield write
    finally:
        os.close(handle)


def _table(laps: _Laps, questions: Sequence[Question]) -> Table:
    is_short = [len(question.text) <= LONG for question in questions]
    is_long = [not short for short in is_short]
    rows = [
        _row("encoder, one call, nothing remembered", laps.encoder, laps.encoder),
        _row("full turn, new conversation", laps.turn, laps.encoder),
    ]
    for name, chosen in ((f"up to {LONG} characters", is_short), ("longer stories", is_long)):
        if any(chosen):
            label = f"full turn, {name} ({sum(chosen)})"
            rows.append(_row(label, laps.turn.where(chosen), laps.encoder.where(chosen)))
    rows += [
        _row("full turn, question asked before", laps.again, laps.encoder),
        _row("its search alone", laps.search_again, laps.encoder),
        _row(f"{SYNCED_BYTES // 1024} KB written and synced", laps.disk, laps.encoder),
    ]
    return Table(
        title="One turn in process",
        head=("what", "p50 ms", "p99 ms", "CPU p50 ms", "p50 / encoder", "CPU / encoder"),
        rows=tuple(rows),
        notes=(
            f"{len(questions)} questions of the test half, each in a new conversation, SQLite on disk with full "
            f"sync; encoder and turns alternate every {BLOCK} questions.",
            "A turn understands (rules, search), decides, records question and answer in one transaction and waits "
            "once for the disk: the last row is what a write of that size costs on this disk.",
            "Rows of some of the questions are compared with the encoder on the same ones.",
        ),
    )


def _row(name: str, timed: Timed, encoder: Timed) -> tuple[str, ...]:
    return (
        name,
        number(timed.wall.p50),
        number(timed.wall.p99),
        number(timed.cpu.p50),
        f"{timed.wall.p50 / encoder.wall.p50:.2f}",
        f"{timed.cpu.p50 / encoder.cpu.p50:.2f}",
    )
