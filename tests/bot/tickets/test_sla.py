"""Which clock runs, until when, and why it stood still."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tickets.model import CloseReason, Priority, Ticket, TicketStatus
from bot.tickets.office_hours import OfficeHours
from bot.tickets.sla import (
    ClockName,
    Due,
    Policy,
    dues,
    expected_answer,
    next_due,
    timeline,
    warning_at,
)
from tests.bot.tickets.test_model import FRESH
from tests.bot.tickets.test_office_hours import OFFICE, calendars, durations, local, moments

ACCEPT, FIRST, NEXT, CLOSE, RECTIFY = ClockName
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLICY = Policy(
    limits={
        Priority.NORMAL: {
            ACCEPT: 30 * MINUTE,
            FIRST: HOUR,
            NEXT: 2 * HOUR,
            CLOSE: 21 * HOUR,
            RECTIFY: 35 * HOUR,
        },
        Priority.URGENT: {
            ACCEPT: 2 * MINUTE,
            FIRST: 5 * MINUTE,
            NEXT: 5 * MINUTE,
            CLOSE: 24 * HOUR,
            RECTIFY: 24 * HOUR,
        },
    },
    warn_at=0.8,
)
SHORT = replace(POLICY, limits={**POLICY.limits, Priority.NORMAL: dict.fromkeys(ClockName, 5 * HOUR)})
NINE = local("2026-11-24 09:00")  # a Tuesday, when the office opens


def opened(at: datetime) -> Ticket:
    """A ticket opened then."""
    return replace(FRESH, created_at=at, last_citizen_at=at, open_since=at, asked_at=at)


def shown(ticket: Ticket) -> list[tuple[str, str]]:
    """The running clocks and their ends in the district, as text."""
    return [
        (due.clock.value, f"{due.at.astimezone(OFFICE.zone):%m-%d %H:%M}")
        for due in dues(ticket, POLICY, OFFICE)
    ]


def test_an_open_ticket_waits_to_be_accepted_and_answered():
    assert shown(opened(NINE)) == [("accept", "11-24 09:30"), ("first", "11-24 10:00")]


def test_a_citizen_who_writes_again_moves_no_deadline():
    again = opened(NINE).citizen_wrote(now=NINE + 20 * MINUTE)

    assert shown(again) == shown(opened(NINE))


def test_a_claimed_ticket_waits_for_its_answer_and_its_end():
    claimed = opened(NINE).claimed_by(1, now=NINE + 10 * MINUTE)

    assert shown(claimed) == [("first", "11-24 10:00"), ("close", "11-27 10:40")]  # 6.5 hours a day


def test_after_the_answer_only_the_end_is_due():
    answered = opened(NINE).claimed_by(1, now=NINE).answered(now=NINE + 10 * MINUTE)

    assert [clock for clock, _ in shown(answered)] == ["close"]


def test_each_new_question_starts_the_next_clock_once():
    answered = opened(NINE).claimed_by(1, now=NINE).answered(now=NINE + 10 * MINUTE)
    asked = answered.citizen_wrote(now=NINE + 30 * MINUTE).citizen_wrote(now=NINE + 90 * MINUTE)

    assert shown(asked)[0] == ("next", "11-24 11:30")


def test_a_transferred_ticket_is_accepted_anew_but_its_answer_stays_due():
    moved = opened(NINE).claimed_by(1, now=NINE).transferred(FRESH.queue.FRAUD, now=NINE + 40 * MINUTE)

    assert shown(moved) == [("first", "11-24 10:00"), ("accept", "11-24 10:10")]


@pytest.mark.parametrize("status", [TicketStatus.WAITING, TicketStatus.RESOLVED, TicketStatus.CLOSED])
def test_nothing_runs_while_we_wait_for_the_citizen(status: TicketStatus):
    answered = opened(NINE).claimed_by(1, now=NINE).answered(now=NINE)
    paused = {
        TicketStatus.WAITING: answered.waiting_for_citizen(now=NINE),
        TicketStatus.RESOLVED: answered.resolved(now=NINE),
        TicketStatus.CLOSED: answered.closed(CloseReason.SOLVED, now=NINE),
    }[status]

    assert next_due(paused, POLICY, OFFICE) is None


def test_waiting_for_the_citizen_costs_staff_no_time():
    waiting = opened(NINE).claimed_by(1, now=NINE).answered(now=NINE).waiting_for_citizen(now=NINE + HOUR)
    back = waiting.citizen_wrote(now=NINE + 2 * HOUR).answered(now=NINE + 2 * HOUR)

    assert shown(back) == [("close", "11-27 11:30")]  # an hour later than without the pause


def test_a_pause_outside_opening_hours_costs_nothing_and_adds_nothing():
    evening = local("2026-11-24 18:00")
    waiting = opened(NINE).claimed_by(1, now=NINE).answered(now=NINE).waiting_for_citizen(now=evening)
    back = waiting.citizen_wrote(now=evening + 2 * HOUR).answered(now=evening + 2 * HOUR)

    assert shown(back) == [("close", "11-27 10:30")]


def test_a_complaint_runs_the_rectify_clock_and_nothing_else():
    closed = opened(NINE).claimed_by(1, now=NINE).answered(now=NINE).closed(CloseReason.SOLVED, now=NINE)
    complained = closed.to_rectify(now=NINE + HOUR)

    assert shown(complained) == [("rectify", "12-01 14:00")]
    assert shown(complained.claimed_by(1, now=NINE + 2 * HOUR)) == shown(complained)
    assert [clock for clock, _ in shown(complained.citizen_wrote(now=NINE + HOUR))] == ["next", "rectify"]


def test_urgent_tickets_count_every_minute():
    night = local("2026-11-28 23:00")
    urgent = replace(opened(night), priority=Priority.URGENT)

    assert shown(urgent) == [("accept", "11-28 23:02"), ("first", "11-28 23:05")]


def test_urgent_pauses_count_every_minute_too():
    night = local("2026-11-28 23:00")
    urgent = replace(opened(night), priority=Priority.URGENT)
    back = (
        urgent.claimed_by(1, now=night)
        .answered(now=night)
        .waiting_for_citizen(now=night)
        .citizen_wrote(now=night + 3 * HOUR)
        .answered(now=night + 3 * HOUR)
    )

    assert shown(back) == [("close", "11-30 02:00")]


def test_the_receipt_promises_the_first_answer_from_the_first_words():
    again = opened(NINE).citizen_wrote(now=NINE + 20 * MINUTE)

    assert expected_answer(again, POLICY, OFFICE) == NINE + HOUR


def test_the_warning_comes_at_its_share_of_the_clock():
    ticket = opened(NINE)
    due = next_due(ticket, POLICY, OFFICE)

    assert due == Due(clock=ACCEPT, at=NINE + 30 * MINUTE)
    assert warning_at(due, ticket, POLICY, OFFICE) == NINE + 24 * MINUTE


@given(hours=calendars(), at=moments, before=durations, pause=durations)
def test_any_pause_moves_the_end_by_its_counted_time(
    hours: OfficeHours, at: datetime, before: timedelta, pause: timedelta
):
    """However long a pause is and wherever it lies, staff keep exactly the time they had."""
    begin, end = at + before, at + before + pause
    working = opened(at).claimed_by(1, now=at).answered(now=at)
    back = working.waiting_for_citizen(now=begin).citizen_wrote(now=end).answered(now=end)
    due = next_due(back, SHORT, hours)
    assert due is not None

    counted = hours.between(at, due.at) - hours.between(begin, end)

    assert counted == 5 * HOUR


@given(hours=calendars(), at=moments, later=durations, share=st.floats(0.01, 0.99))
def test_a_warning_is_never_after_what_it_warns_of(
    hours: OfficeHours, at: datetime, later: timedelta, share: float
):
    policy = replace(SHORT, warn_at=share)
    for ticket in _lives(at, later):
        for due in dues(ticket, policy, hours):
            assert warning_at(due, ticket, policy, hours) <= due.at


@given(hours=calendars(), at=moments, later=durations)
def test_every_end_lies_in_opening_time(hours: OfficeHours, at: datetime, later: timedelta):
    for ticket in _lives(at, later):
        for due in dues(ticket, SHORT, hours):
            assert hours.is_open(due.at) or hours.is_open(due.at - timedelta(microseconds=1))


def _lives(at: datetime, later: timedelta) -> Iterator[Ticket]:
    """Tickets in every state in which a clock runs."""
    ticket = opened(at)
    claimed = ticket.claimed_by(1, now=at + later)
    answered = claimed.answered(now=at + later)
    closed = answered.closed(CloseReason.SOLVED, now=at + later)
    yield from (ticket, claimed, answered, answered.citizen_wrote(now=at + later * 2))
    yield closed.to_rectify(now=at + later * 2)


def test_the_timeline_explains_every_stretch():
    noon, two = local("2026-11-24 11:00"), local("2026-11-24 14:00")
    stretches = timeline(
        [(NINE, TicketStatus.OPEN), (noon, TicketStatus.WAITING), (two, TicketStatus.CLAIMED)],
        until=local("2026-11-25 10:00"),
        hours=OFFICE,
        urgent=False,
    )

    assert [
        (f"{part.start.astimezone(OFFICE.zone):%d %H:%M}", part.running, part.why) for part in stretches
    ] == [
        ("24 09:00", True, "open"),
        ("24 11:00", False, "waiting_for_citizen"),
        ("24 14:00", True, "open"),
        ("24 17:00", False, "closed_office"),
        ("25 09:00", True, "open"),
    ]


def test_the_timeline_of_an_urgent_ticket_never_stops_at_night():
    stretches = timeline(
        [(NINE, TicketStatus.OPEN), (NINE + HOUR, TicketStatus.RESOLVED)],
        until=NINE + 48 * HOUR,
        hours=OFFICE,
        urgent=True,
    )

    assert [(part.running, part.why) for part in stretches] == [(True, "open"), (False, "resolved")]


@given(
    hours=calendars(),
    at=moments,
    lengths=st.lists(durations, min_size=1, max_size=5),
    urgent=st.booleans(),
)
def test_the_timeline_covers_all_and_counts_what_the_clock_counts(
    hours: OfficeHours, at: datetime, lengths: list[timedelta], urgent: bool
):
    statuses = (TicketStatus.OPEN, TicketStatus.CLAIMED, TicketStatus.WAITING, TicketStatus.RESOLVED)
    changes, moment = [], at
    for number, length in enumerate(lengths):
        changes.append((moment, statuses[number % len(statuses)]))
        moment += length
    stretches = timeline(changes, until=moment, hours=hours, urgent=urgent)
    ends = [*(start for start, _ in changes[1:]), moment]
    expected = sum(
        (
            end - start if urgent else hours.between(start, end)
            for (start, status), end in zip(changes, ends, strict=True)
            if status in (TicketStatus.OPEN, TicketStatus.CLAIMED)
        ),
        timedelta(),
    )

    assert sum((part.end - part.start for part in stretches), timedelta()) == moment - at
    assert sum((part.end - part.start for part in stretches if part.running), timedelta()) == expected
