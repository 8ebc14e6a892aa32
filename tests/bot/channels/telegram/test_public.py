"""Groups of citizens: silence, unless somebody speaks to the bot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.telegram import groups
from tests.bot.channels.telegram.fake.people import ANONYMOUS
from tests.bot.channels.telegram.fake.state import BOT_NAME
from tests.bot.channels.telegram.world import Town, open_town
from tests.bot.world import until

NEIGHBOURS = -1002000000002
BOSS = 55  # administrator of the group
SCAM = (
    "【京东白条客服】您的账户因学生身份违规需要注销，否则影响征信。请下载会议软件共享屏幕，"
    "把贷款额度全部提现转到银监会安全账户清零，全程不要告诉别人。"
)
HONEST = "【工商银行】您尾号3307卡11月6日09:14网银转出3,200.00元，余额18,046.71元。非本人操作请速拨95588。"
ORIGIN = {"type": "hidden_user", "sender_user_name": "某人", "date": 1_700_000_000}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path) as town:
        town.telegram.forum(NEIGHBOURS, is_forum=False).admins.add(BOSS)
        yield town
        assert town.telegram.state.mistakes == []


def test_ordinary_talk_is_none_of_its_business(town: Town):
    town.telegram.send(1, chat=NEIGHBOURS, text="老板拖欠工资怎么办")
    town.telegram.send(1, chat=NEIGHBOURS, text="/human")
    town.telegram.send(1, chat=NEIGHBOURS, text="@somebody 在吗")

    town.quiet()
    assert town.telegram.sees(NEIGHBOURS) == []


def test_mentioned_it_offers_a_private_chat_and_not_twice_in_a_row(town: Town):
    for _ in range(2):
        entity = [{"type": "mention", "offset": 0, "length": len(BOT_NAME) + 1}]
        town.telegram.send(1, chat=NEIGHBOURS, text=f"@{BOT_NAME} 老板欠我工资", entities=entity)

    town.quiet()
    until(lambda: len(town.telegram.sees(NEIGHBOURS)) == 1)
    said = town.telegram.sees(NEIGHBOURS)[0]
    assert "私聊" in said["text"]
    assert said["reply_markup"]["inline_keyboard"][0][0]["url"] == f"https://t.me/{BOT_NAME}?start=group"
    assert town.chat(1) == ()


def test_danger_told_to_it_in_a_group_gets_the_emergency_words(town: Town):
    entity = [{"type": "mention", "offset": 0, "length": len(BOT_NAME) + 1}]
    town.telegram.send(1, chat=NEIGHBOURS, text=f"@{BOT_NAME} 我刚把钱转给骗子了", entities=entity)

    until(lambda: any("止付" in text for text in town.telegram.texts(NEIGHBOURS)))


def test_danger_is_answered_however_much_was_just_said(town: Town):
    town.telegram.say_to_bot(1, NEIGHBOURS, "在吗")
    until(lambda: len(town.telegram.texts(NEIGHBOURS)) == 1)

    town.telegram.say_to_bot(2, NEIGHBOURS, "我刚把钱转给骗子了")

    until(lambda: any("止付" in text for text in town.telegram.texts(NEIGHBOURS)))


def forward(town: Town, text: str) -> int:
    return town.telegram.send(1, chat=NEIGHBOURS, text=text, forward_origin=ORIGIN)


def watch(town: Town, who: int, how: str = "on") -> None:
    before = len(town.telegram.texts(NEIGHBOURS))
    town.telegram.send(who, chat=NEIGHBOURS, text=f"/watch {how}")
    town.quiet()
    if who == BOSS:
        until(lambda: len(town.telegram.texts(NEIGHBOURS)) == before + 1)


def test_a_forwarded_scam_is_named_where_the_administrator_asked_for_it_and_nowhere_else(town: Town):
    forward(town, SCAM)
    town.quiet()
    assert town.telegram.texts(NEIGHBOURS) == []
    watch(town, BOSS)

    said = forward(town, SCAM)

    until(lambda: any("骗局。请先不要转账" in text for text in town.telegram.texts(NEIGHBOURS)))
    warning = town.telegram.sees(NEIGHBOURS)[-1]
    assert warning["reply_to_message"]["message_id"] == said
    assert "96110" in warning["text"]
    assert town.chat(1) == ()  # nobody's conversation


def test_honest_forwards_and_people_own_words_are_left_alone(town: Town):
    watch(town, BOSS)
    before = len(town.telegram.texts(NEIGHBOURS))

    forward(town, HONEST)
    forward(town, "快递到了")
    town.telegram.send(1, chat=NEIGHBOURS, text=SCAM)

    town.quiet()
    assert len(town.telegram.texts(NEIGHBOURS)) == before


def test_only_administrators_switch_and_off_is_off(town: Town):
    watch(town, 1)
    forward(town, SCAM)
    town.quiet()
    assert town.telegram.texts(NEIGHBOURS) == []
    watch(town, BOSS)
    watch(town, BOSS, "off")
    before = len(town.telegram.texts(NEIGHBOURS))

    forward(town, SCAM)

    town.quiet()
    assert len(town.telegram.texts(NEIGHBOURS)) == before
    assert [call["user_id"] for call in town.telegram.calls("getChatMember")].count(1) == 1


def test_an_anonymous_administrator_is_asked_to_show_themselves(town: Town):
    town.telegram.send(BOSS, chat=NEIGHBOURS, text="/watch on", sender=ANONYMOUS)

    until(lambda: any("匿名" in text for text in town.telegram.texts(NEIGHBOURS)))
    forward(town, SCAM)
    town.quiet()
    assert len(town.telegram.texts(NEIGHBOURS)) == 1


def test_a_bot_that_cannot_read_the_group_says_what_it_needs(town: Town):
    town.telegram.state.groups[NEIGHBOURS].bot_is_admin = False

    watch(town, BOSS)

    assert "设为本群管理员" in town.telegram.texts(NEIGHBOURS)[0]


def test_the_wish_moves_with_the_group_and_ends_when_the_bot_leaves(town: Town):
    watch(town, BOSS)
    moved = NEIGHBOURS - 7
    town.telegram.send(BOSS, chat=NEIGHBOURS, migrate_to_chat_id=moved)
    town.telegram.migrate(NEIGHBOURS, moved)

    town.telegram.send(1, chat=moved, text=SCAM, forward_origin=ORIGIN)
    until(lambda: any("骗局" in text for text in town.telegram.texts(moved)))
    town.quiet()
    with town.office.database.transaction() as tx:
        assert groups.is_watching(tx, moved)
        groups.leave(tx, moved)
        assert not groups.is_watching(tx, moved)
