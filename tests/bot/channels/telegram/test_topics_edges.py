"""Where a topic ends, moves or is none: nothing staff write is lost without a word, nothing goes out by chance."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.conversation.model import Author, Delivery
from bot.tickets.model import TicketStatus
from knowledge.entries import Queue
from tests.bot.channels.telegram.fake.state import FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, Town, open_town
from tests.bot.world import until

MEDIATORS = FIRST_GROUP - 500
WORDS = "👤 群众"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    groups = {"default": [FIRST_GROUP], "queues": {"mediation": [MEDIATORS]}}
    with open_town(tmp_path, undo_window="0s", groups=groups, calls_a_minute=1_000_000) as town:
        town.telegram.forum(MEDIATORS)
        town.lin = town.hire("lin", LIN)
        yield town
        assert town.telegram.state.mistakes == []


def asked(town: Town, who: int = 1) -> int:
    """The topic of a new ticket."""
    town.telegram.say(who, "房东不退押金怎么办")
    town.gets(who, "书面催告")
    town.telegram.say(who, "转人工")
    thread = town.topic_of(who)
    town.relayed(thread, "房东不退押金怎么办")
    return thread


def test_a_caption_too_long_for_a_caption_goes_on_in_a_message_of_its_own(town: Town):
    thread = asked(town)
    reply = town.relayed(thread, WORDS)
    caption = "".join(f"第{number:03d}步请照做。" for number in range(102))[:1_020]  # Telegram takes 1,024

    town.telegram.file(LIN, "document", chat=FIRST_GROUP, thread=thread, reply=reply, caption=caption)

    until(lambda: town.chat(1)[-1].status is Delivery.SENT and town.chat(1)[-1].author is Author.STAFF)
    got = "".join(town.telegram.texts(1)[3:])
    assert got.removeprefix("【法律服务】").replace("\n", "") == caption


def test_that_the_last_answer_did_not_arrive_is_told_in_the_closed_topic_which_stays_closed(town: Town):
    thread = asked(town)
    topic = town.telegram.state.groups[FIRST_GROUP].topics[thread]
    town.telegram.block(1, tells=False)
    town.telegram.fail("sendMessage", 429, "Too Many Requests: retry after 2", retry_after=2, chat=1)
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 办好了")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/close")
    until(lambda: topic.closed)

    town.relayed(thread, "没有送达：对方已屏蔽我们")
    until(lambda: topic.closed)
    assert town.ticket(1).status is TicketStatus.CLOSED


def test_who_answers_in_the_topic_of_a_closed_ticket_hears_that_nothing_went_out(town: Town):
    thread = asked(town)
    topic = town.telegram.state.groups[FIRST_GROUP].topics[thread]
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/close")
    town.gets(1, "已办结")
    until(lambda: topic.closed)

    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 还有一句")

    town.relayed(thread, "没有做成")
    until(lambda: topic.closed)
    assert not any("还有一句" in text for text in town.telegram.texts(1))


def test_a_ticket_given_to_a_queue_with_its_own_group_takes_what_was_said_along(town: Town):
    thread = asked(town)
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "押金两千，有合同")
    town.quiet()
    town.telegram.press(LIN, FIRST_GROUP, card, "转办")
    town.telegram.press(LIN, FIRST_GROUP, town.relayed(thread, "转办 #"), "调解")

    until(lambda: len(town.telegram.topics(MEDIATORS)) == 1, seconds=10)
    there = town.telegram.topics(MEDIATORS)[0]
    town.group = MEDIATORS
    town.relayed(there, "👤 群众：房东不退押金怎么办")
    town.relayed(there, "📝 lin 备注：押金两千，有合同")
    assert town.ticket(1).queue is Queue.MEDIATION
    until(lambda: town.telegram.state.groups[FIRST_GROUP].topics[thread].closed)
    town.telegram.staff_says(LIN, MEDIATORS, there, "/r 这里是调解")
    town.gets(1, "这里是调解")


def test_who_took_a_ticket_in_the_console_stands_on_its_card_at_once(town: Town):
    thread = asked(town)
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]
    with town.office.database.transaction() as tx:
        handling.claim(tx, town.office.desk, town.ticket(1).id, town.lin, now=datetime.now(UTC))

    until(lambda: "经办：lin" in town.telegram.state.messages[FIRST_GROUP][card]["text"], seconds=10)


def test_each_of_many_who_ask_at_once_gets_one_topic(town: Town):
    for who in range(1, 11):
        town.telegram.say(who, "转人工")
        town.telegram.say(who, "快一点")

    for who in range(1, 11):
        town.relayed(town.topic_of(who), "快一点")
    assert len(town.telegram.topics()) == len(town.telegram.calls("createForumTopic")) == 10


@pytest.mark.parametrize("thread", [None, 999])
def test_an_answer_written_outside_the_topic_of_a_ticket_is_refused_aloud(town: Town, thread: int | None):
    asked(town)
    state = town.telegram.state
    if thread is not None:  # a topic people made for themselves
        from tests.bot.channels.telegram.fake.state import Topic

        state.groups[FIRST_GROUP].topics[thread] = Topic(thread_id=thread, name="闲聊", icon=None)
    town.telegram.send(LIN, chat=FIRST_GROUP, thread=thread, text="今天谁值班")
    town.telegram.send(LIN, chat=FIRST_GROUP, thread=thread, text="/r 请带合同")

    until(lambda: any("这里不是工单的话题" in text for text in town.telegram.texts(FIRST_GROUP)))
    town.quiet()
    assert not any("请带合同" in text for text in town.telegram.texts(1))
    assert len([text for text in town.telegram.texts(FIRST_GROUP) if "不是工单" in text]) == 1


def test_a_change_that_comes_before_its_message_lets_neither_out_and_says_so(town: Town):
    thread = asked(town)
    sent = town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 周一来", offer=False)
    town.telegram.edit(FIRST_GROUP, sent, "/r 周二来")
    first = {**town.telegram.state.messages[FIRST_GROUP][sent], "text": "/r 周一来"}
    first.pop("edit_date")
    town.telegram.state.offer("message", first)

    town.relayed(thread, "修改比原文先到")
    town.quiet()
    assert [post for post in town.chat(1) if post.author is Author.STAFF] == []


def test_a_changed_caption_is_corrected_and_a_changed_file_is_not_taken_for_sent(town: Town):
    thread = asked(town)
    reply = town.relayed(thread, WORDS)
    file = town.telegram.file(
        LIN, "document", chat=FIRST_GROUP, thread=thread, reply=reply, caption="请填第一页"
    )
    town.gets(1, "请填第一页")
    town.quiet()

    town.telegram.edit(FIRST_GROUP, file, "请填第二页")
    town.gets(1, "更正：请填第二页")
    bare = town.telegram.file(LIN, "document", chat=FIRST_GROUP, thread=thread, reply=reply)
    until(lambda: town.chat(1)[-1].text == "【文件】")
    town.quiet()
    town.telegram.swap(FIRST_GROUP, bare, b"%PDF-1.7 another")

    town.relayed(thread, "文件已经发给群众，改不了")
    assert len(town.telegram.calls("copyMessage")) == 2


def test_voices_go_both_ways(town: Town):
    thread = asked(town)
    town.telegram.file(1, "voice", b"OggS" + b"1" * 64)
    until(lambda: any("voice" in each for each in town.telegram.sees(FIRST_GROUP, thread=thread)))
    heard = next(each for each in town.telegram.sees(FIRST_GROUP, thread=thread) if "voice" in each)
    until(lambda: town.chat(1)[-1].text == "【语音】")
    town.quiet()

    town.telegram.file(
        LIN, "voice", b"OggS" + b"2" * 64, chat=FIRST_GROUP, thread=thread, reply=heard["message_id"]
    )

    until(lambda: any("voice" in each for each in town.telegram.sees(1)))
    content = town.telegram.state.files[town.telegram.sees(1)[-1]["voice"]["file_id"]][1]
    assert content == b"OggS" + b"2" * 64
    assert town.telegram.state.mistakes == []
