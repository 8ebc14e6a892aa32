"""Groups of citizens: silence, unless somebody speaks to the bot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.channels.telegram.fake.state import BOT_NAME
from tests.bot.channels.telegram.world import Town, open_town
from tests.bot.world import until

NEIGHBOURS = -1002000000002


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path) as town:
        town.telegram.forum(NEIGHBOURS, is_forum=False)
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
