"""Checks and compiles the content with the configured encoder."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

import knowledge
from bot.config import Config
from bot.content import load_desk, unknown_entries
from bot.encoders import open_encoder
from intents.forms.commands import OPEN
from intents.forms.computes import NAMES
from intents.forms.loading import read_forms, undeclared
from knowledge import artefacts
from knowledge.build import build
from knowledge.check import check
from knowledge.errors import BuildError, ContentError
from knowledge.hotlines import load_stations
from knowledge.problems import Problem, problem_of
from knowledge.schema import read_entries

Progress = Callable[[int, int], None]
COMPILED_FROM = "compiled-from"  # beside the builds: the fingerprint of what the current one was made of


def check_content(config: Config) -> list[Problem]:
    """Every problem of the content, near-duplicates by meaning and the desk file included."""
    content = config.path(config.knowledge.content)
    entries, _ = read_entries(content)
    return [
        *check(
            content,
            today=datetime.now(config.district.zone).date(),
            encoder=open_encoder(config),
            oldest_review=config.knowledge.oldest_review,
        ),
        *unknown_entries(content, {entry.id for entry in entries}),
        *wrong_forms(content, {entry.id for entry in entries}),
    ]


def unsigned_stations(config: Config) -> list[str]:
    """A line for each station whose address and phone are not shown because nobody has signed them."""
    try:
        stations = load_stations(config.path(config.knowledge.content))
    except ContentError:
        return []  # a broken table is a problem of its own
    return [
        f"stations.yaml: {station.id}: {station.area} is not signed; people get 12348 and 12345"
        for station in stations
        if not station.may_be_shown
    ]


def wrong_forms(content: Path, entries: Collection[str]) -> Iterator[Problem]:
    """Everything wrong with the declared forms: their own faults, entries that do not exist, a menu that names none."""
    known = set()
    for form, errors in read_forms(NAMES):
        found = [*errors, *(undeclared(form, entries) if form is not None else ())]
        yield from (problem_of(error) for error in found)
        if form is not None:
            known.add(OPEN + form.id)
    try:
        menu = load_desk(content).menu
    except ContentError:
        return  # told already
    for id in menu:
        if id.startswith(OPEN) and id not in known:
            yield Problem(
                file="desk.yaml",
                id="",
                key="menu",
                message=f"there is no form ‘{id}’",
                fix="name one that exists",
            )


def compile_content(config: Config, *, progress: Progress = lambda done, total: None) -> str:
    """Compile the content and make it current; one line about what was done.

    Raises BuildError when the content has problems.
    """
    built = build(
        config.path(config.knowledge.content),
        config.build,
        encoder=open_encoder(config),
        today=datetime.now(config.district.zone).date(),
        now=datetime.now(UTC),
        progress=progress,
    )
    manifest = built.manifest
    return f"{manifest.entries} entries, {manifest.rows} rows, {built.encoded} encoded anew: {built.path}"


def compile_if_changed(config: Config, *, progress: Progress = lambda done, total: None) -> str:
    """As `compile_content`, but nothing is read or checked again when nothing was changed since: a start takes
    no ten seconds then.
    """
    kept = config.build / COMPILED_FROM
    fingerprint = _fingerprint(config)
    try:
        current = artefacts.current_build(config.build)
        if kept.read_text("utf-8") == f"{fingerprint} {current.name}" and artefacts.is_complete(current):
            return f"the knowledge is up to date: {current}"
    except (OSError, BuildError):
        pass  # never compiled, or not whole any more
    line = compile_content(config, progress=progress)
    fresh = kept.with_suffix(".new")
    fresh.write_text(f"{fingerprint} {artefacts.current_build(config.build).name}", "utf-8")
    fresh.replace(kept)
    return line


def _fingerprint(config: Config) -> str:
    """One value for the content, the encoder, and the code that compiles them."""
    digest = hashlib.sha256(repr(config.encoder).encode())
    for path in _sources(config):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"\0{path}\0{content}".encode())
    return digest.hexdigest()


def _sources(config: Config) -> Iterator[Path]:
    yield from sorted(config.path(config.knowledge.content).rglob("*.yaml"))
    yield from sorted(Path(knowledge.__file__).parent.glob("*.py"))
    model = config.path(config.encoder.model)
    if model.is_dir():
        yield from sorted(
            path for path in model.iterdir() if path.suffix != ".onnx"
        )  # the manifest has its hash
