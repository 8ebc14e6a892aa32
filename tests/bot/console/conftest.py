"""Fixtures of the console's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.console.world import Desk, open_desk_site


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The console on a free port."""
    with open_desk_site(tmp_path) as desk:
        yield desk
