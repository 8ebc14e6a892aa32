"""👍 and 👎: the first asks what was wrong, the second brings a person, in danger the first does."""

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
OFFERED = ["none_of_these", "human"]  # in other words, or a person


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
    assert [choice.value for choice in reply.choices] == OFFERED
    assert office.chat()[-1].author is Author.BOT
    assert office.say("那需要多久").turn["kind"] == "answer"


def test_one_tap_on_that_offer_is_a_ticket(office: Office):
    reply = rate(office, answered(office, "老板拖欠工资怎么办"))
    assert reply is not None

    outcome = office.say(reply.choices[-1].value)

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
    assert [choice.value for choice in reply.choices] == OFFERED


def test_a_rating_that_was_changed_to_good_does_not_count(office: Office):
    seq = answered(office, "老板拖欠工资怎么办")
    rate(office, seq)
    rate(office, seq, Rating.HELPFUL)
    reply = rate(office, answered(office, "房东不退押金怎么办"))

    assert reply is not None
    assert [choice.value for choice in reply.choices] == OFFERED


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
    assert [choice.value for choice in reply.choices] == OFFERED


def test_where_nobody_is_behind_the_bot_a_bad_rating_only_offers_the_way(tmp_path: Path):
    with open_office(tmp_path, desk={"staffed": "no"}) as office:
        rate(office, answered(office, "老板拖欠工资怎么办"))
        reply = rate(office, answered(office, "房东不退押金怎么办"))

        assert reply is not None
        assert [choice.value for choice in reply.choices] == OFFERED
        assert office.chat()[-1].status is Delivery.INLINE


def test_what_is_no_answer_of_this_chat_cannot_be_rated(office: Office):
    office.say("你好")

    assert rate(office, 1) is None
    assert rate(office, 99) is None
    assert office.engine.rate(Address(channel="test", user="else"), 2, Rating.NOT_HELPFUL) is None


def test_the_first_bad_rating_asks_what_was_wrong_and_hears_other_words(office: Office):
    reply = rate(office, answered(office, "老板拖欠工资怎么办"))
    assert reply is not None
    assert "是哪里不对" in reply.text

    assert "换个说法" in office.say(reply.choices[0].value).replies[0].text
    assert office.say("房东不退押金怎么办").turn["kind"] == "answer"


def test_in_danger_the_first_bad_rating_brings_a_person_before_all_others(office: Office):
    office.say("转人工", who="somebody before")
    seq = office.say("我刚刚把五万块转给骗子了").replies[0].seq
    office.say("取消工单")

    reply = rate(office, seq)

    ticket = office.ticket()
    assert reply is not None
    assert reply.choices == ()
    assert (ticket.queue, ticket.priority, ticket.is_live) == (Queue.FRAUD, Priority.URGENT, True)
    assert ticket.reason == "an answer in danger did not help"
    assert "电话先打" in office.chat()[-1].text


def test_a_danger_to_life_goes_to_who_minds_safety(office: Office):
    seq = office.say("他拿刀要砍我救命").replies[0].seq
    office.say("取消工单")

    rate(office, seq)

    assert (office.ticket().queue, office.ticket().priority) == (Queue.SAFETY, Priority.URGENT)


def test_an_answer_in_which_a_fraud_is_suspected_brings_a_person_in_the_usual_line(office: Office):
    seq = office.say("有个客服给我打电话说要给我退款，房东不退押金怎么办").replies[0].seq
    rate(office, seq)

    assert (office.ticket().queue, office.ticket().priority) == (Queue.LEGAL, Priority.NORMAL)
