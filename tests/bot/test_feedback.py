"""👍 and 👎: the first offers a person, the second brings one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.conversation.model import Address, Author, Delivery, Reply
from bot.conversation.transcript import Rating
from bot.tickets.model import CloseReason, Priority, TicketStatus
from knowledge.entries import Queue
from tests.bot.tickets.world import Office, open_office

CITIZEN = Address(channel="test", user="citizen")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office


def answered(office: Office, question: str) -> int:
    """The place of the answer to a question."""
    return office.say(question).replies[-1].seq


def rate(office: Office, seq: int, rating: Rating = Rating.NOT_HELPFUL) -> Reply | None:
    return office.engine.rate(CITIZEN, seq, rating)


def test_the_first_bad_rating_offers_a_person_and_opens_nothing(office: Office):
    reply = rate(office, answered(office, "老板拖欠工资怎么办"))

    assert reply is not None
    assert [choice.value for choice in reply.choices] == ["human"]
    assert office.chat()[-1].author is Author.BOT
    assert office.say("那需要多久").turn["kind"] == "answer"


def test_one_tap_on_that_offer_is_a_ticket(office: Office):
    reply = rate(office, answered(office, "老板拖欠工资怎么办"))
    assert reply is not None

    outcome = office.say(reply.choices[0].value)

    assert outcome.ticket is not None
    assert outcome.ticket["queue"] == "legal"


def test_the_second_answer_that_did_not_help_brings_a_person_with_the_question(office: Office):
    rate(office, answered(office, "老板拖欠工资怎么办"))
    reply = rate(office, answered(office, "处罚记录怎么申请修复"))

    ticket = office.ticket()
    assert (ticket.queue, ticket.priority, ticket.status) == (
        Queue.CREDIT,
        Priority.NORMAL,
        TicketStatus.OPEN,
    )
    assert (ticket.subject, ticket.reason) == ("处罚记录怎么申请修复", "two answers did not help")
    assert reply is not None
    assert reply.choices == ()
    last = office.chat()[-1]
    assert (last.author, last.status) == (Author.BOT, Delivery.QUEUED)
    assert ticket.number in last.text
    assert last.payload["ticket"]["number"] == ticket.number
    assert office.say("还有人吗").replies == ()


def test_the_same_answer_rated_twice_is_one_opinion(office: Office):
    seq = answered(office, "老板拖欠工资怎么办")
    rate(office, seq)
    reply = rate(office, seq)

    assert reply is not None
    assert [choice.value for choice in reply.choices] == ["human"]


def test_a_rating_that_was_changed_to_good_does_not_count(office: Office):
    seq = answered(office, "老板拖欠工资怎么办")
    rate(office, seq)
    rate(office, seq, Rating.HELPFUL)
    reply = rate(office, answered(office, "房东不退押金怎么办"))

    assert reply is not None
    assert [choice.value for choice in reply.choices] == ["human"]


def test_while_staff_have_it_a_rating_opens_nothing_more(office: Office):
    first, second = answered(office, "老板拖欠工资怎么办"), answered(office, "房东不退押金怎么办")
    office.say("转人工")
    said = len(office.chat())

    assert rate(office, first) == rate(office, second)
    assert len(office.chat()) == said
    assert office.events(office.ticket()) == ["opened"]


def test_after_a_person_was_there_it_counts_from_the_beginning(office: Office):
    lin = office.hire("lin")
    rate(office, answered(office, "老板拖欠工资怎么办"))
    rate(office, answered(office, "房东不退押金怎么办"))
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)
    office.clock.forward(timedelta(minutes=1))

    reply = rate(office, answered(office, "处罚记录怎么申请修复"))

    assert reply is not None
    assert [choice.value for choice in reply.choices] == ["human"]


def test_where_nobody_is_behind_the_bot_a_bad_rating_only_offers_the_way(tmp_path: Path):
    with open_office(tmp_path, desk={"staffed": "no"}) as office:
        rate(office, answered(office, "老板拖欠工资怎么办"))
        reply = rate(office, answered(office, "房东不退押金怎么办"))

        assert reply is not None
        assert [choice.value for choice in reply.choices] == ["human"]
        assert office.chat()[-1].status is Delivery.INLINE


def test_what_is_no_answer_of_this_chat_cannot_be_rated(office: Office):
    office.say("你好")

    assert rate(office, 1) is None
    assert rate(office, 99) is None
    assert office.engine.rate(Address(channel="test", user="else"), 2, Rating.NOT_HELPFUL) is None
