"""Fixtures of the bot's tests."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.bot.world import Site, open_site

UNLIMITED = {"messages_per_minute": 100_000, "sessions_per_hour": 100_000}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The desk on a free port, one for all tests of a file: visitors keep them apart."""
    with open_site(tmp_path_factory.mktemp("site"), web=UNLIMITED) as site:
        yield site


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """The desk on a free port, for a test that breaks it or counts everything in it."""
    with open_site(tmp_path) as site:
        yield site


@pytest.fixture(autouse=True, scope="session")
def _quiet() -> Iterator[None]:
    """Failures made on purpose fill no page with tracebacks, which take seconds to draw."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()
