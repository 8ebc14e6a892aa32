"""A citizen whose ticket is live tells of a danger: it goes before all others, to the people for it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.tickets import alerts, clocks, queue
from bot.tickets.alerts import AlertKind
from bot.tickets.model import Priority, Ticket, TicketStatus
from bot.tickets.people import Staff
from bot.tickets.queue import Event
from bot.tickets.sla import ClockName, Due, dues
from knowledge.entries import Queue
from tests.bot.tickets.world import Office, open_office

MINUTE = timedelta(minutes=1)
MONEY = "我刚刚把三万块转给骗子了"
LIFE = "我不想活了"
SEEN = 99


def place(ticket: Ticket) -> tuple[Queue, Priority, TicketStatus, int | None]:
    return ticket.queue, ticket.priority, ticket.status, ticket.assignee_id


def events(office: Office) -> list[Event]:
    with office.database.reading() as tx:
        return list(queue.history(tx, office.ticket().id))


def told(office: Office, person: Staff) -> list[tuple[AlertKind, dict[str, object]]]:
    with office.database.reading() as tx:
        found = alerts.listing(tx, person, seen=False, limit=9)
    return [(alert.kind, dict(alert.detail)) for alert in found]


@pytest.mark.parametrize(
    ("first", "words", "to", "why"),
    [
        ("转人工", MONEY, Queue.FRAUD, "fraud stage: transferred"),
        ("信用中国上的处罚记录怎么申请修复\n转人工", MONEY, Queue.FRAUD, "fraud stage: transferred"),
        ("转人工", LIFE, Queue.SAFETY, "danger: self_harm"),
    ],
)
def test_an_open_ticket_moves_to_the_queue_for_the_danger_and_its_history_says_why(
    office: Office, first: str, words: str, to: Queue, why: str
):
    for line in first.splitlines():
        office.say(line)
    before = office.ticket()
    office.clock.forward(10 * MINUTE)

    office.say(words)
    now = office.ticket()
    assert before.queue not in (Queue.FRAUD, Queue.SAFETY)
    assert now.id == before.id
    assert place(now) == (to, Priority.URGENT, TicketStatus.OPEN, None)
    [moved] = [event for event in events(office) if event.kind == "endangered"]
    assert moved.actor == "bot"
    assert moved.detail == {"reason": why, "queue": to.value, "of": before.queue.value, "priority": "urgent"}


def test_the_promises_are_the_urgent_ones_from_then_on(office: Office):
    office.say("转人工")
    asked = office.clock()
    office.clock.forward(4 * MINUTE)

    office.say(MONEY)
    ticket, rules = office.ticket(), office.desk
    assert dues(ticket, rules.policy, rules.hours[Queue.FRAUD]) == (
        Due(clock=ClockName.FIRST, at=asked + 5 * MINUTE),  # it has been waiting already
        Due(clock=ClockName.ACCEPT, at=office.clock() + 2 * MINUTE),  # new to this queue
    )
    with office.database.reading() as tx:
        assert clocks.of_ticket(tx, ticket.id).due == Due(clock=ClockName.FIRST, at=asked + 5 * MINUTE)


def test_who_holds_it_and_works_on_fraud_keeps_it_and_is_told(office: Office):
    lin = office.hire("lin", queues=(Queue.SERVICES, Queue.FRAUD))
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)

    office.say(MONEY)
    assert place(office.ticket()) == (Queue.FRAUD, Priority.URGENT, TicketStatus.CLAIMED, lin.id)
    detail = {"reason": "fraud stage: transferred", "queue": "fraud", "of": "services"}
    assert told(office, lin) == [(AlertKind.ENDANGERED, detail)]
    assert [event.kind for event in events(office)] == ["opened", "claimed", "endangered", "citizen_wrote"]


def test_who_holds_it_and_does_not_work_on_fraud_keeps_it_in_sight_and_is_told(office: Office):
    lin = office.hire("lin", queues=(Queue.SERVICES,))
    zhou = office.hire("zhou", queues=(Queue.FRAUD,))
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "您被骗了多少？", seen_seq=SEEN, ask=True)

    office.say(MONEY)
    assert place(office.ticket()) == (Queue.FRAUD, Priority.URGENT, TicketStatus.OPEN, None)
    assert office.ticket().watcher_id == lin.id
    assert office.ticket().paused_at is None
    assert [kind for kind, _ in told(office, lin)] == [AlertKind.ENDANGERED]
    assert told(office, zhou) == []
    office.do(handling.claim, office.ticket(), zhou)
    assert office.ticket().watcher_id == lin.id


def test_it_is_told_once_however_often_the_danger_is_named(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    for words in (MONEY, "骗子又来了，我刚刚又转了两万块过去", "对方还让我继续转账"):
        office.say(words)

    assert len(told(office, lin)) == 1
    assert [event.kind for event in events(office)].count("endangered") == 1


def test_a_ticket_of_the_fraud_desk_is_raised_where_it_is(office: Office):
    lin = office.hire("lin", queues=(Queue.FRAUD,))
    office.say("转人工")
    office.do(handling.transfer, office.ticket(), Queue.FRAUD, lin, note="")
    office.do(handling.claim, office.ticket(), lin)
    normal = office.ticket()

    office.say("骗子又来了，我刚刚又转了两万块过去")
    assert normal.priority is Priority.NORMAL
    assert place(office.ticket()) == (Queue.FRAUD, Priority.URGENT, TicketStatus.CLAIMED, lin.id)
    [raised] = [event for event in events(office) if event.kind == "raised"]
    assert raised.detail["reason"] == "fraud stage: transferred"
    assert [kind for kind, _ in told(office, lin)] == [AlertKind.ENDANGERED]


def test_a_life_comes_before_money(office: Office):
    office.say("转人工")
    places = []
    for words in (MONEY, LIFE, "骗子又来了，我刚刚又转了两万块过去"):
        office.say(words)
        places.append(office.ticket().queue)

    assert places == [Queue.FRAUD, Queue.SAFETY, Queue.SAFETY]


def test_ordinary_words_move_nothing(office: Office):
    office.say("转人工")
    before = office.ticket()
    office.say("信用中国上的处罚记录怎么申请修复")
    office.say("转人工")

    assert (office.ticket().queue, office.ticket().priority) == (before.queue, Priority.NORMAL)


def test_a_desk_that_assigns_by_itself_gives_it_to_somebody_on_duty_for_fraud(tmp_path: Path):
    with open_office(tmp_path, desk={"auto_assign": True}) as office:
        lin = office.hire("lin", queues=(Queue.SERVICES,))
        office.say("转人工")
        held = office.ticket()
        away = office.hire("away", queues=(Queue.FRAUD,), on_duty=False)
        zhou = office.hire("zhou", queues=(Queue.FRAUD,))

        office.say(MONEY)
        assert held.assignee_id == lin.id
        assert place(office.ticket()) == (Queue.FRAUD, Priority.URGENT, TicketStatus.CLAIMED, zhou.id)
        assert office.ticket().watcher_id == lin.id
        assert told(office, away) == []
