"""One line beside a rating: asked for by a button, taken once, shown to staff, gone with the person's data."""

import pytest

from bot.conversation import handling, my_data
from bot.conversation.model import Address
from bot.conversation.outcome import Outcome
from bot.tickets.model import CloseReason, TicketStatus
from bot.tickets.people import Staff
from tests.bot.tickets.world import Office


@pytest.fixture
def lin(office: Office) -> Staff:
    """Who answers."""
    return office.hire("lin")


def answered(office: Office, lin: Staff) -> None:
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "请带合同来。", seen_seq=99)


def closed(office: Office, lin: Staff, rating: str = "满意") -> Outcome:
    """What the citizen hears who rates the closed ticket."""
    answered(office, lin)
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)
    return office.say(rating)


def choices(outcome: Outcome) -> list[tuple[str, str]]:
    return [(choice["label"], choice["value"]) for choice in outcome.replies[-1].payload["choices"]]


def told(outcome: Outcome) -> str:
    return "\n".join(reply.text for reply in outcome.replies)


@pytest.mark.parametrize("words", ["小张很耐心，帮我要回了工资", "谢谢", "你好棒", "房东不退押金怎么办"])
def test_after_a_rating_one_line_is_taken_when_the_citizen_asks_for_it(
    office: Office, lin: Staff, words: str
):
    rated = closed(office, lin)
    number = office.ticket().number
    assert choices(rated) == [("留一句话", f"comment:{number}")]

    asked = office.say("留一句话")
    assert choices(asked) == [("不用了", f"no_comment:{number}")]
    kept = office.say(words)
    assert "已经记在工单" in told(kept)
    assert number in told(kept)
    assert (office.ticket().comment, office.ticket().satisfaction) == (words, 4)
    assert office.events(office.ticket())[-1] == "commented"
    assert office.ticket().status is TicketStatus.CLOSED
    assert "先打 12333" in told(office.say("老板拖欠工资怎么办"))  # the next one is a question again
    assert office.ticket().comment == words


def test_nobody_is_taken_at_a_word_they_did_not_mean_as_a_comment(office: Office, lin: Staff):
    closed(office, lin)

    assert "先打 12333" in told(office.say("老板拖欠工资怎么办"))  # the button was not pressed
    assert office.ticket().comment is None


@pytest.mark.parametrize("words", ["不用了", "转人工", "菜单", "我刚刚被骗转了三万块钱"])
def test_leaving_it_commands_and_danger_are_no_comment(office: Office, lin: Staff, words: str):
    closed(office, lin)
    office.say("留一句话")
    first = office.ticket()
    said = office.say(words)

    assert "评价旁边" not in told(said)
    office.say("老板拖欠工资怎么办")
    with office.database.reading() as tx:
        from bot.tickets import queue

        assert queue.get(tx, first.id).comment is None


def test_where_there_are_no_buttons_the_word_before_the_colon_does_it(office: Office, lin: Staff):
    closed(office, lin)
    office.say("房东不退押金怎么办")
    office.say("留言：服务很好，\n就是等了半天")
    assert office.ticket().comment == "服务很好，\n就是等了半天"
    office.say("评价留言: 又想起一句")
    assert office.ticket().comment == "又想起一句"


def test_a_comment_without_a_rating_is_a_message_like_any_other(office: Office, lin: Staff):
    answered(office, lin)
    said = office.say("留言：快一点")

    assert (told(said), office.ticket().comment) == ("", None)  # staff have it


def test_on_an_answered_ticket_the_line_does_not_open_it_and_says_how_to_go_on(office: Office, lin: Staff):
    answered(office, lin)
    office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)
    rated = office.say("非常满意")
    office.say(choices(rated)[0][1])
    kept = office.say("谢谢小张")

    assert "请再写一句，工作人员接着办" in told(kept)
    assert (office.ticket().status, office.ticket().comment) == (TicketStatus.RESOLVED, "谢谢小张")
    office.say("可是钱还没到账")
    assert office.ticket().status is TicketStatus.CLAIMED
    assert office.ticket().comment == "谢谢小张"


def test_a_complaint_brings_a_person_and_what_is_written_goes_to_them(office: Office, lin: Staff):
    rated = closed(office, lin, "不满意")
    assert choices(rated) == []
    said = office.say("留言：根本没解决")

    assert (told(said), office.ticket().comment) == ("", None)
    assert office.ticket().is_live


def test_the_button_of_an_earlier_ticket_keeps_nothing(office: Office, lin: Staff):
    button = choices(closed(office, lin))[0][1]
    first = office.ticket()
    other = office.say(button, who="somebody else")
    assert "失效" in told(other)
    office.say("转人工")
    office.say("取消工单")

    assert "失效" in told(office.say(button)) or office.ticket().id == first.id


def test_a_comment_is_cut_exported_and_erased(office: Office, lin: Staff):
    closed(office, lin)
    office.say("留言：" + "好" * 900)
    me = Address(channel="test", user="citizen")
    assert office.ticket().comment == "好" * 500
    ticket_id = office.ticket().id

    with office.database.transaction() as tx:
        [conversation] = my_data.export(tx, me, now=office.clock())["conversations"]
        assert conversation["tickets"][0]["comment"] == "好" * 500
        my_data.erase(tx, me, now=office.clock())
    with office.database.reading() as tx:
        from bot.tickets import queue

        assert queue.get(tx, ticket_id).comment is None
