"""What came of every promise, told from the history of tickets that really lived."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.conversation import handling, taking_back
from bot.conversation.model import Author
from bot.errors import TicketError
from bot.tickets import call_backs, queue
from bot.tickets.call_backs import CallOutcome
from bot.tickets.model import CloseReason, Ticket, TicketStatus
from bot.tickets.people import Staff
from bot.tickets.runs import Run, lived, runs
from bot.tickets.sla import ClockName, running
from knowledge.entries import Queue
from tests.bot.tickets.test_office_hours import local
from tests.bot.tickets.world import Office

ACCEPT, FIRST, NEXT, CLOSE, RECTIFY = ClockName
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SEEN = 10_000


def told(office: Office) -> list[tuple[ClockName, bool, float | None]]:
    """Clock, whether its promise was kept, and the minutes that counted."""
    ticket = office.ticket()
    with office.database.reading() as tx:
        history = queue.history(tx, ticket.id)
    found = runs(ticket, history, office.desk.policy, office.desk.hours, now=office.clock())
    return [(run.clock, run.kept, None if run.took is None else run.took / MINUTE) for run in found]


def wait(office: Office, length: timedelta) -> None:
    office.clock.forward(length)


def answer(office: Office, staff: Staff, text: str = "好的。", *, ask: bool = False) -> None:
    office.do(handling.answer, office.ticket(), staff, text, seen_seq=SEEN, ask=ask)


def close(office: Office, staff: Staff, reason: CloseReason = CloseReason.SOLVED) -> None:
    office.do(handling.close, office.ticket(), staff, reason, wording=office.engine.wording)


def resolve(office: Office, staff: Staff) -> None:
    office.do(handling.resolve, office.ticket(), staff, wording=office.engine.wording)


def test_a_plain_ticket_keeps_every_promise(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    wait(office, 10 * MINUTE)
    office.do(handling.claim, office.ticket(), lin)
    wait(office, 20 * MINUTE)
    answer(office, lin)
    wait(office, 5 * MINUTE)
    office.say("还有一件事")
    wait(office, 7 * MINUTE)
    answer(office, lin)
    resolve(office, lin)

    assert told(office) == [
        (ACCEPT, True, 10),
        (FIRST, True, 30),
        (CLOSE, True, 32),
        (NEXT, True, 7),
    ]


def test_closed_hours_do_not_count(office: Office):
    lin = office.hire("lin")
    wait(office, local("2026-11-24 11:50") - office.clock())
    office.say("转人工")
    wait(office, local("2026-11-24 13:40") - office.clock())  # lunch is from twelve to half past one
    office.do(handling.claim, office.ticket(), lin)
    wait(office, local("2026-11-25 09:30") - office.clock())
    answer(office, lin)

    assert told(office) == [(ACCEPT, True, 20), (FIRST, False, 10 + 210 + 30)]


def test_an_urgent_ticket_counts_the_night(office: Office):
    lin = office.hire("lin")
    wait(office, local("2026-11-24 22:00") - office.clock())
    office.say("我刚刚把三万块转给骗子了")
    wait(office, 3 * MINUTE)
    answer(office, lin)

    assert told(office) == [(ACCEPT, False, 3), (FIRST, True, 3)]


def test_waiting_for_the_citizen_does_not_count(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    wait(office, 10 * MINUTE)
    answer(office, lin, "您有合同吗？", ask=True)
    wait(office, 30 * 24 * HOUR)
    assert told(office) == [(ACCEPT, True, 0), (FIRST, True, 10)]

    office.say("有的")
    wait(office, 15 * MINUTE)
    resolve(office, lin)
    assert told(office) == [(ACCEPT, True, 0), (FIRST, True, 10), (CLOSE, True, 25), (NEXT, True, 15)]


def test_a_ticket_closed_while_it_waits_was_dealt_with(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    wait(office, 10 * MINUTE)
    answer(office, lin, "您有合同吗？", ask=True)
    wait(office, 30 * 24 * HOUR)
    close(office, lin, CloseReason.NO_REPLY)

    assert told(office) == [(ACCEPT, True, 0), (FIRST, True, 10), (CLOSE, True, 10)]


def test_every_coming_into_a_queue_is_a_promise_of_its_own(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    wait(office, 10 * MINUTE)
    office.do(handling.claim, office.ticket(), lin)
    wait(office, 5 * MINUTE)
    office.do(handling.release, office.ticket(), lin)
    wait(office, 31 * MINUTE)  # too long
    office.do(handling.transfer, office.ticket(), Queue.LEGAL, lin, note="")
    wait(office, 4 * MINUTE)
    office.do(handling.claim, office.ticket(), lin)

    accepts = [each for each in told(office) if each[0] is ACCEPT]
    assert accepts == [(ACCEPT, True, 10), (ACCEPT, False, None), (ACCEPT, True, 4)]


def test_a_reopened_ticket_counts_from_its_reopening(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    answer(office, lin)
    wait(office, 5 * MINUTE)
    close(office, lin)
    wait(office, 3 * 24 * HOUR)
    office.say("转人工")
    wait(office, 6 * MINUTE)
    office.do(handling.claim, office.ticket(), lin)
    wait(office, 4 * MINUTE)
    answer(office, lin)
    resolve(office, lin)

    assert office.ticket().reopened == 1
    assert told(office) == [
        (ACCEPT, True, 0),
        (FIRST, True, 0),
        (CLOSE, True, 5),
        (ACCEPT, True, 6),
        (NEXT, True, 10),
        (CLOSE, True, 4),
    ]


def test_what_is_not_due_yet_and_what_was_not_wanted_any_more_is_not_counted(office: Office):
    office.say("转人工")
    wait(office, 29 * MINUTE)
    assert told(office) == []
    office.say("取消工单")
    assert office.ticket().status is TicketStatus.CLOSED
    wait(office, 5 * HOUR)

    assert told(office) == []


def test_what_ran_out_before_it_was_cancelled_is_broken(office: Office):
    office.say("转人工")
    wait(office, 31 * MINUTE)
    assert told(office) == [(ACCEPT, False, None)]
    office.say("取消工单")

    assert told(office) == [(ACCEPT, False, None)]


def test_a_complaint_runs_under_its_own_clock(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    answer(office, lin)
    close(office, lin)
    office.say(f"rate:1:{office.ticket().number}")
    wait(office, 2 * HOUR)
    office.do(handling.claim, office.ticket(), lin)
    called(office, lin)
    resolve(office, lin)

    assert [each for each in told(office) if each[0] is RECTIFY] == [(RECTIFY, True, 120)]


def test_a_resolved_ticket_to_which_the_citizen_adds_something_is_open_again(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    answer(office, lin)
    resolve(office, lin)
    assert (CLOSE, True, 0) in told(office)
    office.say("还是不行")

    assert [each for each in told(office) if each[0] is CLOSE] == []
    wait(office, 14 * 24 * HOUR)
    assert [each for each in told(office) if each[0] is CLOSE] == [(CLOSE, False, None)]


def called(office: Office, lin: Staff) -> None:
    with office.database.transaction() as tx:
        call_backs.add(
            tx, office.ticket().id, lin, outcome=CallOutcome.SETTLED, text="已说明", now=office.clock()
        )


def moves(office: Office, lin: Staff, chance: random.Random) -> list[Callable[[], object]]:
    """Everything that moves the clocks of a ticket."""

    def take_back() -> object:
        post = [each for each in office.chat() if each.author is Author.STAFF][-1]
        return office.do(taking_back.take_back, office.ticket(), lin, post)

    return [
        lambda: office.say("还在吗"),
        lambda: office.say("转人工"),
        lambda: office.say("我刚刚把三万块转给骗子了"),
        lambda: office.say(f"rate:{chance.randint(1, 5)}:{office.ticket().number}"),
        lambda: called(office, lin),
        lambda: office.do(handling.claim, office.ticket(), lin),
        lambda: office.do(handling.release, office.ticket(), lin),
        lambda: office.do(handling.transfer, office.ticket(), chance.choice(list(Queue)), lin, note=""),
        lambda: office.do(handling.mark_urgent, office.ticket(), lin),
        lambda: answer(office, lin),
        lambda: answer(office, lin, "您有合同吗？", ask=True),
        take_back,
        lambda: resolve(office, lin),
        lambda: close(office, lin, chance.choice(list(CloseReason))),
        lambda: office.do(handling.reopen, office.ticket(), lin),
    ]


def replayed(office: Office, ticket: Ticket) -> Ticket:
    with office.database.reading() as tx:
        history = queue.history(tx, ticket.id)
    return [after for _, _, after in lived(ticket, history)][-1]


@pytest.mark.parametrize("seed", range(2))
def test_the_history_tells_the_clocks_that_really_run(office: Office, seed: int):
    """After any moves the ticket told from its events runs the same clocks as the stored one, with the same pauses."""
    lin, chance = office.hire("lin"), random.Random(seed)
    office.say("转人工")
    kinds = set()
    for _ in range(250):
        office.clock.forward(timedelta(minutes=chance.randint(1, 200)))
        try:
            chance.choice(moves(office, lin, chance))()
        except (TicketError, IndexError):
            continue
        ticket = office.ticket()
        again = replayed(office, ticket)

        assert running(again) == running(ticket), office.events(ticket)
        assert (again.pauses, again.paused_at) == (ticket.pauses, ticket.paused_at)
        assert (again.queue, again.priority, again.status) == (ticket.queue, ticket.priority, ticket.status)
        kinds |= set(office.events(ticket))
    assert {
        "claimed",
        "answered",
        "asked",
        "withdrawn",
        "resolved",
        "transferred",
        "closed",
        "reopened",
    } <= kinds


def test_a_run_that_is_kept_took_no_longer_than_promised(office: Office):
    lin, chance = office.hire("lin"), random.Random(7)
    policy, hours = office.desk.policy, office.desk.hours
    seen: list[Run] = []
    for number in range(6):
        office.say("转人工")
        for _ in range(24):
            office.clock.forward(timedelta(minutes=chance.randint(1, 40)))
            try:
                chance.choice(moves(office, lin, chance))()
            except (TicketError, IndexError):
                continue
        ticket = office.ticket()
        with office.database.reading() as tx:
            history = queue.history(tx, ticket.id)
        seen += runs(ticket, history, policy, hours, now=office.clock())
        assert number == 0 or seen

    longest = {clock: max(limits[clock] for limits in policy.limits.values()) for clock in ClockName}
    kept = [run for run in seen if run.kept]
    assert kept
    assert all(run.took is not None and run.took <= longest[run.clock] for run in kept)
