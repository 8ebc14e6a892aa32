"""Citizens in private chats, over real HTTP against a strict Bot API."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.telegram.kept import ELSEWHERE
from bot.conversation.model import Author, Choice, Delivery
from bot.storage.tables import conversations, failures, feedback, messages
from bot.storage.telegram_tables import telegram_links, telegram_updates
from tests.bot.channels.telegram.fake.people import PNG
from tests.bot.channels.telegram.world import Town, open_town
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


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("photo", "图片收到了"),
        ("document", "文件收到了"),
        ("voice", "语音收到了"),
        ("audio", "音频收到了"),
        ("video", "视频收到了"),
        ("sticker", "收到表情"),
    ],
)
def test_what_cannot_be_read_gets_one_kind_line(town: Town, kind: str, answer: str):
    town.telegram.file(1, kind)

    town.gets(1, answer)
    town.quiet()
    assert len(town.telegram.texts(1)) == 1


def test_location_contact_and_unknown_things_get_a_kind_line(town: Town):
    town.telegram.send(1, chat=1, location={"latitude": 30.75, "longitude": 120.7})
    town.gets(1, "位置收到了")
    town.telegram.send(1, chat=1, contact={"phone_number": "13812345678", "first_name": "骗子"})
    town.gets(1, "名片收到了")
    town.telegram.send(1, chat=1, dice={"emoji": "🎲", "value": 3})
    town.gets(1, "这种内容我看不了")

    stored = " ".join(post.text for post in town.chat(1))
    assert "30.75" not in stored  # where somebody is, is kept for staff only
    assert "13812345678" not in stored


def test_a_caption_is_a_question_and_the_picture_is_kept(town: Town):
    town.telegram.file(1, "photo", caption="老板拖欠工资怎么办")

    town.gets(1, "先打 12333 投诉")
    town.quiet()
    assert town.files(1) == [("photo.png", "image/png", PNG)]
    assert ELSEWHERE not in town.chat(1)[0].payload


def test_what_the_desk_does_not_keep_is_named_for_staff_with_its_place(town: Town):
    town.telegram.file(1, "voice", b"OggS" + b"0" * 64)
    town.gets(1, "语音收到了")
    town.quiet()
    town.telegram.file(1, "document", b"MZ" + b"0" * 64, name="合同.pdf", caption="老板拖欠工资怎么办")
    town.gets(1, "12333")
    town.quiet()

    theirs = [post for post in town.chat(1) if post.author is Author.CITIZEN]
    assert town.files(1) == []
    assert [post.payload[ELSEWHERE]["name"] for post in theirs] == ["voice.ogg", "合同.pdf"]
    assert all(post.payload[ELSEWHERE]["id"] for post in theirs)


def test_an_album_gets_one_answer(town: Town):
    for _ in range(3):
        town.telegram.file(1, "photo", media_group_id="a1")

    town.gets(1, "图片收到了")
    town.quiet()
    assert len(town.telegram.texts(1)) == 1
    assert len(town.files(1)) == 3


def test_a_changed_message_is_answered_as_it_reads_now_and_a_link_preview_is_no_change(town: Town):
    sent = town.telegram.say(1, "老板拖欠工资怎么办")
    town.gets(1, "12333")
    town.telegram.edit(1, sent, "老板拖欠工资怎么办")
    town.telegram.edit(1, sent, "房东不退押金怎么办")

    town.gets(1, "先发书面催告")
    town.quiet()
    assert len(town.telegram.texts(1)) == 2


def test_a_thumb_on_an_answer_rates_it(town: Town):
    town.telegram.say(1, "老板拖欠工资怎么办")
    town.gets(1, "12333")
    town.telegram.react(1, 1, town.telegram.sees(1)[0]["message_id"], "👎")

    town.quiet()
    with town.office.database.reading() as tx:
        assert [row.rating for row in tx.execute(select(feedback))] == [-1]


def test_the_language_of_the_profile_greets(town: Town):
    town.telegram.say(1, "/start", language="en-GB")

    town.gets(1, "Hello")


def test_a_flood_is_recorded_but_answered_once_and_danger_always(tmp_path: Path):
    with open_town(tmp_path, messages_per_minute=1) as town:
        for number in range(12):
            town.telegram.say(1, f"老板拖欠工资怎么办 {number}")
        town.telegram.say(1, "我刚把钱转给骗子了")

        town.gets(1, "请求紧急止付")
        town.quiet()
        said = [post for post in town.chat(1) if post.author is Author.CITIZEN]
        texts = town.telegram.texts(1)
        assert len(said) == 13
        assert len([text for text in texts if "消息太快了" in text]) == 1
        assert len([text for text in texts if "12333" in text]) == 6


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
    state.offer("message", {"message_id": "x", "chat": "nonsense"})
    state.allowed |= {"brand_new_kind"}
    state.offer("brand_new_kind", {"a": 1})
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
