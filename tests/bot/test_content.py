"""What the desk file names has to exist: the emergency words rest on it."""

import shutil
from pathlib import Path

import pytest

from bot.content import unknown_entries
from knowledge.schema import read_entries
from tests.world import ROOT

CONTENT = ROOT / "knowledge" / "content"


def _known() -> set[str]:
    return {entry.id for entry in read_entries(CONTENT)[0]}


def test_every_entry_that_the_shipped_desk_file_names_is_written():
    assert unknown_entries(CONTENT, _known()) == []


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("  transferred: fraud.response.money-transferred", "danger.transferred"),
        ("  emergency.fire.fire: fire", "meanings.emergency.fire.fires"),
        ("  - fraud.type.police", "menu"),
    ],
)
def test_a_name_without_an_entry_is_found_with_its_place(tmp_path: Path, written: str, key: str):
    desk = shutil.copy(CONTENT / "desk.yaml", tmp_path)
    text = Path(desk).read_text("utf-8")
    assert written in text
    name = written.strip().removeprefix("- ").removeprefix("transferred: ").removesuffix(": fire")
    Path(desk).write_text(text.replace(written, written.replace(name, f"{name}s")), "utf-8")

    found = unknown_entries(tmp_path, _known())

    assert [(problem.key, problem.message) for problem in found] == [(key, f"there is no entry ‘{name}s’")]
