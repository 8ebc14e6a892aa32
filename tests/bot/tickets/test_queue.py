"""Tickets in a real database: numbers, the line, the one live ticket, versions, history."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot.conversation import handling, sessions
from bot.conversation.model import Address
from bot.errors import TicketConflict, TicketError
from bot.storage.desk_tables import tickets
from bot.tickets import lists, queue
from bot.tickets.model import CloseReason, Escalation, Priority, Ticket, TicketStatus
from knowledge.entries import Queue
from tests.bot.tickets.world import Office

DAY = date(2026, 11, 24)
MINUTE = timedelta(minutes=1)


def open_for(
    office: Office,
    who: str,
    *,
    to: Queue = Queue.LEGAL,
    priority: Priority = Priority.NORMAL,
    day: date = DAY,
) -> Ticket:
    """A ticket of somebody, opened a minute after the one before."""
    office.clock.forward(MINUTE)
    now = office.clock()
    with office.database.transaction() as tx:
        conversation = sessions.start(tx, Address(channel="test", user=who), now=now)
        return queue.open_ticket(
            tx,
            conversation.id,
            Escalation(queue=to, priority=priority, reason="asked for a person"),
            subject="老板拖欠工资",
            context={"last_entry": None},
            day=day,
            now=now,
        )


def positions(office: Office, *found: Ticket) -> list[int]:
    """The places in line, as they are now."""
    with office.database.reading() as tx:
        return [queue.position(tx, queue.get(tx, ticket.id)) for ticket in found]


def test_a_ticket_is_read_as_it_was_stored(office: Office):
    opened = open_for(office, "a")

    with office.database.reading() as tx:
        assert queue.get(tx, opened.id) == opened
        assert queue.by_number(tx, f" {opened.number} ") == opened
        assert queue.live(tx, opened.conversation_id) == opened
        assert queue.context_of(tx, opened.id) == {"last_entry": None}


def test_every_field_of_a_moved_ticket_survives_the_database(office: Office):
    opened, now = open_for(office, "a"), office.clock()
    worker = office.hire("lin")
    moved = (
        opened.claimed_by(worker.id, now=now)
        .answered(now=now + MINUTE)
        .waiting_for_citizen(now=now + MINUTE)
        .citizen_wrote(now=now + 2 * MINUTE)
        .resolved(now=now + 3 * MINUTE)
        .to_rectify(now=now + 4 * MINUTE)
    )

    with office.database.transaction() as tx:
        queue.save(tx, opened, moved, actor="staff:1", kind="test", now=now)
    with office.database.reading() as tx:
        assert queue.get(tx, opened.id) == moved


def test_numbers_count_from_one_each_day(office: Office):
    numbers = [
        open_for(office, who, day=day).number
        for who, day in (("a", DAY), ("b", DAY), ("c", date(2026, 11, 25)))
    ]

    assert numbers == ["20261124-0001", "20261124-0002", "20261125-0001"]


def test_numbers_go_on_past_9999(office: Office):
    first = open_for(office, "a")
    with office.database.transaction() as tx:
        tx.execute(tickets.update().where(tickets.c.id == first.id).values(number="20261124-9999"))

    assert [open_for(office, who).number for who in "bc"] == ["20261124-10000", "20261124-10001"]


def test_a_conversation_has_one_live_ticket_by_constraint(office: Office):
    opened = open_for(office, "a")
    with office.database.reading() as tx:
        row = dict(tx.execute(select(tickets)).mappings().one())
    second = {**row, "id": None, "number": "20261124-0002"}

    with pytest.raises(IntegrityError), office.database.transaction() as tx:
        tx.execute(insert(tickets).values(**second))
    with office.database.transaction() as tx:
        closed = opened.closed(CloseReason.SOLVED, now=office.clock())
        queue.save(tx, opened, closed, actor="staff:1", kind="closed", now=office.clock())
        tx.execute(insert(tickets).values(**second))


def test_the_line_is_by_age_within_a_queue_and_urgent_stands_first(office: Office):
    first, other = open_for(office, "a"), open_for(office, "b", to=Queue.FRAUD)
    second, urgent = open_for(office, "c"), open_for(office, "d", priority=Priority.URGENT)

    assert positions(office, first, other, second, urgent) == [2, 1, 3, 1]


def test_a_claimed_ticket_stands_in_no_line(office: Office):
    first, second = open_for(office, "a"), open_for(office, "b")
    worker = office.hire("lin")
    with office.database.transaction() as tx:
        claimed = first.claimed_by(worker.id, now=office.clock())
        queue.save(tx, first, claimed, actor="staff:1", kind="claimed", now=office.clock())

    assert positions(office, first, second) == [0, 1]


def test_of_two_writers_the_second_is_refused(office: Office):
    opened, now = open_for(office, "a"), office.clock()
    with office.database.transaction() as tx:
        queue.save(tx, opened, opened.citizen_wrote(now=now), actor="citizen", kind="citizen_wrote", now=now)

    with pytest.raises(TicketConflict, match="look again"), office.database.transaction() as tx:
        queue.save(tx, opened, opened.raised(), actor="bot", kind="raised", now=now)
    assert office.events(opened) == ["opened", "citizen_wrote"]


def test_a_move_that_changes_nothing_leaves_no_event(office: Office):
    urgent = open_for(office, "a", priority=Priority.URGENT)
    with office.database.transaction() as tx:
        queue.save(tx, urgent, urgent.raised(), actor="bot", kind="raised", now=office.clock())

    assert office.events(urgent) == ["opened"]


def test_events_tell_the_new_status(office: Office):
    opened, now = open_for(office, "a"), office.clock()
    worker = office.hire("lin")
    with office.database.transaction() as tx:
        claimed = queue.save(
            tx, opened, opened.claimed_by(worker.id, now=now), actor="staff:1", kind="claimed", now=now
        )
        queue.save(
            tx, claimed, claimed.citizen_wrote(now=now), actor="citizen", kind="citizen_wrote", now=now
        )

    with office.database.reading() as tx:
        assert [(event.kind, event.detail.get("status")) for event in queue.history(tx, opened.id)] == [
            ("opened", "open"),
            ("claimed", "claimed"),
            ("citizen_wrote", None),
        ]


def test_a_ticket_that_is_not_there_is_an_error(office: Office):
    with office.database.reading() as tx, pytest.raises(TicketError, match="no ticket 99"):
        queue.get(tx, 99)


def test_the_lists_of_the_roster(office: Office):
    worker = office.hire("lin")
    first, second = open_for(office, "a"), open_for(office, "b")
    urgent = open_for(office, "c", to=Queue.FRAUD, priority=Priority.URGENT)
    resolved = open_for(office, "d")
    now: datetime = office.clock()
    with office.database.transaction() as tx:
        claimed = queue.save(
            tx, first, first.claimed_by(worker.id, now=now), actor="staff:1", kind="claimed", now=now
        )
        done = resolved.claimed_by(worker.id, now=now).resolved(now=now)
        queue.save(tx, resolved, done, actor="staff:1", kind="resolved", now=now)

    with office.database.reading() as tx:
        assert lists.in_line(tx) == (urgent, second)
        assert lists.load(tx) == {worker.id: 1}
        assert lists.in_hand(tx, worker.id) == (claimed,)
        assert [ticket.id for ticket in lists.resolved_before(tx, now + MINUTE)] == [resolved.id]
        assert lists.resolved_before(tx, now) == ()
        assert [ticket.id for ticket in lists.newest(tx, queue=Queue.FRAUD)] == [urgent.id]
        assert lists.of_conversation(tx, second.conversation_id) == (second,)
    assert claimed.status is TicketStatus.CLAIMED


def test_danger_within_the_window_reopens_the_ticket_as_urgent(office: Office):
    lin = office.hire("lin")
    office.say("刷单被骗了钱还能追回来吗，转人工")
    office.say("转人工")
    ticket = office.ticket()
    with office.database.transaction() as tx:
        if ticket.queue is not Queue.FRAUD:
            handling.transfer(tx, office.desk, ticket.id, Queue.FRAUD, lin, note="", now=office.clock())
        handling.close(
            tx,
            office.desk,
            ticket.id,
            lin,
            CloseReason.SOLVED,
            wording=office.engine.wording,
            now=office.clock(),
        )
    office.say("骗子又来了，我刚刚又转了两万块过去")

    assert office.ticket().number == ticket.number
    assert office.ticket().priority is Priority.URGENT
