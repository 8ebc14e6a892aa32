"""What every measurement gets: a scratch installation of the shipped bot, the questions, and how much to do."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.errors import BenchError
from bot import config as configuration
from bot.compiling import compile_if_changed
from bot.config import Config
from knowledge.evaluation import Question, load_questions

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "tests" / "evals" / "questions"

Advance = Callable[[int, int], None]  # (done, of how many)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    questions: int  # of the test half, in process
    requests: int  # over HTTP, at each number of clients
    desk_seconds: int
    starts: int
    questions_before_rss: int
    entries: tuple[int, ...]  # sizes of the synthetic knowledge
    builds_from_nothing: bool
    has_rivals: bool


FULL = Size(
    questions=10_000,
    requests=300,
    desk_seconds=60,
    starts=7,
    questions_before_rss=500,
    entries=(1_000, 10_000, 100_000),
    builds_from_nothing=True,
    has_rivals=True,
)
QUICK = Size(
    questions=96,
    requests=48,
    desk_seconds=10,
    starts=2,
    questions_before_rss=100,
    entries=(1_000, 10_000),
    builds_from_nothing=False,
    has_rivals=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A scratch installation: its data folder is its own and gone afterwards."""

    folder: Path
    config_file: Path
    config: Config
    size: Size
    tune: tuple[Question, ...]  # for warming up, and where more questions are needed than are measured
    test: tuple[Question, ...]  # what is measured: nothing was fitted to them

    @property
    def content(self) -> Path:
        """The entries."""
        return self.config.path(self.config.knowledge.content)


def prepare(folder: Path, *, size: Size, advance: Advance) -> Bench:
    """A bench in `folder`, with compiled knowledge; builds of this checkout's data folder save the encoding.

    Raises BenchError, AnwenError, KnowledgeError: one line with the fix.
    """
    shipped = configuration.load(ROOT / "config.yaml")
    config_file = folder / "config.yaml"
    config_file.write_text(_changed(shipped, data=folder / "data"), encoding="utf-8")
    config = configuration.load(config_file)
    _copy_builds(shipped.build, config.build)
    compile_if_changed(config, progress=advance)
    tune, test = load_questions(QUESTIONS, split="tune"), load_questions(QUESTIONS, split="test")
    if not tune or not test:
        raise BenchError(f"{QUESTIONS}: no questions; run in a whole checkout")
    every = max(1, len(test) // size.questions)  # evenly over the files: each has its own subjects
    return Bench(
        folder=folder,
        config_file=config_file,
        config=config,
        size=size,
        tune=tune,
        test=test[::every],
    )


def _changed(shipped: Config, *, data: Path) -> str:
    """The shipped configuration, from anywhere, with another data folder."""
    values: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    values["storage"] = {"folder": str(data)}
    values["knowledge"] = {**values["knowledge"], "content": str(shipped.path(shipped.knowledge.content))}
    values["encoder"] = {**values["encoder"], "model": str(shipped.path(shipped.encoder.model))}
    values["logging"] = {**values["logging"], "level": "warning"}
    return yaml.safe_dump(values, allow_unicode=True)


def _copy_builds(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.tmp-*", "fusion.json"))
