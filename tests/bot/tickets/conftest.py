"""Fixtures of the desk's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.bot.tickets.world import Office, open_office

# a shared machine may take its time over one example; 60 a property find what 100 find, in half the time
settings.register_profile("desk", deadline=None, max_examples=60)
settings.load_profile("desk")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office
