"""What a citizen is told about their ticket: never more than the office calendar allows."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation import handling
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

    assert "排在最前面" in told
    assert "电话先打" in told


def test_at_night_danger_is_told_to_call_and_not_to_wait(office: Office):
    office.clock.now = local("2026-11-24 23:00").astimezone(UTC)
    told = receipt(office, "我刚刚把五万块转给骗子了")

    assert "不要等这里回复" in told
    assert "马上看" not in told


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
