"""The whole channel behind a webhook whose posts fail, come twice, hang, or come in the wrong order."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation.model import Author
from tests.bot.channels.telegram.world import LIN, Town, open_town
from tests.bot.world import until

QUESTION = "房东不退押金怎么办"
CITIZENS, EACH = (1, 2, 3), 8


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path, mode="webhook", undo_window="0s", calls_a_minute=1_000_000) as town:
        town.telegram.state.hook_timeout_s = 0.5
        town.hire("lin", LIN)
        yield town
        assert town.telegram.state.mistakes == []


def said(town: Town, who: int) -> list[str]:
    return [post.text for post in town.chat(who) if post.author is Author.CITIZEN]


def everybody_asks(town: Town) -> None:
    for number in range(EACH):
        for who in CITIZENS:
            town.telegram.say(who, f"{QUESTION} {number}")


def test_the_same_code_answers_behind_the_webhook_with_a_person_at_the_other_end(town: Town):
    town.telegram.say(1, QUESTION)
    town.gets(1, "书面催告")
    town.telegram.say(1, "转人工")
    thread = town.topic_of(1)
    town.telegram.staff_says(LIN, town.group, thread, "请带合同", reply=town.relayed(thread, "👤 群众"))
    town.gets(1, "请带合同")
    town.telegram.react(LIN, town.group, town.relayed(thread, "👤 群众"), "❤")

    until(lambda: ["❤"] in town.telegram.state.reactions.values())
    assert town.telegram.state.webhook["max_connections"] == 1
    assert town.telegram.calls("deleteWebhook") == []


def test_posts_that_fail_hang_or_are_answered_in_vain_come_again_and_count_once_in_order(town: Town):
    chance = random.Random(5)
    town.front.troubles.extend(chance.choice(["refuse", "lose", "hang", "", ""]) for _ in range(30))

    everybody_asks(town)

    until(lambda: not town.telegram.state.updates, seconds=60)
    town.quiet()
    assert town.front.posts > EACH * len(CITIZENS)
    for who in CITIZENS:
        assert said(town, who) == [f"{QUESTION} {number}" for number in range(EACH)]
        assert len(town.telegram.texts(who)) == EACH


def test_a_database_that_is_locked_for_a_while_loses_nothing(town: Town):
    town.telegram.say(1, f"{QUESTION} 0")
    town.gets(1, "书面催告")
    with sqlite3.connect(town.office.config.path(town.office.config.storage.folder) / "anwen.db") as other:
        other.execute("BEGIN EXCLUSIVE")
        town.telegram.say(1, f"{QUESTION} 1")
        until(lambda: town.front.posts >= 3, seconds=20)  # Telegram gave up on it and tries again
        other.rollback()
    other.close()

    until(lambda: len(town.telegram.texts(1)) == 2, seconds=30)
    town.quiet()
    assert said(town, 1) == [f"{QUESTION} 0", f"{QUESTION} 1"]


def test_updates_in_the_wrong_order_are_all_dealt_with_once(town: Town):
    town.telegram.say(9, QUESTION)
    town.gets(9, "书面催告")
    town.telegram.state.newest_first = 12

    everybody_asks(town)

    until(lambda: not town.telegram.state.updates, seconds=30)
    town.quiet()
    for who in CITIZENS:
        assert sorted(said(town, who)) == [f"{QUESTION} {number}" for number in range(EACH)]
        assert len(town.telegram.texts(who)) == EACH
