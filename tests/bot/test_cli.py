"""The commands about the knowledge, run as people run them."""

from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from knowledge.coverage_report import BY_HAND
from tests.knowledge.content_files import write_content
from tests.world import ROOT


def report(content: Path, *options: str) -> Result:
    """`anwen knowledge report` on a content folder."""
    arguments = ["knowledge", "report", *options, "--config", str(ROOT / "config.yaml")]
    return CliRunner().invoke(app, arguments, env={"ANWEN_KNOWLEDGE__CONTENT": str(content)})


def test_the_report_is_printed_or_written_above_what_people_noted(tmp_path: Path):
    content, page = write_content(tmp_path / "content"), tmp_path / "page.md"
    page.write_text(f"# Old\n\n{BY_HAND}\n\nBy reading.\n", encoding="utf-8")

    printed = report(content)
    written = report(content, "--write", str(page))

    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert "| all | 2 | 2 / 3 |" in printed.stdout
    assert page.read_text("utf-8") == f"{printed.stdout}\n{BY_HAND}\n\nBy reading.\n"


def test_a_report_on_content_that_cannot_be_read_names_the_file(tmp_path: Path):
    content = write_content(tmp_path / "content")
    (content / "topics.yaml").unlink()

    refused = report(content)

    assert refused.exit_code != 0
    assert str(refused.exception).startswith("topics.yaml: file: does not exist")
