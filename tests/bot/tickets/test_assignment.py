"""Who gets a ticket when the desk assigns by itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation import handling
from bot.tickets.assignment import choose
from bot.tickets.model import TicketStatus
from bot.tickets.people import AWAY_AFTER, Role, Staff
from knowledge.entries import Queue
from tests.bot.tickets.test_model import FRESH
from tests.bot.tickets.world import Office, open_office
from tests.world import MORNING


def person(
    id: int,
    *queues: Queue,
    role: Role = Role.AGENT,
    on_duty: bool = True,
    active: bool = True,
    seen: timedelta | None = timedelta(minutes=1),
) -> Staff:
    """Somebody who takes two tickets at most."""
    return Staff(
        id=id,
        username=f"p{id}",
        name=f"p{id}",
        role=role,
        language="zh",
        active=active,
        on_duty=on_duty,
        max_tickets=2,
        queues=frozenset(queues),
        last_seen_at=None if seen is None else MORNING - seen,
    )


LEGAL, FRAUD, ALL = person(1, Queue.LEGAL), person(2, Queue.FRAUD), person(3)


@pytest.mark.parametrize(
    ("staff", "load", "chosen"),
    [
        ([LEGAL, FRAUD], {}, 1),
        ([FRAUD], {}, None),
        ([ALL, LEGAL], {}, 1),  # who can do less goes first
        ([ALL, LEGAL], {1: 1}, 3),  # who has less goes first
        ([LEGAL, ALL], {1: 2, 3: 1}, 3),
        ([LEGAL, ALL], {1: 2, 3: 2}, None),  # nobody has room
        ([person(1, on_duty=False)], {}, None),
        ([person(1, active=False)], {}, None),
        ([person(1, seen=AWAY_AFTER)], {}, None),  # went home and forgot to say so
        ([person(1, seen=None)], {}, None),
        ([person(1, role=Role.AUDITOR)], {}, None),
        ([person(4), person(3)], {}, 3),  # the same every time
        ([], {}, None),
    ],
)
def test_the_least_loaded_person_on_duty_for_the_queue_is_chosen(
    staff: list[Staff], load: dict[int, int], chosen: int | None
):
    found = choose(FRESH, staff, load, now=MORNING)

    assert (found.id if found else None) == chosen


def test_somebody_can_be_left_out():
    found = choose(FRESH, [LEGAL, ALL], {}, now=MORNING, but=1)

    assert found == ALL


@pytest.fixture
def office(tmp_path: Path):
    """A desk that assigns by itself."""
    with open_office(tmp_path, desk={"auto_assign": True}) as office:
        yield office


def test_a_new_ticket_goes_to_somebody_on_duty_at_once(office: Office):
    worker = office.hire("lin")

    outcome = office.say("转人工")

    assert (office.ticket().status, office.ticket().assignee_id) == (TicketStatus.CLAIMED, worker.id)
    assert "已有工作人员受理" in outcome.replies[-1].text
    assert office.events(office.ticket()) == ["opened", "assigned"]


def test_tickets_are_spread_and_stop_at_the_limit(office: Office):
    first, second = office.hire("lin", max_tickets=1), office.hire("zhou", max_tickets=1)
    for who in "abc":
        office.say("转人工", who=who)

    assert [office.ticket(who).assignee_id for who in "abc"] == [first.id, second.id, None]


def test_who_comes_on_duty_gets_what_stands_in_line(office: Office):
    office.say("转人工")
    worker = office.hire("lin")
    with office.database.transaction() as tx:
        office.desk.distribute(tx, now=office.clock())

    assert office.ticket().assignee_id == worker.id


def test_who_goes_off_duty_leaves_what_they_work_on_to_others(office: Office):
    first = office.hire("lin")
    office.say("转人工", who="a")
    office.say("转人工", who="b")
    office.do(handling.answer, office.ticket("b"), first, "您在哪里上班？", seen_seq=99, ask=True)
    second = office.hire("zhou")
    with office.database.transaction() as tx:
        office.desk.off_duty(tx, first.id, now=office.clock())

    assert office.ticket("a").assignee_id == second.id
    assert office.ticket("b").assignee_id == first.id  # it waits for the citizen


def test_with_nobody_else_it_goes_back_in_line(office: Office):
    worker = office.hire("lin")
    office.say("转人工")
    with office.database.transaction() as tx:
        office.desk.off_duty(tx, worker.id, now=office.clock())

    assert (office.ticket().status, office.ticket().assignee_id) == (TicketStatus.OPEN, None)


def test_a_disabled_account_keeps_no_ticket(office: Office):
    worker = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), worker, "您在哪里上班？", seen_seq=99, ask=True)
    with office.database.transaction() as tx:
        office.desk.leaves(tx, worker.id, now=office.clock())

    assert office.ticket().status is TicketStatus.OPEN


def test_nothing_is_assigned_unless_the_desk_is_told_to(tmp_path: Path):
    with open_office(tmp_path / "plain") as plain:
        plain.hire("lin")
        plain.say("转人工")

        assert plain.ticket().status is TicketStatus.OPEN
