"""A start compiles what changed, and nothing else."""

import shutil
import time
from pathlib import Path

from bot.compiling import COMPILED_FROM, compile_if_changed, unsigned_stations, wrong_forms
from knowledge import artefacts
from knowledge.schema import read_entries
from tests.world import ROOT, shipped_config


def test_a_second_start_reads_no_content_again(data: Path):
    config = shipped_config(data)
    compile_if_changed(config)

    begin = time.perf_counter()
    said = compile_if_changed(config)

    assert said == f"the knowledge is up to date: {artefacts.current_build(config.build)}"
    assert time.perf_counter() - begin < 1


def test_a_changed_wording_or_a_lost_file_compiles_again(data: Path):
    content = data / "content"
    shutil.copytree(ROOT / "knowledge" / "content", content)
    config = shipped_config(data, knowledge={"content": str(content)})
    compile_if_changed(config)
    assert "up to date" in compile_if_changed(config)

    with (content / "phrases.zh.yaml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    assert "up to date" not in compile_if_changed(config)
    assert "up to date" in compile_if_changed(config)

    (config.build / COMPILED_FROM).unlink()
    assert "up to date" not in compile_if_changed(config)


def test_a_menu_that_names_no_form_is_told(tmp_path: Path):
    content = tmp_path / "content"
    shutil.copytree(ROOT / "knowledge" / "content", content)
    entries, _ = read_entries(content)
    known = {entry.id for entry in entries}
    assert list(wrong_forms(content, known)) == []

    with (content / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("  - form:open:dance\n")

    assert [str(problem) for problem in wrong_forms(content, known)] == [
        "desk.yaml: menu: there is no form ‘form:open:dance’; name one that exists"
    ]


def test_a_form_that_names_no_entry_is_told():
    known = {"services.request.track"}

    problems = [str(problem) for problem in wrong_forms(ROOT / "knowledge" / "content", known)]

    assert (
        "forms/tip_off.yaml: tip_off: entries: no entry is called services.hotline.which-number"
        in "\n".join(problems)
    )


def test_stations_nobody_signed_are_listed(data: Path):
    lines = unsigned_stations(shipped_config(data))

    assert len(lines) == 7
    assert "王江泾镇 is not signed" in "\n".join(lines)
