"""Whole dialogs as people have them, one a YAML file, through the real engine, knowledge and database.

A step: `user` says; then any of `kind entry domain risk urgent human language` must equal; every text of `says`
must be in the replies, none of `never`; `choices` are the labels offered (each must be there); `after` moves the
clock before the step (10m, 2h).
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config_values import parse_duration
from tests.world import World, open_world

FOLDER = Path(__file__).parent
DIALOGS = sorted(FOLDER.glob("*.yaml"))
TURN_KEYS = ("kind", "entry", "domain", "risk", "urgent", "human", "language")
KNOWN = {"user", "says", "never", "choices", "sources", "after", *TURN_KEYS}


def test_there_are_at_least_forty_dialogs():
    assert len(DIALOGS) >= 40


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem)
def test_dialog(path: Path, data: Path):
    dialog = yaml.safe_load(path.read_text(encoding="utf-8"))
    world = open_world(data, **dialog.get("config", {}))
    with world.app:
        for number, step in enumerate(dialog["steps"], start=1):
            _play(world, step, where=f"{path.name}, step {number}: {step.get('user')}")


def _play(world: World, step: dict[str, Any], *, where: str) -> None:
    assert set(step) <= KNOWN, f"{where}: unknown keys {set(step) - KNOWN}"
    if "after" in step:
        world.clock.forward(parse_duration(step["after"]))
    outcome = world.say(step["user"])
    text = "\n".join(reply.text for reply in outcome.replies)
    turn = {key: outcome.turn[key] for key in TURN_KEYS if key in step}
    assert turn == {key: step[key] for key in TURN_KEYS if key in step}, f"{where}\n{text}"
    for wanted in step.get("says", []):
        assert wanted in text, f"{where}: ‘{wanted}’ is not in\n{text}"
    for banned in step.get("never", []):
        assert banned not in text, f"{where}: ‘{banned}’ is in\n{text}"
    labels = [choice["label"] for reply in outcome.replies for choice in reply.payload["choices"]]
    for wanted in step.get("choices", []):
        assert wanted in labels, f"{where}: ‘{wanted}’ is not offered: {labels}"
    if "sources" in step:
        titles = [source["title"] for reply in outcome.replies for source in reply.payload["sources"]]
        for wanted in step["sources"]:
            assert wanted in titles, f"{where}: ‘{wanted}’ is no source: {titles}"
