"""The desk does something while the bot is thinking about a message: every order is forced, none left to chance."""

from bot.conversation import handling
from bot.conversation.model import Author
from bot.tickets.model import CloseReason, Priority, TicketStatus
from bot.tickets.people import Staff
from knowledge.entries import Queue
from tests.bot.tickets.world import Office

QUESTION = "老板拖欠工资怎么办"
MONEY = "我刚刚把三万块转给骗子了"
SEEN = 99


def take_over(office: Office, lin: Staff) -> None:
    with office.database.transaction() as tx:
        handling.take_over(
            tx,
            office.desk,
            office.conversation().id,
            lin,
            to=Queue.LEGAL,
            reason="看起来急",
            now=office.clock(),
        )


def said(office: Office) -> list[tuple[Author, str]]:
    return [(post.author, post.text) for post in office.chat()]


def test_who_takes_over_while_the_bot_thinks_has_the_chat_and_the_message(office: Office):
    lin = office.hire("lin")
    office.say("你好")
    before = said(office)
    office.search.meanwhile = lambda: take_over(office, lin)

    outcome = office.say(QUESTION)
    assert office.search.meanwhile is None  # it did happen while the bot was thinking
    assert outcome.replies == ()
    assert said(office) == [*before, (Author.CITIZEN, QUESTION)]
    assert (office.ticket().status, office.ticket().assignee_id) == (TicketStatus.CLAIMED, lin.id)
    assert office.events(office.ticket()) == ["opened", "claimed", "citizen_wrote"]
    assert office.ticket().asked_at is not None  # the clock of the answer runs


def test_who_even_answers_while_the_bot_thinks_is_not_answered_over(office: Office):
    lin = office.hire("lin")
    office.say("你好")

    def take_over_and_answer() -> None:
        take_over(office, lin)
        office.do(handling.answer, office.ticket(), lin, "我来帮您。", seen_seq=SEEN)

    office.search.meanwhile = take_over_and_answer
    office.say(QUESTION)

    assert said(office)[-2:] == [(Author.STAFF, "我来帮您。"), (Author.CITIZEN, QUESTION)]


def test_a_danger_is_answered_though_somebody_takes_over_meanwhile(office: Office):
    lin = office.hire("lin", queues=(Queue.LEGAL,))
    office.say("你好")
    office.search.meanwhile = lambda: take_over(office, lin)

    outcome = office.say(MONEY)
    assert office.search.meanwhile is None
    assert outcome.turn["kind"] == "alert"
    assert "一分钱也不要再转" in said(office)[-1][1]
    ticket = office.ticket()
    assert (ticket.queue, ticket.priority, ticket.status) == (Queue.FRAUD, Priority.URGENT, TicketStatus.OPEN)
    assert ticket.watcher_id == lin.id


def test_a_ticket_that_closes_while_the_bot_thinks_gives_the_chat_back(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好。", seen_seq=SEEN)

    def close() -> None:
        wording = office.engine.wording
        office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=wording)

    office.search.meanwhile = close
    outcome = office.say(QUESTION)

    assert office.search.meanwhile is None
    assert outcome.turn["kind"] == "answer"
    assert [author for author, _ in said(office)][-3:] == [Author.SYSTEM, Author.CITIZEN, Author.BOT]
    assert office.ticket().status is TicketStatus.CLOSED
