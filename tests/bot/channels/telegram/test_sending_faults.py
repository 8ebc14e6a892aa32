"""Telegram refuses, is slow, or hangs up in the middle: nothing is lost, and what may be double says so."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.telegram import links
from bot.channels.telegram.api import (
    Ambiguous,
    BadMarkup,
    MessageLost,
    Migrated,
    Stopped,
    TopicClosed,
    TopicLost,
    Unchanged,
    translated,
)
from bot.conversation.model import Author, Delivery
from bot.errors import ChannelError, RetryLater, Undeliverable
from tests.bot.channels.telegram.fake.people import Telegram, platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP, TOKEN
from tests.bot.channels.telegram.world import LIN, Town, open_town
from tests.bot.world import until


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path, undo_window="0s", calls_a_minute=1_000_000) as town:
        yield town


def maybe_twice(town: Town) -> int:
    with town.office.database.reading() as tx:
        return links.count_maybe_twice(tx)


def test_after_a_502_and_a_429_a_citizen_has_every_answer_once_and_in_order(town: Town):
    town.telegram.fail("sendMessage", 502, "Bad Gateway", chat=1)
    town.telegram.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1, chat=1)
    town.telegram.say(1, "老板拖欠工资怎么办")
    town.telegram.say(1, "房东不退押金怎么办")
    town.telegram.say(2, "老板拖欠工资怎么办")

    town.gets(2, "12333")
    town.gets(1, "书面催告")
    town.quiet()
    assert ["12333" in text for text in town.telegram.texts(1)] == [True, False]


@pytest.mark.parametrize(("drop", "arrived"), [("before", 1), ("after", 2)])
def test_a_connection_cut_in_the_middle_is_tried_again_and_marked(town: Town, drop: str, arrived: int):
    town.telegram.fail("sendMessage", drop=drop, chat=1)

    town.telegram.say(1, "老板拖欠工资怎么办")

    until(lambda: len(town.telegram.texts(1)) == arrived, seconds=20)
    town.quiet()
    assert len(town.telegram.texts(1)) == arrived
    assert maybe_twice(town) == 1
    assert [post.status for post in town.chat(1) if post.author is Author.BOT] == [Delivery.SENT]


def test_the_parts_of_a_long_answer_that_arrived_are_not_sent_again(town: Town):
    town.telegram.say(1, "你好")
    town.gets(1, "安问")
    town.quiet()
    text = "\n".join(f"第{number}条：" + "请保存好合同、工资条和考勤记录。" * 12 for number in range(60))
    parts = 4
    before = len(town.telegram.calls("sendMessage"))
    town.post(1, text)
    until(lambda: len(town.telegram.texts(1)) > 1)
    town.telegram.fail("sendMessage", 502, "Bad Gateway", chat=1)

    town.quiet()
    got = town.telegram.texts(1)[1:]
    assert "".join(got).replace("\n", "") == text.replace("\n", "")
    assert len(town.telegram.calls("sendMessage")) - before <= parts + 1


def test_a_group_that_must_wait_keeps_no_citizen_waiting(town: Town):
    town.hire("lin", LIN)
    town.telegram.fail(
        "createForumTopic", 429, "Too Many Requests: retry after 3", retry_after=3, chat=FIRST_GROUP
    )
    town.telegram.say(1, "转人工")
    town.gets(1, "工单")
    until(lambda: town.telegram.state.troubles == [])  # it was refused

    for who in range(2, 8):
        town.telegram.say(who, "老板拖欠工资怎么办")
        town.gets(who, "12333")
    assert town.telegram.topics() == []
    town.topic_of(1)
    assert len(town.telegram.topics()) == 1


@pytest.mark.parametrize("method", ["createForumTopic", "sendMessage", "copyMessage"])
def test_what_fails_in_the_group_with_5xx_is_shown_a_moment_later(town: Town, method: str):
    town.hire("lin", LIN)
    town.telegram.fail(method, 502, "Bad Gateway", times=2, chat=FIRST_GROUP)
    town.telegram.say(1, "转人工")
    thread = town.topic_of(1)
    town.telegram.file(1, "photo")

    until(lambda: any("photo" in each for each in town.telegram.sees(FIRST_GROUP, thread=thread)), seconds=30)
    assert len(town.telegram.topics()) == 1
    assert len([text for text in town.telegram.texts(FIRST_GROUP) if "登记，等待受理" in text]) == 1


# --- what the wire says, as the channel understands it ------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words", "parameters", "meaning"),
    [
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}, RetryLater),
        (502, "Bad Gateway", {}, Ambiguous),
        (500, "Internal Server Error", {}, Ambiguous),
        (403, "Forbidden: bot was blocked by the user", {}, Undeliverable),
        (403, "Forbidden: user is deactivated", {}, Undeliverable),
        (400, "Bad Request: message thread not found", {}, TopicLost),
        (400, "Bad Request: TOPIC_DELETED", {}, TopicLost),
        (400, "Bad Request: TOPIC_ID_INVALID", {}, TopicLost),
        (400, "Bad Request: TOPIC_CLOSED", {}, TopicClosed),
        (400, "Bad Request: TOPIC_NOT_MODIFIED", {}, Unchanged),
        (400, "Bad Request: message is not modified: specified new message content", {}, Unchanged),
        (400, "Bad Request: query is too old and response timeout expired", {}, Unchanged),
        (400, "Bad Request: message to edit not found", {}, MessageLost),
        (400, "Bad Request: message to be replied not found", {}, MessageLost),
        (400, "Bad Request: message can't be copied", {}, MessageLost),
        (400, "Bad Request: can't parse entities: Unsupported start tag", {}, BadMarkup),
        (400, "Bad Request: chat not found", {}, Undeliverable),
        (400, "Bad Request: message is too long", {}, Undeliverable),
        (400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1009}, Migrated),
        (409, "Conflict: terminated by other getUpdates request", {}, Stopped),
        (401, "Unauthorized", {}, Stopped),
    ],
)
def test_every_refusal_means_what_the_reference_says(
    code: int, words: str, parameters: dict[str, int], meaning: type[ChannelError]
):
    with platform() as telegram:
        telegram.fail("getFile", code, words, **parameters)

        assert type(asyncio.run(_failure(telegram))) is meaning


@pytest.mark.parametrize(
    ("drop", "meaning"), [("hang", Ambiguous), ("before", Ambiguous), ("after", Ambiguous)]
)
def test_no_answer_means_it_may_have_arrived(drop: str, meaning: type[ChannelError]):
    with platform() as telegram:
        telegram.fail("getFile", drop=drop)

        assert type(asyncio.run(_failure(telegram))) is meaning


def test_what_never_left_is_simply_tried_again():
    with platform() as telegram:
        gone = telegram.url
    telegram.server.url = gone

    assert type(asyncio.run(_failure(telegram))) is RetryLater


async def _failure(telegram: Telegram) -> ChannelError:
    request = HTTPXRequest(read_timeout=0.3)
    bot = Bot(TOKEN, base_url=f"{telegram.url}/bot", request=request)
    telegram.state.files["f"] = ("name", b"content")
    try:
        with translated():
            await bot.get_file("f")
    except ChannelError as error:
        return error
    finally:
        await request.shutdown()
    raise AssertionError("it did not fail")
