"""What a citizen is told about their ticket: never more than the office calendar allows."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation import handling
from bot.tickets import queue
from bot.tickets.model import CloseReason, TicketStatus
from tests.bot.tickets.test_office_hours import local
from tests.bot.tickets.world import Office


def receipt(office: Office, text: str = "转人工", *, who: str = "citizen") -> str:
    """The last bubble of the answer."""
    return office.say(text, who=who).replies[-1].text


def test_a_receipt_says_number_desk_place_time_and_what_next(office: Office):
    office.say("转人工", who="somebody before")
    told = receipt(office)

    number = office.ticket().number
    assert number == "20261124-0002"
    for part in (number, "前面还有 1 位", "今天 11:00 前", f"查询 {number}", "取消工单"):
        assert part in told


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-24 12:30", "今天 13:30"),  # lunch
        ("2026-11-24 20:00", "明天 09:00"),
        ("2026-11-27 17:00", "11月30日 09:00"),  # Friday evening
        ("2026-09-30 20:00", "10月8日 09:00"),  # the National Day week
        ("2026-10-09 18:00", "明天 09:00"),  # a make-up Saturday
    ],
)
def test_outside_hours_it_names_the_next_opening_and_who_helps_now(office: Office, at: str, opening: str):
    office.clock.now = local(at).astimezone(UTC)

    told = receipt(office)

    for part in (opening, "110", "12348", "12345"):
        assert part in told
    assert "前面还有" not in told


def test_the_promise_crosses_lunch_honestly(office: Office):
    office.clock.now = local("2026-11-24 11:30").astimezone(UTC)

    assert "今天 14:00 前" in receipt(office)


def test_danger_is_first_in_line_and_told_so(office: Office):
    office.say("转人工", who="somebody before")
    told = receipt(office, "我刚刚把五万块转给骗子了")

    assert "排在最前面（第 1 位）" in told
    assert "最迟 今天 10:05 回复您" in told
    assert "电话先打" in told


def test_at_night_danger_is_told_to_call_and_not_to_wait(office: Office):
    office.clock.now = local("2026-11-24 23:00").astimezone(UTC)
    told = receipt(office, "我刚刚把五万块转给骗子了")

    assert "不要等这里回复" in told
    assert "马上看" not in told
    assert "第 1 位" in told
    assert "最早 明天 09:00 处理，最迟 明天 09:05 回复您" in told


def test_at_night_the_place_in_line_and_the_hour_of_the_answer_are_told_too(office: Office):
    office.clock.now = local("2026-11-24 20:00").astimezone(UTC)
    office.say("转人工", who="somebody before")

    assert "您排在第 2 位，最早 明天 09:00 有人处理，预计 明天 10:00 前有人回复您" in receipt(office)
    english = receipt(office, "talk to a person", who="another")
    assert "You are number 3 in line; it opens tomorrow 09:00, expect an answer by tomorrow 10:00" in english


def test_a_promise_that_was_missed_is_owned_up_to(office: Office):
    office.say("转人工")
    office.clock.forward(timedelta(hours=4))  # two in the afternoon

    told = receipt(office, "查询")

    assert "对不起，已经过了预计的 今天 11:00" in told
    office.clock.now = local("2026-11-24 20:00").astimezone(UTC)
    assert "预计 明天 10:00 前有人回复您" in receipt(office, "查询")


def test_asking_again_tells_how_it_stands_instead_of_a_second_ticket(office: Office):
    office.say("转人工")
    lin = office.hire("lin")

    assert "前面还有 0 位" in receipt(office)
    office.do(handling.claim, office.ticket(), lin)
    assert "已有工作人员受理" in receipt(office, f"查询 {office.ticket().number}")
    office.do(handling.answer, office.ticket(), lin, "您有合同吗？", seen_seq=99, ask=True)
    assert "在等您回复" in receipt(office, "查询")


def test_a_cancelled_ticket_gives_the_chat_back_to_the_bot(office: Office):
    office.say("转人工")
    assert "已取消" in receipt(office, "取消工单")

    assert office.ticket().status is TicketStatus.CLOSED
    assert office.say("老板拖欠工资怎么办").turn["kind"] == "answer"


def test_a_citizen_who_comes_back_within_the_window_gets_the_same_ticket(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好。", seen_seq=99)
    closed = office.ticket()
    office.do(handling.close, closed, lin, CloseReason.SOLVED, wording=office.engine.wording)
    office.clock.forward(timedelta(days=6))
    office.say("转人工")

    assert (office.ticket().id, office.ticket().reopened) == (closed.id, 1)
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)
    office.clock.forward(timedelta(days=8))
    office.say("转人工")
    assert office.ticket().id != closed.id


def test_the_contract_object_names_queue_place_and_time(office: Office):
    outcome = office.say("转人工")

    assert outcome.ticket == {
        "number": "20261124-0001",
        "queue": "services",
        "priority": "normal",
        "position": 1,
        "expected_by": "2026-11-24T11:00+08:00",
    }


def test_every_failure_of_the_bot_opens_a_ticket(office: Office):
    office.search.broken = True

    outcome = office.say("房东不退押金怎么办")

    assert outcome.failed
    assert office.ticket().status is TicketStatus.OPEN
    assert office.ticket().number in outcome.replies[-1].text


def test_the_clock_of_the_tests_is_the_clock_of_the_desk(office: Office):
    office.say("转人工")

    assert office.ticket().created_at == office.clock() == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_another_number_is_not_answered_with_the_own_ticket(office: Office):
    office.say("转人工", who="somebody else")
    office.say("转人工")
    foreign, own = "20261124-0001", "20261124-0002"

    assert f"没有编号 {foreign}" in receipt(office, f"查询 {foreign}")
    for written in (own, "20261124 0002", "２０２６１１２４－０００２"):
        assert f"{own}" in receipt(office, f"查询 {written}")
        assert "没有编号" not in receipt(office, f"查询 {written}")


def test_never_mind_takes_a_ticket_back_only_while_nobody_has_it(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)

    assert office.say("算了").replies == ()
    assert office.ticket().status is TicketStatus.CLAIMED

    assert "已取消" in receipt(office, "取消工单")
    assert office.ticket().close_reason is CloseReason.CANCELLED
    office.hire("wang", on_duty=False)
    office.say("转人工", who="another")
    assert "已取消" in receipt(office, "算了", who="another")


def test_a_ticket_nobody_answered_is_not_rated(office: Office):
    office.say("转人工")
    office.say("取消工单")

    assert "没有正在办理" in receipt(office, "rate:1")
    assert not office.ticket().is_live


def test_a_ticket_that_is_opened_again_tells_what_it_is_about_now(office: Office):
    lin = office.hire("lin")
    office.say("老板拖欠工资怎么办")
    office.say("转人工")
    first = office.ticket()
    office.do(handling.claim, first, lin)
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)

    office.say("物业不给我退装修押金怎么办")
    office.say("转人工")

    again = office.ticket()
    assert again.number == first.number
    assert "工资" in first.subject
    assert "押金" in again.subject
    with office.database.reading() as tx:
        reopened = [event for event in queue.history(tx, again.id) if event.kind == "reopened"]
        assert queue.context_of(tx, again.id)["turn"]
    assert [event.detail["earlier"] for event in reopened] == [first.subject]


def test_the_bot_does_not_speak_over_staff_when_it_fails(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    office.search.broken = True

    assert office.say("那我明天过来要带什么").replies == ()
    assert "110" in office.say("他拿刀要砍我救命").replies[0].text
    assert [post.text for post in office.chat()][-3:-1] == ["那我明天过来要带什么", "他拿刀要砍我救命"]
