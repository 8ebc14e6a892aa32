"""Nothing that people say, send or are called is in the logs, at any level, also where it makes something fail."""

import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.config import Logging
from bot.logs import configure
from tests.bot.channels.telegram.fake.people import PNG
from tests.bot.channels.telegram.fake.state import FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, open_town
from tests.bot.console.world import open_desk_site
from tests.security.test_files import upload

ID, PHONE, CARD = "330402199003072316", "13857312345", "6222021234567890128"
NAME, PLACE = "欧阳翠花", "洪合镇凤桥村"
STORY = f"我叫{NAME}，住在{PLACE}，身份证{ID}，电话{PHONE}，卡号{CARD}，房东不退押金怎么办"
ANSWER, NOTE = "请欧阳女士周三带合同到所里", "这位上月来闹过"
FILE = f"{NAME}的借条.png"
PRIVATE = (ID, PHONE, CARD, NAME, PLACE, ANSWER, NOTE, "借条", "押金", "闹过", ID[:6] + " ", PHONE[:3] + " ")
TRIPPING = f"坏了{NAME}{PHONE}"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged from now on, libraries included, at the level where most is."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", stream)
    configure(Logging(level="debug", format="json"))
    structlog.configure(cache_logger_on_first_use=False)  # or the loggers would keep this stream
    root.setLevel(logging.DEBUG)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def assert_private(logs: io.StringIO, *, event: str) -> None:
    """The log tells what failed, and nothing of who it was."""
    written = logs.getvalue()
    assert event in written, "the failure was not logged: this test proves nothing"
    for words in PRIVATE:
        for line in written.splitlines():
            assert words not in line, line
            assert words.encode("unicode_escape").decode() not in line, line


def test_the_web_door_logs_nobodys_words(tmp_path: Path, logs: io.StringIO):
    with open_desk_site(tmp_path) as desk:
        citizen, number = desk.ask_for_person(STORY)
        agent, base = desk.staff("agent"), f"/staff/tickets/{number}"
        assert upload(citizen, PNG, FILE).status_code == 200
        agent.post(f"{base}/note", data={"text": NOTE})
        agent.post(f"{base}/answer", data={"text": ANSWER, "seen": 99})
        agent.get("/staff/search", params={"q": NAME})
        agent.post(f"{base}/close", data={"reason": "solved"})
        program: dict[str, Any] = {"text": STORY, "message_id": "1"}
        desk.browser().post("/api/v1/chat", json=program)
        desk.browser().post("/api/v1/check", json={"text": STORY})
        desk.browser().post("/api/v1/chat", content=STORY.encode())  # no JSON
        desk.browser().post("/api/v1/chat", json={"text": {"name": STORY}})
        desk.engine._search.broken = True  # type: ignore[attr-defined]
        failed = desk.say(desk.citizen(), TRIPPING)

    assert "12345" in str(failed)
    assert_private(logs, event="message_failed")


def test_the_telegram_door_logs_nobodys_words(tmp_path: Path, logs: io.StringIO):
    with open_town(tmp_path, undo_window="0s") as town:
        town.hire("lin", LIN)
        sent = town.telegram.say(1, STORY)
        town.gets(1, "书面催告")
        town.telegram.edit(1, sent, STORY + "？")
        town.telegram.say(1, "转人工")
        thread = town.topic_of(1)
        town.telegram.file(1, "photo")
        town.telegram.file(1, "document", name=FILE, caption=STORY)
        town.telegram.staff_says(LIN, FIRST_GROUP, thread, NOTE)
        town.telegram.staff_says(LIN, FIRST_GROUP, thread, f"/r {ANSWER}")
        town.gets(1, "周三")
        town.office.search.broken = True
        town.telegram.say(2, TRIPPING)
        town.gets(2, "12345")
        town.telegram.fail("sendMessage", 400, f"Bad Request: {NAME}", chat=3)
        town.telegram.say(3, "你好")
        town.quiet()

    assert_private(logs, event="message_failed")


def test_a_traceback_names_the_place_and_not_the_words(logs: io.StringIO):
    try:
        try:
            raise KeyError(NAME)
        except KeyError as cause:
            raise ValueError(f"cannot read ‘{STORY}’") from cause
    except ValueError:
        structlog.get_logger("ours").exception("failed", error="ValueError")
        logging.getLogger("theirs").exception("Exception in the application")

    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task %s>", STORY)

    written = logs.getvalue()
    assert_private(logs, event="failed")
    assert "was never retrieved" in written
    assert "Exception in the application" in written
    assert [
        written.count(f"{name}\\n") + written.count(f"{name}\n") for name in ("KeyError", "ValueError")
    ] == [2, 2]
    assert written.count("test_logs.py:") == 4
