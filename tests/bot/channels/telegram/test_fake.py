"""The fake judges itself: what it says must be what Telegram could say, as types written by others read it."""

from typing import Any

import pytest

from tests.bot.channels.telegram.fake.judge import METHODS, fault_of_answer, fault_of_update
from tests.bot.channels.telegram.fake.methods import Methods
from tests.bot.channels.telegram.fake.people import platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP, State

MESSAGE = {
    "message_id": 5,
    "date": 1_700_000_000,
    "chat": {"id": 1, "type": "private", "first_name": "P1"},
    "from": {"id": 4242, "is_bot": True, "first_name": "安问"},
    "text": "您好",
}


@pytest.mark.parametrize(
    ("method", "answer", "fault"),
    [
        ("sendMessage", {"ok": True, "result": MESSAGE}, None),
        ("sendMessage", {"ok": True, "result": {**MESSAGE, "message_id": None}}, "message_id"),
        ("sendMessage", {"ok": True, "result": {**MESSAGE, "made_up": 1}}, "has no field made_up"),
        ("sendMessage", {"ok": True, "result": {**MESSAGE, "chat": {"id": 1}}}, "type"),
        ("sendMessage", {"ok": True, "result": {"message_id": 5}}, "date"),
        ("copyMessage", {"ok": True, "result": {"message_id": 5}}, None),
        ("answerCallbackQuery", {"ok": True, "result": {"done": True}}, "bool"),
        (
            "sendMessage",
            {"ok": False, "error_code": 429, "description": "…", "parameters": {"retry_after": 3}},
            None,
        ),
        (
            "sendMessage",
            {"ok": False, "error_code": 429, "description": "…", "parameters": {"retry": 3}},
            "has no field retry",
        ),
    ],
)
def test_an_answer_telegram_could_not_give_is_a_fault(method: str, answer: dict[str, Any], fault: str | None):
    found = fault_of_answer(method, answer)

    assert (found is None) if fault is None else (found is not None and fault in found)


def test_an_update_telegram_could_not_send_is_a_fault():
    assert fault_of_update({"update_id": 1, "message": MESSAGE}) is None
    assert "data_of_ours" in (
        fault_of_update({"update_id": 1, "message": {**MESSAGE, "data_of_ours": 1}}) or ""
    )
    assert fault_of_update({"update_id": 1, "message": {"message_id": 1}}) is not None


def test_a_test_in_which_the_fake_said_something_else_fails():
    world = platform()
    telegram = world.__enter__()
    telegram.forum()
    telegram.send(1, chat=FIRST_GROUP, words_of_nobody="x")

    with pytest.raises(AssertionError, match="update message"):
        world.__exit__(None, None, None)


def test_every_method_of_the_fake_is_one_of_the_bot_api():
    modelled = [name for name in METHODS if Methods(State()).find(name) is not None]

    assert len(modelled) == len([name for name in vars(Methods) if name.startswith("do_")])
