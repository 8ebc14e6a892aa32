"""Spoken up about in a group is what almost certainly is a scam: measured on texts the model never saw."""

import json

from bot.channels.telegram.scams import name_of, scam_type
from tests.world import ROOT

HALF = ROOT / "tests" / "evals" / "check"


def warned(name: str) -> list[str | None]:
    lines = (HALF / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [scam_type(json.loads(line)["text"], encode=None) for line in lines]


def test_an_honest_text_in_a_thousand_at_most_is_called_a_scam_and_many_scams_are():
    honest, scams = warned("b-genuine"), warned("b-scam")

    assert sum(code is not None for code in honest) <= len(honest) // 900
    assert sum(code is not None for code in scams) > len(scams) // 8
    assert {name_of(code, "zh") for code in scams if code} >= {"虚假贷款", "刷单返利"}


def test_a_short_text_is_no_story():
    assert scam_type("转到安全账户，不要告诉别人", encode=None) is None
