"""A ticket that a citizen goes on with after the close: the same one, told to staff as it is, and no second one."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.conversation.outcome import Outcome
from bot.tickets import queue
from bot.tickets.model import CloseReason, Ticket, TicketStatus
from bot.tickets.people import Staff
from knowledge.entries import Queue
from tests.bot.tickets.world import Office, open_office

BACK = "没解决，继续找工作人员"


@pytest.fixture
def lin(office: Office) -> Staff:
    """Who answers."""
    return office.hire("lin")


def helped(
    office: Office, lin: Staff, *, about: str = "老板拖欠工资怎么办", to: Queue | None = None
) -> Ticket:
    """A ticket that was answered and closed a minute ago."""
    office.say(about)
    office.say("转人工")
    if to is not None:
        office.do(handling.transfer, office.ticket(), to, lin, note="")
    office.do(handling.answer, office.ticket(), lin, "请带合同来。", seen_seq=99)
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)
    office.clock.forward(timedelta(minutes=1))
    return office.ticket()


def labels(outcome: Outcome) -> list[str]:
    return [choice["label"] for choice in outcome.replies[-1].payload["choices"]]


def test_the_ticket_keeps_its_subject_and_tells_why_it_is_open_again(office: Office, lin: Staff):
    before = helped(office, lin)

    outcome = office.say("还是不行")

    after = office.ticket()
    assert (after.id, after.status, after.reopened) == (before.id, TicketStatus.OPEN, 1)
    assert (after.subject, after.queue) == (before.subject, Queue.LEGAL)
    assert outcome.ticket is not None
    assert outcome.ticket["number"] == before.number
    with office.database.reading() as tx:
        last = queue.history(tx, after.id)[-1]
    assert (last.actor, last.kind, last.detail["reason"]) == (
        "citizen",
        "reopened",
        "went on after the close",
    )


def test_the_farewell_has_one_tap_back(office: Office, lin: Staff):
    ticket = helped(office, lin)
    farewell = office.chat()[-1]
    assert [choice["label"] for choice in farewell.payload["choices"]][-1] == BACK

    office.say(farewell.payload["choices"][-1]["value"])

    assert (office.ticket().id, office.ticket().status) == (ticket.id, TicketStatus.OPEN)


def test_who_asks_how_it_stands_gets_the_tap_as_well(office: Office, lin: Staff):
    helped(office, lin)

    assert labels(office.say("查询"))[-1] == BACK


def test_a_tap_while_staff_have_it_tells_how_it_stands(office: Office, lin: Staff):
    ticket = helped(office, lin)
    office.say("还是不行")

    outcome = office.say(f"reopen:{ticket.number}")

    assert "前面还有 0 位" in outcome.replies[0].text
    assert office.ticket().reopened == 1


def test_asking_for_a_person_comes_back_to_the_desk_it_was_transferred_to(office: Office, lin: Staff):
    ticket = helped(office, lin, to=Queue.MEDIATION)

    office.say("转人工")

    assert (office.ticket().id, office.ticket().queue) == (ticket.id, Queue.MEDIATION)


def test_a_hundred_messages_after_the_close_are_one_ticket(office: Office, lin: Staff):
    ticket = helped(office, lin)
    for _ in range(100):
        office.say("还是不行")

    assert (office.ticket().id, office.ticket().reopened) == (ticket.id, 1)


def test_what_goes_on_with_the_bots_answer_is_the_bots(office: Office, lin: Staff):
    helped(office, lin)
    office.say("房东不退押金怎么办")
    office.clock.forward(
        timedelta(hours=2)
    )  # the bot no longer leans on its answer, but it was the last to speak

    office.say("还是不行")

    assert office.ticket().status is TicketStatus.CLOSED


def test_a_part_of_an_old_answer_is_given_with_the_way_back(office: Office, lin: Staff):
    helped(office, lin)

    outcome = office.say("那要多久")

    assert "1 年内申请仲裁" in outcome.replies[0].text
    assert BACK in labels(outcome)
    assert "转人工" not in labels(outcome)


def test_where_nobody_is_behind_the_bot_any_more_nothing_is_promised(tmp_path: Path):
    with open_office(tmp_path) as office:
        ticket = helped(office, office.hire("lin"))
    with open_office(tmp_path, again=True, clock=office.clock, desk={"staffed": "no"}) as office:
        outcome = office.say("还是不行", id="later")
        pressed = office.say(f"reopen:{ticket.number}", id="pressed")

        assert outcome.ticket is None
        assert BACK not in labels(outcome)
        assert "12348" in pressed.replies[0].text
        assert office.ticket().status is TicketStatus.CLOSED


def test_a_tap_of_another_chat_is_a_person_but_not_that_ticket(office: Office, lin: Staff):
    ticket = helped(office, lin)

    office.say(f"reopen:{ticket.number}", who="somebody else")

    assert office.ticket().status is TicketStatus.CLOSED
    assert office.ticket("somebody else").id != ticket.id
