"""Checks and compiles the content with the configured encoder."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.config import Config
from bot.encoders import open_encoder
from knowledge.build import build
from knowledge.check import check
from knowledge.problems import Problem

Progress = Callable[[int, int], None]


def check_content(config: Config) -> list[Problem]:
    """Every problem of the content, near-duplicates by meaning included."""
    return check(
        config.path(config.knowledge.content),
        today=datetime.now(config.district.zone).date(),
        encoder=open_encoder(config),
        oldest_review=config.knowledge.oldest_review,
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
