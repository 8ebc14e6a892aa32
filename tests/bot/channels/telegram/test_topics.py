"""Staff in the topics of a supergroup, over real HTTP against a strict Bot API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.conversation.model import Author, Delivery
from bot.tickets.model import CloseReason, TicketStatus
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
