"""Citizens in private chats, over real HTTP against a strict Bot API."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversation import handling
from bot.conversation.model import Author, Choice, Delivery
from bot.storage.tables import conversations, failures, feedback, messages
from bot.storage.telegram_tables import telegram_links, telegram_updates
from bot.tickets import queue
from bot.tickets.model import CloseReason, Satisfaction
from tests.bot.channels.telegram.world import LIN, Town, open_town
from tests.bot.world import until


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path) as town:
        yield town
        assert town.telegram.state.mistakes == []


def test_a_question_is_answered_with_its_source(town: Town):
    town.telegram.say(1, "老板拖欠工资怎么办")

    town.gets(1, "先打 12333 投诉")
    assert "劳动法第五十条" in town.telegram.texts(1)[0]


def test_every_update_is_confirmed_after_the_commit_and_none_is_seen_twice(town: Town):
    for number in range(5):
        town.telegram.say(1, f"房东不退押金怎么办 {number}")

    town.quiet()
    said = [post for post in town.chat(1) if post.author is Author.CITIZEN]
    assert [post.text[-1] for post in said] == ["0", "1", "2", "3", "4"]
    assert len(town.telegram.texts(1)) == 5


def test_buttons_are_pressed_and_old_ones_answered_kindly(town: Town):
    town.telegram.say(1, "/start")
    town.telegram.say(1, "菜单")
    town.gets(1, "您可以直接打字问我")
    menu = next(each for each in town.telegram.sees(1) if "reply_markup" in each)

    town.telegram.press(1, 1, menu["message_id"], "押金")
    town.gets(1, "先发书面催告")
    town.telegram.forge(1, 1, menu["message_id"], "v1:c:zzzz:0")
    town.gets(1, "这个按钮对应的内容已经更新了")
    assert len(town.telegram.calls("answerCallbackQuery")) == 2


def test_an_old_rating_button_rates_its_own_ticket(town: Town):
    lin, desk, wording = town.hire("lin", LIN), town.office.desk, town.office.engine.wording
    farewells = []
    for question in ("转人工", "老板拖欠工资怎么办"):  # of another queue: another ticket
        town.telegram.say(1, question)
        town.telegram.say(1, "转人工")
        until(lambda: len(town._tickets(1)) == len(farewells) + 1)
        number = town.ticket(1).number
        town.gets(1, number)
        with town.office.database.transaction() as tx:
            ticket, now = queue.by_number(tx, number), datetime.now(UTC)
            assert ticket is not None
            handling.answer(tx, desk, ticket.id, lin, "请带合同来。", seen_seq=99, now=now)
            handling.close(tx, desk, ticket.id, lin, CloseReason.SOLVED, wording=wording, now=now)
        town.gets(1, f"{number} 已办结")
        farewells.append(town.telegram.sees(1)[-1]["message_id"])

    town.telegram.press(1, 1, farewells[0], "基本满意")

    town.gets(1, "谢谢您的评价")
    assert [ticket.satisfaction for ticket in town._tickets(1)] == [Satisfaction.FAIR, None]


def test_a_button_pressed_in_another_chat_opens_nothing(town: Town):
    town.telegram.say(1, "菜单")
    town.telegram.say(2, "你好")
    town.gets(1, "您可以直接打字问我")
    town.gets(2, "安问")
    menu, other = town.telegram.sees(1)[-1], town.telegram.sees(2)[-1]
    data = menu["reply_markup"]["inline_keyboard"][0][0]["callback_data"]

    town.telegram.forge(2, 2, other["message_id"], data)

    town.gets(2, "这个按钮对应的内容已经更新了")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("/start", "您好"),
        ("/start human", "工单"),
        ("/start entry_legal_renting_deposit", "先发书面催告"),
        ("/start nonsense-payload", "您好"),
        ("/menu", "您可以直接打字问我"),
        ("/human", "工单"),
        ("/ticket", "没有正在办理的工单"),
        ("/mydata", "全部记录"),
        ("/erase", "抹掉"),
        ("/en", "English"),
    ],
)
def test_commands_and_deep_links_lead_where_they_say(town: Town, command: str, answer: str):
    town.telegram.say(1, command)

    town.gets(1, answer)


def test_a_thumb_on_an_answer_rates_it(town: Town):
    town.telegram.say(1, "老板拖欠工资怎么办")
    town.gets(1, "12333")
    town.telegram.react(1, 1, town.telegram.sees(1)[0]["message_id"], "👎")

    town.gets(1, "是哪里不对")
    town.telegram.react(1, 1, town.telegram.sees(1)[0]["message_id"], "👎")  # once more changes nothing
    town.quiet()
    with town.office.database.reading() as tx:
        assert [row.rating for row in tx.execute(select(feedback))] == [-1]
    assert len(town.telegram.texts(1)) == 2
    town.telegram.press(1, 1, town.telegram.sees(1)[-1]["message_id"], "转人工")
    town.gets(1, "工单")


def test_a_second_thumb_down_brings_a_person_without_more_words(town: Town):
    for number, question in enumerate(("老板拖欠工资怎么办", "房东不退押金怎么办")):
        town.telegram.say(1, question)
        town.gets(1, ("12333", "书面催告")[number])
        answer = next(
            each for each in town.telegram.sees(1)[::-1] if ("12333", "书面催告")[number] in each["text"]
        )
        town.telegram.react(1, 1, answer["message_id"], "👎")
        town.quiet()

    town.gets(1, "工单")
    assert town.ticket(1).reason == "two answers did not help"
    assert sum("是哪里不对" in text for text in town.telegram.texts(1)) == 1


def test_who_waits_for_an_answer_sees_that_it_is_being_written(town: Town):
    town.office.search.delay_s = 1.0
    town.telegram.say(1, "老板拖欠工资怎么办")

    town.gets(1, "12333")
    assert town.telegram.state.actions == [(1, "typing")]


def test_the_language_of_the_profile_greets(town: Town):
    town.telegram.say(1, "/start", language="en-GB")

    town.gets(1, "Hello")


def test_own_data_comes_as_a_file(town: Town):
    town.telegram.say(1, "老板拖欠工资怎么办")
    town.gets(1, "12333")
    town.telegram.say(1, "导出我的数据")
    town.gets(1, "整理成一个文件")
    town.telegram.press(1, 1, town.telegram.sees(1)[-1]["message_id"], "整理给我")

    until(lambda: any("document" in each for each in town.telegram.sees(1)))
    file_id = town.telegram.sees(1)[-1]["document"]["file_id"]
    exported = json.loads(town.telegram.state.files[file_id][1])
    assert "老板拖欠工资怎么办" in [each["text"] for each in exported["conversations"][0]["messages"]]


def test_erased_people_are_forgotten_here_too(town: Town):
    town.telegram.say(1, "老板拖欠工资怎么办")
    town.gets(1, "12333")
    town.telegram.say(1, "删除我的数据")
    town.gets(1, "抹掉")
    town.telegram.press(1, 1, town.telegram.sees(1)[-1]["message_id"], "确定删除")
    town.gets(1, "已经删除")
    town.quiet()

    town.channel.tidy()

    with town.office.database.reading() as tx:
        left = tx.execute(
            select(telegram_links.c.message_id)
            .join(messages, messages.c.id == telegram_links.c.post_id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.address.startswith("erased:"))
        ).all()
    assert left == []


def test_who_blocked_us_is_not_written_to_until_they_come_back(town: Town):
    town.telegram.say(1, "你好")
    town.gets(1, "安问")
    town.telegram.block(1)
    town.quiet()
    before = len(town.telegram.calls("sendMessage"))
    town.post(1, "办好了")
    until(lambda: town.chat(1)[-1].status is Delivery.FAILED)
    assert town.chat(1)[-1].error == "blocked"
    assert len(town.telegram.calls("sendMessage")) == before

    town.telegram.unblock(1)
    town.telegram.say(1, "老板拖欠工资怎么办")
    town.gets(1, "12333")


def test_a_broken_update_is_recorded_and_never_in_the_way(town: Town):
    state = town.telegram.state
    state.offer("message", {"message_id": "x", "chat": "nonsense"}, broken=True)
    state.allowed |= {"brand_new_kind"}
    state.offer("brand_new_kind", {"a": 1}, broken=True)
    town.telegram.say(1, "老板拖欠工资怎么办")

    town.gets(1, "12333")
    town.quiet()
    with town.office.database.reading() as tx:
        failed = tx.execute(select(failures)).all()
        states = [row.state for row in tx.execute(select(telegram_updates))]
    assert [row.reason[:10] for row in failed] == ["unreadable"]
    assert sorted(states) == ["done", "done", "failed"]


def test_a_failing_engine_ends_with_whom_to_call(town: Town):
    town.office.search.broken = True
    town.telegram.say(1, "老板拖欠工资怎么办")

    town.gets(1, "12345")


def test_a_long_answer_comes_in_parts_with_the_buttons_on_the_last(town: Town):
    town.telegram.say(1, "你好")
    town.gets(1, "安问")
    text = "\n".join(f"第{number}条：" + "请保存好合同、工资条和考勤记录。" * 12 for number in range(60))
    town.post(1, text, choices=(Choice(label="转人工", value="human"),))

    town.quiet()
    parts = town.telegram.sees(1)[1:]
    assert len(parts) >= 3
    assert "".join(part["text"] for part in parts).replace("\n", "") == text.replace("\n", "")
    assert ["reply_markup" in part for part in parts] == [False] * (len(parts) - 1) + [True]
