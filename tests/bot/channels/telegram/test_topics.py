"""Staff in the topics of a supergroup, over real HTTP against a strict Bot API."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.conversation.model import Author, Delivery
from bot.tickets.model import CloseReason, TicketStatus
from bot.upkeep import Upkeep, keeping
from knowledge.entries import Queue
from tests.bot.channels.telegram.fake.people import ANONYMOUS, PNG
from tests.bot.channels.telegram.fake.state import FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, ZHOU, Town, open_town
from tests.bot.world import until

STRANGER = 6666


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


def test_a_ticket_gets_one_topic_with_its_card_and_what_was_said(town: Town):
    thread = asked(town)
    topic = town.telegram.state.groups[FIRST_GROUP].topics[thread]
    card, words = town.telegram.texts(FIRST_GROUP, thread=thread)[:2]

    assert topic.name == f"#{town.ticket(1).number} 房东不退押金怎么办"
    assert "登记，等待受理" in card
    assert "无人" in card
    assert "👤 群众：房东不退押金怎么办" in words
    assert len(town.telegram.topics()) == 1


def test_an_answer_by_command_claims_the_ticket_and_reaches_the_citizen(town: Town):
    thread = asked(town)

    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 您好，请带上租房合同过来。")

    town.gets(1, "请带上租房合同过来")
    town.quiet()
    assert town.telegram.texts(1)[-1] == "【法律服务】\n您好，请带上租房合同过来。"
    assert town.ticket(1).status is TicketStatus.CLAIMED
    assert town.ticket(1).assignee_id == town.lin.id


def test_an_answer_by_replying_to_the_citizens_words_reaches_them(town: Town):
    thread = asked(town)

    town.telegram.staff_says(
        LIN, FIRST_GROUP, thread, "请问押金多少？", reply=town.relayed(thread, "👤 群众")
    )

    town.gets(1, "请问押金多少？")


def test_what_asks_for_nothing_stays_inside_as_a_note(town: Town):
    thread = asked(town)
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]
    town.quiet()
    before = len(town.telegram.texts(1))

    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "这人上周来过")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "// 注意态度", reply=town.relayed(thread, "👤 群众"))
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "我来跟", reply=card)
    town.telegram.file(LIN, "photo", chat=FIRST_GROUP, thread=thread, caption="内部截图")

    town.quiet()
    assert [note.text for note in town.notes(1)] == ["这人上周来过", "注意态度", "我来跟", "内部截图"]
    assert len(town.telegram.texts(1)) == before
    assert not any("备注" in text for text in town.telegram.texts(FIRST_GROUP, thread=thread))


def test_strangers_and_anonymous_people_in_the_group_can_do_nothing(town: Town):
    thread = asked(town)
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]

    town.telegram.staff_says(STRANGER, FIRST_GROUP, thread, "/r 我是骗子")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 匿名", sender=ANONYMOUS)
    press = town.telegram.press(STRANGER, FIRST_GROUP, card, "受理")
    town.telegram.close_topic(STRANGER, FIRST_GROUP, thread)

    town.relayed(thread, "匿名管理员的话无法核对身份")
    town.quiet()
    until(lambda: "不能操作" in (town.telegram.state.answered.get(press) or ""))
    assert town.ticket(1).status is TicketStatus.OPEN
    assert [post for post in town.chat(1) if post.author is Author.STAFF] == []
    assert town.notes(1) == []
    until(lambda: not town.telegram.state.groups[FIRST_GROUP].topics[thread].closed)  # put right again


def test_citizens_further_words_pictures_and_albums_come_into_the_topic(town: Town):
    thread = asked(town)
    town.telegram.say(1, "我电话13812345678")
    town.relayed(thread, "138****5678")
    for _ in range(3):
        town.telegram.file(1, "photo", media_group_id="g")

    until(lambda: len(town.telegram.calls("copyMessages")) == 1, seconds=10)
    copies = [each for each in town.telegram.sees(FIRST_GROUP, thread=thread) if "photo" in each]
    assert len(copies) == 3
    assert len(town.telegram.texts(1)) == 3  # answer, hand-over, receipt: nothing for what staff see

    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "照片收到", reply=copies[1]["message_id"])
    town.gets(1, "照片收到")


def test_a_file_from_staff_is_copied_to_the_citizen(town: Town):
    thread = asked(town)
    reply = town.relayed(thread, "👤 群众")

    town.telegram.file(
        LIN, "document", b"%PDF-1.7", chat=FIRST_GROUP, thread=thread, reply=reply, caption="请填这张表"
    )

    town.gets(1, "请填这张表")
    assert "document" in town.telegram.sees(1)[-1]


def test_reply_mode_sends_until_it_is_switched_off(town: Town):
    thread = asked(town)
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]
    town.telegram.press(LIN, FIRST_GROUP, card, "回复模式")
    town.quiet()
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "第一句")
    town.telegram.staff_says(ZHOU, FIRST_GROUP, thread, "周的话不发")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "// 不发这句")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/mode")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "这句也不发")

    town.quiet()
    assert [post.text for post in town.chat(1) if post.author is Author.STAFF] == ["第一句"]
    assert [note.text for note in town.notes(1)] == ["周的话不发", "不发这句", "这句也不发"]


def test_buttons_of_the_card_claim_transfer_and_close(town: Town):
    thread = asked(town)
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]

    town.telegram.press(LIN, FIRST_GROUP, card, "受理")
    until(lambda: town.ticket(1).status is TicketStatus.CLAIMED)
    town.telegram.press(LIN, FIRST_GROUP, card, "转办")
    town.telegram.press(LIN, FIRST_GROUP, town.relayed(thread, "转办 #"), "调解")
    until(lambda: town.ticket(1).queue is Queue.MEDIATION)
    town.telegram.press(ZHOU, FIRST_GROUP, card, "受理")
    until(lambda: town.ticket(1).assignee_id == town.zhou.id)
    town.telegram.press(ZHOU, FIRST_GROUP, card, "关闭")
    town.telegram.press(ZHOU, FIRST_GROUP, town.relayed(thread, "关闭 #"), "已转介")

    town.gets(1, "已办结")
    assert town.ticket(1).close_reason is CloseReason.REFERRED
    until(lambda: town.telegram.state.groups[FIRST_GROUP].topics[thread].closed)


def test_a_suggested_answer_is_sent_as_it_was_shown(town: Town):
    thread = asked(town)
    town.telegram.say(1, "老板还拖欠工资")
    town.relayed(thread, "老板还拖欠工资")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/suggest")
    shown = town.relayed(thread, "建议答复")

    assert "/r 先打 12333 投诉" in town.telegram.state.messages[FIRST_GROUP][shown]["text"]
    town.telegram.press(LIN, FIRST_GROUP, shown, "采用")
    town.gets(1, "先打 12333 投诉")


def test_the_console_and_the_topic_are_one_truth(town: Town):
    thread = asked(town)
    with town.office.database.transaction() as tx:
        ticket = handling.claim(tx, town.office.desk, town.ticket(1).id, town.zhou, now=datetime.now(UTC))
        handling.note(tx, ticket.id, town.zhou, "身份证330402199001011234", now=datetime.now(UTC))
        handling.answer(
            tx, town.office.desk, ticket.id, town.zhou, "网页来的答复", seen_seq=99, now=datetime.now(UTC)
        )

    town.relayed(thread, "330402********1234")
    shown = town.relayed(thread, "🧑‍💼 zhou：网页来的答复")
    town.gets(1, "网页来的答复")
    until(lambda: town.telegram.state.reactions.get((FIRST_GROUP, shown)) == ["👌"])
    assert town.telegram.state.messages[FIRST_GROUP][shown]["date"] - datetime.now(UTC).timestamp() < 2


def test_who_answers_after_a_colleague_is_told_first(town: Town):
    thread = asked(town)
    town.telegram.fail(
        "sendMessage", 429, "Too Many Requests: retry after 2", retry_after=2, chat=FIRST_GROUP
    )
    with town.office.database.transaction() as tx:
        ticket = handling.claim(tx, town.office.desk, town.ticket(1).id, town.zhou, now=datetime.now(UTC))
        handling.answer(
            tx, town.office.desk, ticket.id, town.zhou, "周先答了", seen_seq=99, now=datetime.now(UTC)
        )
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 林也答")

    shown = town.relayed(thread, "没有发出：zhou 已先答复")
    assert "周先答了" in town.telegram.state.messages[FIRST_GROUP][shown]["text"]
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "/r 林还是要答")
    town.gets(1, "林还是要答")
    assert not any("林也答" in text for text in town.telegram.texts(1))


def test_tickets_of_the_web_have_topics_too_but_take_no_files(town: Town):
    town.office.say("转人工", who="web-visitor")
    until(lambda: len(town.telegram.topics()) == 1)
    thread = town.telegram.topics()[0]
    reply = town.relayed(thread, "群众：转人工")

    town.telegram.file(LIN, "photo", PNG, chat=FIRST_GROUP, thread=thread, reply=reply)
    town.relayed(thread, "收不了文件")
    town.telegram.staff_says(LIN, FIRST_GROUP, thread, "网页上见", reply=reply)
    until(lambda: town.office.chat("web-visitor")[-1].text == "网页上见")
    assert town.office.chat("web-visitor")[-1].status is Delivery.QUEUED


def test_an_erased_citizens_topic_is_deleted(town: Town):
    thread = asked(town)
    town.telegram.say(1, "删除我的数据")
    town.gets(1, "工单会同时取消")
    last = town.telegram.sees(1)[-1]["message_id"]

    town.telegram.press(1, 1, last, "确定删除")

    until(lambda: town.telegram.state.groups[FIRST_GROUP].topics[thread].deleted, seconds=10)


def test_a_linked_account_is_made_with_a_code_that_works_once(town: Town):
    from bot.channels.telegram import identity

    town.office.hire("wang")
    with town.office.database.transaction() as tx:
        from bot.tickets import staff

        wang = staff.by_username(tx, "wang")
        assert wang is not None
        code = identity.invite(tx, wang.id, now=datetime.now(UTC))
    town.telegram.say(8001, "/link 0000")
    town.gets(8001, "绑定码不对")
    town.telegram.say(8001, f"/link {code}")
    town.gets(8001, "绑定成功，wang")
    town.telegram.say(8002, f"/link {code}")
    town.gets(8002, "绑定码不对")
    assert not any(code in post.text for post in town.chat(8001))


def test_a_clock_that_ran_out_is_one_line_for_the_whole_group(town: Town):
    asked(town)
    ticket, office = town.ticket(1), town.office
    upkeep = Upkeep(
        database=office.database,
        desk=office.desk,
        wording=office.engine.wording,
        close_resolved_after=timedelta(days=3),
        keep=keeping(office.config.privacy),
        clock=lambda: datetime.now(UTC) + timedelta(days=14),
        ran_out=town.channel.alarm.ran_out,
    )
    for _ in range(2):
        upkeep.check_clocks()

    line = f"⏰ 超时：{ticket.number}（法律服务）受理、首次答复。经办：无人"
    until(lambda: line in town.telegram.texts(FIRST_GROUP))
    town.quiet()
    told = [call for call in town.telegram.calls("sendMessage") if call.get("text") == line]
    assert [(int(call["chat_id"]), call.get("message_thread_id")) for call in told] == [(FIRST_GROUP, None)]
