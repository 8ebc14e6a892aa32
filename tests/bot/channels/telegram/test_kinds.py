"""Every kind of message in a private chat, and too many of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.telegram.kept import ELSEWHERE
from bot.conversation.model import Author
from tests.bot.channels.telegram.fake.people import PNG
from tests.bot.channels.telegram.world import Town, open_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path) as town:
        yield town
        assert town.telegram.state.mistakes == []


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


def test_a_location_asks_for_the_nearest_station_and_is_kept_no_closer_than_that_takes(town: Town):
    town.telegram.send(1, chat=1, location={"latitude": 30.752345, "longitude": 120.687654})

    town.gets(1, "位置还没有经区里确认")
    assert town.chat(1)[0].text == "离我最近的法律服务站。【位置】geo:30.752,120.688"


def test_a_location_answers_the_question_where_and_leaves_other_questions_open(town: Town):
    town.telegram.say(1, "离我最近的法律服务站")
    town.gets(1, "您在哪个镇或街道")
    town.telegram.send(1, chat=1, location={"latitude": 30.75, "longitude": 120.7})
    town.gets(1, "位置还没有经区里确认")
    town.telegram.say(2, "申请调解")
    town.gets(2, "调解")
    town.telegram.send(2, chat=2, location={"latitude": 30.75, "longitude": 120.7})

    town.gets(2, "位置收到了")
    assert "30.75" not in " ".join(post.text for post in town.chat(2))


def test_who_shares_where_they_walk_is_answered_once(town: Town):
    here = {"latitude": 30.75, "longitude": 120.7, "live_period": 900}
    sent = town.telegram.send(1, chat=1, location=here)
    town.gets(1, "位置还没有经区里确认")
    town.quiet()
    before = len(town.telegram.texts(1))
    for step in range(5):
        town.telegram.move(1, sent, latitude=30.76 + step / 100)

    town.quiet()
    assert len(town.telegram.texts(1)) == before
    assert len([post for post in town.chat(1) if post.author is Author.CITIZEN]) == 1


def test_contact_and_unknown_things_get_a_kind_line(town: Town):
    town.telegram.send(1, chat=1, contact={"phone_number": "13812345678", "first_name": "骗子"})
    town.gets(1, "名片收到了")
    town.telegram.send(1, chat=1, dice={"emoji": "🎲", "value": 3})
    town.gets(1, "这种内容我看不了")

    stored = " ".join(post.text for post in town.chat(1))
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


def test_a_forwarded_text_is_checked_for_fraud(town: Town):
    origin = {"type": "hidden_user", "sender_user_name": "某人", "date": 1_700_000_000}
    honest = "【工商银行】您尾号3307卡11月6日09:14网银转出3,200.00元，余额18,046.71元。"
    scam = "【京东客服】您的账户违规需要注销，否则影响征信。请下载会议软件共享屏幕，把额度转到安全账户清零。"
    town.telegram.say(1, honest, forward_origin=origin)
    town.telegram.say(2, scam, forward_origin=origin)

    town.gets(1, "没有发现明显的诈骗特征")
    town.gets(2, "110")


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


def test_a_flood_of_stickers_gets_no_flood_of_answers_and_no_flood_of_files_is_fetched(tmp_path: Path):
    with open_town(tmp_path, messages_per_minute=1) as town:
        for _ in range(12):
            town.telegram.file(1, "sticker")
        for _ in range(30):
            town.telegram.file(1, "photo")

        town.quiet()
        said = [post for post in town.chat(1) if post.author is Author.CITIZEN]
        texts = town.telegram.texts(1)
        assert len(said) == 42
        assert len([text for text in texts if "收到表情" in text]) == 6
        assert len([text for text in texts if "消息太快了" in text]) == 1
        assert len(texts) == 7
        assert len(town.telegram.calls("getFile")) == 20


def test_what_was_changed_before_it_came_is_answered_as_it_reads_now(town: Town):
    sent = town.telegram.say(1, "老板拖欠工资怎么办", offer=False)
    town.telegram.edit(1, sent, "房东不退押金怎么办")
    town.gets(1, "先发书面催告")
    town.quiet()
    first = {**town.telegram.state.messages[1][sent], "text": "老板拖欠工资怎么办"}
    first.pop("edit_date")
    town.telegram.state.offer("message", first)

    town.quiet()
    assert len(town.telegram.texts(1)) == 1
    assert [post.text for post in town.chat(1) if post.author is Author.CITIZEN] == [
        "房东不退押金怎么办",
        "（原话）老板拖欠工资怎么办",
    ]
