"""`anwen check`, run as people run it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from tests.world import ROOT

SCAM = "他让我把钱转到安全账户，我正在银行"
KEYS = {"id", "risk", "score", "type", "stage", "red_flags", "advice"}


def check(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["check", *arguments, "--config", str(ROOT / "config.yaml")], input=typed)


def test_a_message_is_told_in_words():
    said = check(SCAM).stdout

    assert "高危，正在发生" in said
    assert "冒充公检法" in said
    assert "“安全账户”" in said
    assert "国家反诈中心" in said


def test_a_message_is_told_as_the_object_of_the_contract():
    found = json.loads(check(SCAM, "--json").stdout)

    assert set(found) == KEYS
    assert (found["risk"], found["type"], found["stage"]) == ("in_progress", "police", "about_to_transfer")


@pytest.mark.parametrize("typed", [True, False], ids=["standard input", "file"])
def test_a_file_of_messages_gives_an_object_a_line_in_order(tmp_path: Path, typed: bool):
    lines = "".join(
        json.dumps({"id": id, "text": text}, ensure_ascii=False) + "\n"
        for id, text in (("a", SCAM), ("b", "晚上吃饭吗"))
    )
    path = tmp_path / "messages.jsonl"
    path.write_text(lines, encoding="utf-8")
    outcome = check("--jsonl", "-", typed=lines) if typed else check("--jsonl", str(path))
    found = [json.loads(line) for line in outcome.stdout.splitlines()]

    assert [(line["id"], line["risk"]) for line in found] == [("a", "in_progress"), ("b", "none")]
    assert all(set(line) == KEYS for line in found)


def test_a_check_of_nothing_is_refused():
    assert check().exit_code != 0
