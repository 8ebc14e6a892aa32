"""Whole dialogs as people have them, one a YAML file, through the real engine, knowledge and database.

A step: `user` says; then any of `kind entry domain risk urgent human language` must equal; every text of `says`
must be in the replies, none of `never`; `choices` are the labels offered (each must be there); `after` moves the
clock before the step (10m, 2h). Instead of `user`, staff may have the word: `staff` answers, `closes` closes the
ticket for a reason. `ticket` is then, or after the citizen's words, how the newest ticket of the chat stands: its place
among all tickets and its status, as “1 open”.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import open_desk
from bot.config_values import parse_duration
from bot.conversation import handling
from bot.tickets import lists, staff
from bot.tickets.model import CloseReason
from bot.tickets.people import Role
from tests.world import World, open_world

FOLDER = Path(__file__).parent
DIALOGS = sorted(FOLDER.glob("*.yaml"))
TURN_KEYS = ("kind", "entry", "domain", "risk", "urgent", "human", "language")
KNOWN = {"user", "says", "never", "choices", "sources", "after", "staff", "closes", "ticket", *TURN_KEYS}


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
    if "user" in step:
        _say(world, step, where=where)
    else:
        _work(world, step)
    if "ticket" in step:
        assert _newest(world) == step["ticket"], where


def _work(world: World, step: dict[str, Any]) -> None:
    desk = open_desk(world.app.config)
    with world.app.database.transaction() as tx:
        ticket, now = lists.newest(tx, live_only=False)[0], world.clock()
        lin = staff.by_username(tx, "lin") or staff.create(
            tx,
            username="lin",
            name="林",
            role=Role.AGENT,
            password="三只猫坐在河边看小船",
            queues=(),
            now=now,
        )
        if "staff" in step:
            handling.answer(tx, desk, ticket.id, lin, step["staff"], seen_seq=10_000, now=now)
        if "closes" in step:
            reason = CloseReason(step["closes"])
            handling.close(tx, desk, ticket.id, lin, reason, wording=world.app.engine.wording, now=now)


def _newest(world: World) -> str:
    with world.app.database.reading() as tx:
        every = lists.newest(tx, live_only=False)
    return f"{len(every)} {every[0].status.value}"


def _say(world: World, step: dict[str, Any], *, where: str) -> None:
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
