"""Fixtures of the whole suite."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, compiled_knowledge, open_world


@pytest.fixture(scope="session")
def knowledge(request: pytest.FixtureRequest) -> Path:
    """The compiled shipped content; kept between runs, since compiling it anew takes a minute."""
    return compiled_knowledge(Path(request.config.cache.mkdir("anwen")))


@pytest.fixture
def data(knowledge: Path, tmp_path: Path) -> Path:
    """A data folder of one test, with compiled knowledge in it."""
    shutil.copytree(knowledge, tmp_path / "knowledge", copy_function=_link)
    return tmp_path


@pytest.fixture
def world(data: Path) -> Iterator[World]:
    """A whole anwen on a fresh database."""
    world = open_world(data)
    with world.app:
        yield world


def _link(source: str, target: str) -> None:
    """A hard link: builds are never changed once written, and copying 10 MB a test is slow."""
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
