"""What changes after it was written, in a topic and in the chat behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.tickets.model import TicketStatus
from tests.bot.channels.telegram.fake.state import FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, ZHOU, Town, open_town
from tests.bot.world import until


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path, undo_window="0s") as town:
        town.lin = town.hire("lin", LIN)
        town.zhou = town.hire("zhou", ZHOU)
        yield town
        assert town.telegram.state.mistakes == []


def asked(town: Town, who: int = 1, text: str = "房东不退押金怎么办") -> int:
    """The topic of a new ticket."""
    town.telegram.say(who, text)
    town.gets(who, "书面催告")
    town.telegram.say(who, "转人工")
    thread = town.topic_of(who)
    town.relayed(thread, f"群众：{text}")
    return thread


def test_an_answer_can_be_taken_back_or_changed_in_time(tmp_path: Path):
    with open_town(tmp_path, undo_window="3s") as town:
        town.hire("lin", LIN)
        thread = asked(town)
        town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 写错了")
        until(lambda: town.chat(1)[-1].text == "写错了")
        town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/undo")
        town.relayed(thread, "已撤回")
        second = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 又错了")
        until(lambda: town.chat(1)[-1].text == "又错了")
        town.telegram.react(LIN, FIRST_GROUP, second, "👎")
        until(lambda: town.chat(1)[-1].error == "withdrawn")
        third = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 请带合同")
        until(lambda: town.chat(1)[-1].text == "请带合同")
        town.telegram.edit(FIRST_GROUP, third, "/r 请带合同和收据")

        town.gets(1, "请带合同和收据")
        town.quiet()
        assert not any("错了" in text for text in town.telegram.texts(1))
        assert town.ticket(1).asked_at is None


def test_what_was_taken_back_leaves_the_question_open(tmp_path: Path):
    with open_town(tmp_path, undo_window="5s") as town:
        town.hire("lin", LIN)
        thread = asked(town)
        town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 写错了")
        until(lambda: town.ticket(1).first_answer_at is not None)
        town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/undo")

        until(lambda: town.ticket(1).first_answer_at is None)
        assert town.ticket(1).asked_at is not None


def test_a_change_after_it_was_sent_is_a_correction(town: Town):
    thread = asked(town)
    sent = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 周一来")
    town.gets(1, "周一来")
    town.quiet()

    town.telegram.edit(FIRST_GROUP, sent, "/r 周二来")

    town.gets(1, "更正：周二来")


def test_a_change_of_the_citizens_words_is_shown(town: Town):
    thread = asked(town)
    sent = town.telegram.say(1, "押金两千")
    town.relayed(thread, "押金两千")

    town.telegram.edit(1, sent, "押金三千")

    town.relayed(thread, "（改为）押金三千")


def test_reactions_go_both_ways(town: Town):
    thread = asked(town)
    said = town.telegram.say(1, "谢谢你们")
    shown = town.relayed(thread, "谢谢你们")
    answer = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 不客气")
    town.gets(1, "不客气")
    town.quiet()

    town.telegram.react(LIN, FIRST_GROUP, shown, "❤")
    town.telegram.react(1, 1, town.telegram.sees(1)[-1]["message_id"], "🙏")

    until(lambda: town.telegram.state.reactions.get((1, said)) == ["❤"])
    until(lambda: town.telegram.state.reactions.get((FIRST_GROUP, answer)) == ["🙏"])


def test_delivery_is_shown_on_the_answer_and_a_blocked_citizen_is_told_to_staff(town: Town):
    thread = asked(town)
    first = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 您好")
    until(lambda: town.telegram.state.reactions.get((FIRST_GROUP, first)) == ["👌"])
    town.telegram.block(1, tells=False)

    second = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 还在吗")

    town.relayed(thread, "没有送达：对方已屏蔽我们")
    until(lambda: town.telegram.state.reactions.get((FIRST_GROUP, second)) == ["😱"])


def test_a_deleted_topic_is_made_anew_once_with_what_it_had_not_shown(town: Town):
    thread = asked(town)
    town.telegram.delete_topic(FIRST_GROUP, thread)

    town.telegram.say(1, "有人吗")

    until(lambda: town.telegram.topics() not in ([thread], []), seconds=10)
    again = town.telegram.topics()[0]
    town.relayed(again, "有人吗")
    town.telegram.staff_says(LIN, FIRST_GROUP, again, "/r 有的")
    town.gets(1, "有的")
    assert len(town.telegram.calls("createForumTopic")) == 2


def test_closing_and_reopening_the_topic_by_hand_moves_the_ticket(town: Town):
    thread = asked(town)
    town.telegram.close_topic(LIN, FIRST_GROUP, thread)
    town.gets(1, "已办结")
    assert town.ticket(1).status is TicketStatus.CLOSED

    town.telegram.close_topic(LIN, FIRST_GROUP, thread, closed=False)
    until(lambda: town.ticket(1).status is TicketStatus.OPEN)
    town.quiet()
    assert not town.telegram.state.groups[FIRST_GROUP].topics[thread].closed


def test_a_closed_tickets_topic_is_opened_again_with_the_ticket(town: Town):
    thread = asked(town)
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 办好了")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/close")
    town.gets(1, "已办结")
    until(lambda: town.telegram.state.groups[FIRST_GROUP].topics[thread].closed)

    town.telegram.say(1, "转人工")

    until(lambda: town.ticket(1).is_live)
    until(lambda: not town.telegram.state.groups[FIRST_GROUP].topics[thread].closed)


def test_a_group_that_moved_is_followed(town: Town):
    thread = asked(town)
    moved = FIRST_GROUP - 77
    town.telegram.migrate(FIRST_GROUP, moved)

    town.telegram.say(1, "还有一句")

    until(lambda: any("还有一句" in text for text in town.telegram.texts(moved, thread=thread)))
    town.telegram.staff_says(LIN, moved, thread, "/r 收到了")
    town.gets(1, "收到了")
