"""A rating goes to the ticket whose button was pressed, or nowhere: never to another one."""

from datetime import timedelta

import pytest

from bot.conversation import handling
from bot.conversation.outcome import Outcome
from bot.tickets import queue
from bot.tickets.model import CloseReason, Satisfaction, Ticket, TicketStatus
from bot.tickets.people import Staff
from bot.tickets.sla import ClockName, next_due
from knowledge.entries import Queue
from tests.bot.tickets.world import Office


@pytest.fixture
def lin(office: Office) -> Staff:
    """Who answers."""
    return office.hire("lin")


def helped(office: Office, lin: Staff) -> Ticket:
    """A ticket that was answered and closed, so long ago that asking again opens another one."""
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "请带合同来。", seen_seq=99)
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)
    office.clock.forward(timedelta(days=8))
    return office.ticket()


def again(office: Office, ticket: Ticket) -> Ticket:
    """The ticket as it is now."""
    with office.database.reading() as tx:
        return queue.get(tx, ticket.id)


def choices(outcome: Outcome) -> list[str]:
    return [choice["value"] for choice in outcome.replies[-1].payload["choices"]]


def test_an_old_button_rates_its_own_ticket_though_another_one_is_closed_since(office: Office, lin: Staff):
    first, second = helped(office, lin), helped(office, lin)

    outcome = office.say(f"rate:5:{first.number}")

    assert first.number in outcome.replies[0].text
    assert again(office, first).satisfaction is Satisfaction.VERY_SATISFIED
    assert again(office, second).satisfaction is None


def test_an_old_button_rates_its_own_ticket_while_staff_have_another_one(office: Office, lin: Staff):
    first = helped(office, lin)
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "我在看。", seen_seq=99)

    office.say(f"rate:4:{first.number}")

    assert again(office, first).satisfaction is Satisfaction.SATISFIED
    assert (office.ticket().id, office.ticket().satisfaction) == (first.id + 1, None)


def test_a_complaint_about_an_old_ticket_goes_to_who_has_the_chat_now(office: Office, lin: Staff):
    first = helped(office, lin)
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)

    outcome = office.say(f"rate:1:{first.number}")

    assert not outcome.failed
    assert (again(office, first).status, again(office, first).satisfaction) == (TicketStatus.CLOSED, 1)
    live = office.ticket()
    due = next_due(live, office.desk.policy, office.desk.hours[Queue.SERVICES])
    assert live.rectify_since == office.clock()
    assert due is not None
    assert due.clock in (ClockName.RECTIFY, ClockName.FIRST)
    with office.database.reading() as tx:
        complained = [event for event in queue.history(tx, live.id) if event.kind == "complained"]
    assert [event.detail["of"] for event in complained] == [first.number]


def test_a_complaint_about_an_old_ticket_opens_that_one_again(office: Office, lin: Staff):
    first, second = helped(office, lin), helped(office, lin)

    office.say(f"rate:2:{first.number}")

    assert (again(office, first).status, again(office, first).reopened) == (TicketStatus.OPEN, 1)
    assert not again(office, second).is_live
    assert office.say("还有人吗").ticket is not None


def test_a_button_without_a_number_rates_nothing_and_brings_fresh_ones(office: Office, lin: Staff):
    ticket = helped(office, lin)

    outcome = office.say("rate:1")

    assert "没有记到任何工单上" in outcome.replies[0].text
    assert choices(outcome)[0] == f"rate:5:{ticket.number}"
    assert again(office, ticket) == ticket
    office.say(choices(outcome)[0])
    assert again(office, ticket).satisfaction is Satisfaction.VERY_SATISFIED


@pytest.mark.parametrize("level", ["0", "6", "55", "", "x"])
def test_what_is_no_level_rates_nothing(office: Office, lin: Staff, level: str):
    ticket = helped(office, lin)

    outcome = office.say(f"rate:{level}:{ticket.number}")

    assert not outcome.failed
    assert again(office, ticket) == ticket


def test_nobody_rates_the_ticket_of_another_chat(office: Office, lin: Staff):
    ticket = helped(office, lin)

    outcome = office.say(f"rate:1:{ticket.number}", who="somebody else")

    assert "没有正在办理的工单" in outcome.replies[0].text
    assert again(office, ticket) == ticket


def test_a_pressed_label_counts_for_the_ticket_that_was_asked_about_last(office: Office, lin: Staff):
    helped(office, lin)
    second = helped(office, lin)

    office.say("非常满意")

    assert again(office, second).satisfaction is Satisfaction.VERY_SATISFIED


def test_an_earlier_ticket_can_still_be_looked_up_by_its_number(office: Office, lin: Staff):
    first = helped(office, lin)
    helped(office, lin)
    office.say("转人工")
    office.say("取消工单")
    cancelled = office.ticket()

    assert f"工单 {first.number} 已办结" in office.say(f"查询 {first.number}").replies[0].text
    assert f"工单 {cancelled.number} 已取消" in office.say(f"查询 {cancelled.number}").replies[0].text
