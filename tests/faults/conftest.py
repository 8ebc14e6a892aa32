"""The long versions of these tests run when asked for by name: `pytest -m slow`."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is slow unless the command names it."""
    if "slow" in (config.option.markexpr or ""):
        return
    for item in items:
        if "tests/faults" in item.nodeid and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="run it with `pytest -m slow`"))
