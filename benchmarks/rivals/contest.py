"""Ours and the others, question by question: who finds the right entry, and how fast."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from benchmarks.bench import ROOT, Advance, Bench
from benchmarks.errors import BenchError
from benchmarks.report import Result, Table, number
from benchmarks.rivals import script
from benchmarks.rivals.haystack_pipelines import Bm25Pipeline, EmbeddingPipeline, silence
from benchmarks.rivals.ours import Ours
from benchmarks.rivals.rival import FOUND, Rival, Wording
from benchmarks.rivals.script import Script
from benchmarks.timing import Stopwatch
from bot.app import build
from knowledge.entries import Entry
from knowledge.evaluation import Question

NEEDED = ("sentence_transformers", "haystack", "torch", "onnx")
WARM_UP = 10
BLOCK = 8  # questions of one rival before the next


def missing() -> tuple[str, ...]:
    """What must be installed before the rivals can run."""
    return tuple(name for name in NEEDED if find_spec(name) is None)


def measure(bench: Bench, advance: Advance) -> Result:
    """All of them on the questions of the test half that an entry answers. Raises BenchError."""
    if lacking := missing():
        raise BenchError(
            f"{', '.join(lacking)} not installed; run `make bench` or: pip install -e '.[bench]'"
        )
    silence()
    questions = [question for question in bench.test if question.in_scope]
    with build(bench.config, keep_conversations=False) as app:
        entries = app.library.entries(datetime.now(UTC))
        wordings = _wordings(entries)
        steps = len(wordings) + len(questions)
        folder = _torch_model(bench)
        model = script.open_model(folder)
        vectors = script.vectors_of(model, wordings, lambda done: advance(done, steps))
        rivals: tuple[Rival, ...] = (
            Ours(app.library),
            Script(model, vectors, wordings),
            Bm25Pipeline(wordings),
            EmbeddingPipeline(folder, vectors, wordings),
        )
        for rival in rivals:
            for question in bench.tune[:WARM_UP]:
                rival.search(question.text)
        tallies = [_Tally(rival, entries) for rival in rivals]
        for start in range(0, len(questions), BLOCK):
            for tally in tallies:
                tally.ask(questions[start : start + BLOCK])
            advance(len(wordings) + start, steps)
        advance(steps, steps)
    return Result(table=_table(tallies, questions=len(questions), wordings=len(wordings)))


class _Tally:
    """How one did."""

    def __init__(self, rival: Rival, entries: Mapping[str, Entry]) -> None:
        self._rival = rival
        self._entries = entries
        self._stopwatch = Stopwatch()
        self._places: list[int] = []  # of the first right entry, from 1; 0 for none

    def ask(self, questions: Sequence[Question]) -> None:
        for question in questions:
            with self._stopwatch.lap():
                found = self._rival.search(question.text)
            right = (n for n, id in enumerate(found, 1) if question.is_answered_by(self._entries[id]))
            self._places.append(next(right, 0))

    @property
    def row(self) -> tuple[str, ...]:
        timed, count = self._stopwatch.timed, len(self._places)
        return (
            self._rival.name,
            f"{sum(place == 1 for place in self._places) / count:.3f}",
            f"{sum(0 < place <= FOUND for place in self._places) / count:.3f}",
            number(timed.wall.p50),
            number(timed.wall.p99),
            number(timed.cpu.p50),
        )


def _table(tallies: Sequence[_Tally], *, questions: int, wordings: int) -> Table:
    return Table(
        title="Beside others",
        head=("retrieval", "recall@1", f"recall@{FOUND}", "p50 ms", "p99 ms", "CPU p50 ms"),
        rows=tuple(tally.row for tally in tallies),
        notes=(
            f"{questions} questions of the test half that an entry answers; the others know the same "
            f"{wordings:,} questions and variants of the same entries, ours the answers as well.",
            "The same weights: ours int8 on onnxruntime with one thread a text, the others float32 on torch with "
            "its usual threads. Ours was calibrated on the tune half; the others have nothing to fit.",
            "Haystack's BM25 runs on single characters: its own pattern takes a run of Chinese for one word.",
        ),
    )


def _wordings(entries: Mapping[str, Entry]) -> tuple[Wording, ...]:
    return tuple(
        Wording(entry=entry.id, text=text)
        for entry in entries.values()
        for text in dict.fromkeys(_asked(entry))
    )


def _asked(entry: Entry) -> tuple[str, ...]:
    english = (entry.english.question, *entry.english.variants) if entry.english else ()
    return (entry.question, *entry.variants, *entry.asked_in_english, *english)


def _torch_model(bench: Bench) -> Path:
    """The shipped weights as a folder that sentence-transformers opens."""
    folder = bench.folder / "torch-model"
    source = bench.config.path(bench.config.encoder.model)
    command = [sys.executable, "-m", "training.from_onnx", "--model", str(source), "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:]
        raise BenchError(f"the shipped weights cannot be opened with torch: {' '.join(last)}")
    return folder
