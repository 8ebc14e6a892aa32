"""A start compiles what changed, and nothing else."""

import shutil
import time
from pathlib import Path

from bot.compiling import COMPILED_FROM, compile_if_changed
from knowledge import artefacts
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
