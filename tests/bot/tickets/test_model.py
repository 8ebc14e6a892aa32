"""Every move from every status: the legal ones lead where the drawing says, the others are refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import TicketError
from bot.tickets.model import CloseReason, Priority, Satisfaction, Ticket, TicketStatus
from knowledge.entries import Queue

T0 = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
T1, T2, T3, T4 = (T0 + timedelta(minutes=10 * step) for step in range(1, 5))
WEEK = timedelta(days=7)
OPEN, CLAIMED, WAITING, RESOLVED, CLOSED = TicketStatus

FRESH = Ticket(
    id=7,
    number="20261124-0007",
    conversation_id=3,
    queue=Queue.LEGAL,
    priority=Priority.NORMAL,
    status=OPEN,
    subject="老板拖欠工资",
    reason="asked for a person",
    version=0,
    created_at=T0,
    last_citizen_at=T0,
    open_since=T0,
    asked_at=T0,
)
IN = {
    OPEN: FRESH,
    CLAIMED: FRESH.claimed_by(1, now=T1),
    WAITING: FRESH.claimed_by(1, now=T1).answered(now=T2).waiting_for_citizen(now=T2),
    RESOLVED: FRESH.claimed_by(1, now=T1).answered(now=T2).resolved(now=T2),
    CLOSED: FRESH.claimed_by(1, now=T1).answered(now=T2).closed(CloseReason.SOLVED, now=T3),
}
MOVES: dict[str, tuple[Callable[[Ticket], Ticket], dict[TicketStatus, TicketStatus]]] = {
    "claim": (lambda t: t.claimed_by(2, now=T4), {OPEN: CLAIMED}),
    "release": (lambda t: t.released(now=T4), {CLAIMED: OPEN, WAITING: OPEN}),
    "transfer": (
        lambda t: t.transferred(Queue.FRAUD, now=T4),
        {OPEN: OPEN, CLAIMED: OPEN, WAITING: OPEN, RESOLVED: OPEN},
    ),
    "reassign": (lambda t: t.reassigned(2), {CLAIMED: CLAIMED, WAITING: WAITING}),
    "answer": (
        lambda t: t.answered(now=T4),
        {CLAIMED: CLAIMED, WAITING: WAITING, RESOLVED: RESOLVED},
    ),
    "ask back": (lambda t: t.waiting_for_citizen(now=T4), {CLAIMED: WAITING, RESOLVED: WAITING}),
    "citizen writes": (
        lambda t: t.citizen_wrote(now=T4),
        {OPEN: OPEN, CLAIMED: CLAIMED, WAITING: CLAIMED, RESOLVED: CLAIMED},
    ),
    "raise": (
        lambda t: t.raised(),
        {OPEN: OPEN, CLAIMED: CLAIMED, WAITING: WAITING, RESOLVED: RESOLVED},
    ),
    "resolve": (lambda t: t.resolved(now=T4), {CLAIMED: RESOLVED, WAITING: RESOLVED}),
    "close": (
        lambda t: t.closed(CloseReason.SOLVED, now=T4),
        {OPEN: CLOSED, CLAIMED: CLOSED, WAITING: CLOSED, RESOLVED: CLOSED},
    ),
    "reopen": (lambda t: t.reopened_again(now=T4, window=WEEK), {CLOSED: OPEN}),
    "rectify": (
        lambda t: t.to_rectify(now=T4),
        {OPEN: OPEN, CLAIMED: CLAIMED, WAITING: CLAIMED, RESOLVED: CLAIMED, CLOSED: OPEN},
    ),
}


@pytest.mark.parametrize("status", TicketStatus)
@pytest.mark.parametrize("name", MOVES)
def test_a_move_leads_where_it_may_or_is_refused(name: str, status: TicketStatus):
    move, leads = MOVES[name]
    before = IN[status]

    if status in leads:
        after = move(before)
        assert (after.status, after.version) == (leads[status], before.version + 1)
    else:
        with pytest.raises(TicketError, match=before.number):
            move(before)


@pytest.mark.parametrize("status", TicketStatus)
@pytest.mark.parametrize("name", MOVES)
def test_clocks_stand_still_exactly_while_waiting_or_resolved(name: str, status: TicketStatus):
    move, leads = MOVES[name]
    if status in leads:
        after = move(IN[status])

        assert (after.paused_at is not None) == (after.status in (WAITING, RESOLVED))
        assert after.status is CLOSED or (after.assignee_id is None) == (after.status is OPEN)
        assert (after.closed_at is not None) == (after.status is CLOSED)
        assert (after.resolved_at is not None) <= (after.status in (RESOLVED, CLOSED))


def test_a_pause_is_remembered_when_it_ends():
    assert IN[WAITING].citizen_wrote(now=T3).pauses == ((T2, T3),)
    assert IN[RESOLVED].transferred(Queue.FRAUD, now=T3).pauses == ((T2, T3),)
    assert IN[CLAIMED].citizen_wrote(now=T3).pauses == ()


def test_only_the_oldest_unanswered_words_count():
    asked_twice = IN[OPEN].citizen_wrote(now=T1).citizen_wrote(now=T2)
    answered = asked_twice.claimed_by(1, now=T3).answered(now=T3)

    assert (asked_twice.asked_at, asked_twice.last_citizen_at) == (T0, T2)
    assert (answered.asked_at, answered.first_answer_at) == (None, T3)
    assert answered.citizen_wrote(now=T4).asked_at == T4


def test_the_first_claim_and_the_first_answer_stay_known():
    again = IN[CLAIMED].answered(now=T2).released(now=T2).claimed_by(2, now=T3).answered(now=T4)

    assert (again.claimed_at, again.first_answer_at, again.last_staff_at) == (T1, T2, T4)


def test_transfer_to_its_own_queue_is_refused():
    with pytest.raises(TicketError, match="already is in queue legal"):
        FRESH.transferred(Queue.LEGAL, now=T1)


def test_raising_an_urgent_ticket_changes_nothing():
    urgent = FRESH.raised()

    assert urgent.raised() is urgent


def test_reopening_ends_with_the_window():
    on_the_edge = T3 + WEEK

    assert IN[CLOSED].reopened_again(now=on_the_edge, window=WEEK).reopened == 1
    with pytest.raises(TicketError, match="open a new one"):
        IN[CLOSED].reopened_again(now=on_the_edge + timedelta(seconds=1), window=WEEK)


def test_a_reopened_ticket_starts_its_clocks_anew():
    again = IN[CLOSED].reopened_again(now=T4, window=WEEK)

    assert (again.open_since, again.asked_at, again.claimed_at) == (T4, T4, None)
    assert (again.close_reason, again.pauses) == (None, ())


def test_what_nobody_answered_cannot_be_rated():
    with pytest.raises(TicketError, match="no answer to rate"):
        FRESH.rated(Satisfaction.FAIR)
    assert IN[WAITING].rated(Satisfaction.FAIR).satisfaction is Satisfaction.FAIR
    assert FRESH.closed(CloseReason.CANCELLED, now=T1).rated(Satisfaction.FAIR).satisfaction == 3


def test_a_complaint_runs_from_its_first_word_until_the_close():
    complained = IN[CLOSED].to_rectify(now=T4)
    again = complained.claimed_by(1, now=T4).to_rectify(now=T4 + WEEK)

    assert (complained.rectify_since, complained.asked_at) == (T4, None)
    assert again.rectify_since == T4
    assert again.closed(CloseReason.SOLVED, now=T4 + WEEK).rectify_since is None


@pytest.mark.parametrize("level", Satisfaction)
def test_the_two_lowest_levels_are_complaints(level: Satisfaction):
    assert level.is_complaint == (level in (1, 2))


def test_a_ticket_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        FRESH.status = CLOSED
    assert replace(FRESH, version=1) != FRESH
