"""What staff do with a ticket, with everything that must follow: event, audit, clock, and the citizen's chat."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.console.dossier import status_changes
from bot.conversation import handling
from bot.conversation.model import Author, Delivery
from bot.errors import CallBackMissing, LateAnswer, TicketConflict, TicketError
from bot.storage.tables import messages
from bot.tickets import audit, call_backs, clocks, notes, queue
from bot.tickets.call_backs import CallOutcome
from bot.tickets.model import CloseReason, Priority, Satisfaction, TicketStatus
from bot.tickets.people import Role, Staff
from bot.tickets.sla import ClockName
from knowledge.entries import Queue
from tests.bot.tickets.world import Office

MINUTE = timedelta(minutes=1)
SEEN = 99  # the page showed everything


def clock(office: Office) -> ClockName | None:
    """The clock of the newest ticket."""
    with office.database.reading() as tx:
        due = clocks.of_ticket(tx, office.ticket().id).due
    return due.clock if due else None


def audited(office: Office) -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    with office.database.reading() as tx:
        return [(entry.actor, entry.action) for entry in reversed(audit.listing(tx))]


def close(office: Office, who: Any, reason: CloseReason = CloseReason.SOLVED) -> Any:
    """Close the newest ticket."""
    return office.do(handling.close, office.ticket(), who, reason, wording=office.engine.wording)


def test_the_whole_way_of_a_ticket(office: Office):
    lin = office.hire("lin")
    office.say("老板拖欠工资")
    office.say("转人工")
    ticket = office.ticket()

    office.do(handling.claim, ticket, lin)
    office.do(handling.answer, ticket, lin, "您有合同吗？", seen_seq=SEEN, ask=True)
    assert (office.ticket().status, clock(office)) == (TicketStatus.WAITING, None)
    assert office.say("有的").replies == ()
    assert (office.ticket().status, clock(office)) == (TicketStatus.CLAIMED, ClockName.NEXT)
    office.do(handling.answer, ticket, lin, "带合同来窗口。", seen_seq=SEEN)
    assert clock(office) is ClockName.CLOSE
    office.do(handling.resolve, ticket, lin, wording=office.engine.wording)
    close(office, lin)

    assert office.events(ticket) == [
        "opened",
        "claimed",
        "asked",
        "citizen_wrote",
        "answered",
        "resolved",
        "closed",
    ]
    assert audited(office) == [
        (f"staff:{lin.id}", f"ticket.{kind}")
        for kind in ("claimed", "asked", "answered", "resolved", "closed")
    ]
    assert [post.author for post in office.chat()][-6:] == [
        Author.BOT,
        Author.STAFF,
        Author.CITIZEN,
        Author.STAFF,
        Author.SYSTEM,
        Author.SYSTEM,
    ]


def test_after_the_close_the_bot_speaks_again_and_a_typed_rating_is_understood(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好。", seen_seq=SEEN)
    close(office, lin)

    farewell = office.chat()[-1]
    number = office.ticket().number
    assert [choice["value"] for choice in farewell.payload["choices"]] == [
        *(f"rate:{n}:{number}" for n in (5, 4, 3, 2, 1)),
        f"reopen:{number}",
    ]
    assert office.say("非常满意").turn["kind"] == "handover"
    assert office.ticket().satisfaction is Satisfaction.VERY_SATISFIED
    assert office.say("老板拖欠工资怎么办").turn["kind"] == "answer"


@pytest.mark.parametrize("reason", [CloseReason.SPAM, CloseReason.DUPLICATE])
def test_nobody_is_asked_to_rate_nothing(office: Office, reason: CloseReason):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "？", seen_seq=SEEN)

    assert close(office, lin, reason).payload["choices"] == []


def test_once_it_is_answered_for_good_the_citizen_may_rate_and_is_not_asked_twice(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好。", seen_seq=SEEN)
    office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)

    asked = office.chat()[-1]
    assert asked.author is Author.SYSTEM
    assert asked.payload["choices"][0]["label"] == "非常满意"
    office.say("满意")
    assert (office.ticket().status, office.ticket().satisfaction) == (
        TicketStatus.RESOLVED,
        Satisfaction.SATISFIED,
    )
    assert [choice["label"] for choice in close(office, lin).payload["choices"]] == ["没解决，继续找工作人员"]


def test_what_nobody_answered_is_resolved_without_a_rating(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    said = len(office.chat())
    office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)

    assert len(office.chat()) == said


def test_after_a_complaint_was_dealt_with_one_may_rate_again(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "不知道。", seen_seq=SEEN)
    close(office, lin)
    office.say("不满意")
    office.do(handling.answer, office.ticket(), lin, "对不起，已经办好。", seen_seq=SEEN)
    called(office, lin)

    levels = [choice["value"].startswith("rate:") for choice in close(office, lin).payload["choices"]]
    assert levels == [True] * 5 + [False]


def test_a_ticket_handed_back_gives_the_chat_to_the_bot_which_says_so(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    said = close(office, lin, CloseReason.HANDED_BACK)

    assert "由我为您解答" in said.text
    assert [choice["value"] for choice in said.payload["choices"]] == [f"reopen:{office.ticket().number}"]
    assert office.say("老板拖欠工资怎么办").turn["kind"] == "answer"


def called(office: Office, staff: Staff, outcome: CallOutcome = CallOutcome.SETTLED) -> None:
    with office.database.transaction() as tx:
        ticket = office.ticket()
        call_backs.add(tx, ticket.id, staff, outcome=outcome, text="已电话致歉", now=office.clock())


def complained(office: Office, lin: Staff) -> None:
    """A ticket that was answered, closed and rated 不满意, and is in hand again."""
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "不知道。", seen_seq=SEEN)
    close(office, lin)
    office.clock.forward(MINUTE)
    office.say("不满意")
    office.do(handling.claim, office.ticket(), lin)


def test_after_a_complaint_nothing_ends_before_the_citizen_was_called(office: Office):
    lin = office.hire("lin")
    complained(office, lin)

    with pytest.raises(CallBackMissing):
        close(office, lin)
    with pytest.raises(CallBackMissing):
        office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)
    assert office.ticket().status is TicketStatus.CLAIMED

    called(office, lin, CallOutcome.UNSETTLED)
    close(office, lin)
    assert not office.ticket().is_live


def test_three_calls_that_nobody_took_are_enough(office: Office):
    lin = office.hire("lin")
    complained(office, lin)
    for _ in range(2):
        called(office, lin, CallOutcome.UNREACHED)
        with pytest.raises(CallBackMissing):
            close(office, lin)

    called(office, lin, CallOutcome.UNREACHED)

    close(office, lin)


def test_a_second_complaint_needs_a_call_of_its_own(office: Office):
    lin = office.hire("lin")
    complained(office, lin)
    called(office, lin)
    close(office, lin)
    office.clock.forward(MINUTE)
    office.say("非常不满意")

    with pytest.raises(CallBackMissing):
        close(office, lin)


def test_a_citizen_who_is_content_again_need_not_be_called(office: Office):
    lin = office.hire("lin")
    complained(office, lin)
    office.say(f"rate:5:{office.ticket().number}")

    close(office, lin)


def test_a_citizen_may_always_cancel_what_they_complained_about(office: Office):
    lin = office.hire("lin")
    complained(office, lin)

    office.say("取消工单")

    assert office.ticket().close_reason is CloseReason.CANCELLED


def test_a_call_says_who_when_and_what_came_of_it(office: Office):
    lin = office.hire("lin")
    complained(office, lin)
    at = office.clock()
    office.clock.forward(10 * MINUTE)
    with office.database.transaction() as tx:
        ticket = office.ticket()
        call_backs.add(
            tx, ticket.id, lin, outcome=CallOutcome.SETTLED, text="好了", called_at=at, now=office.clock()
        )
    with office.database.reading() as tx:
        calls = call_backs.listing(tx, ticket)
        written = notes.listing(tx, ticket.id)

    assert [(call.staff, call.called_at, call.outcome) for call in calls] == [
        (f"staff:{lin.id}", at, CallOutcome.SETTLED)
    ]
    assert [(note.id, note.text) for note in written] == [(calls[0].note_id, "好了")]


def test_a_call_to_come_without_words_or_without_a_complaint_is_no_record(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    with office.database.transaction() as tx, pytest.raises(TicketError, match="complained"):
        call_backs.add(
            tx, office.ticket().id, lin, outcome=CallOutcome.SETTLED, text="好了", now=office.clock()
        )
    office.say("取消工单")
    complained(office, lin)
    ticket, later = office.ticket(), office.clock() + MINUTE
    with office.database.transaction() as tx:
        with pytest.raises(TicketError, match="words"):
            call_backs.add(tx, ticket.id, lin, outcome=CallOutcome.SETTLED, text=" ", now=office.clock())
        with pytest.raises(TicketError, match="future"):
            call_backs.add(
                tx,
                ticket.id,
                lin,
                outcome=CallOutcome.SETTLED,
                text="好了",
                called_at=later,
                now=office.clock(),
            )
    with office.database.reading() as tx:
        assert call_backs.is_missing(tx, office.ticket())


def test_a_complaint_reopens_the_ticket_under_the_rectify_clock(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "不知道。", seen_seq=SEEN)
    close(office, lin)

    office.say("非常不满意")

    assert (office.ticket().status, clock(office)) == (TicketStatus.OPEN, ClockName.RECTIFY)
    office.do(handling.claim, office.ticket(), lin)
    assert clock(office) is ClockName.RECTIFY
    called(office, lin)
    assert office.events(office.ticket())[-2:] == ["claimed", "called_back"]
    close(office, lin)
    assert clock(office) is None


def test_a_complaint_before_the_close_takes_the_ticket_up_again(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "不知道。", seen_seq=SEEN)
    office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)

    office.say(f"rate:1:{office.ticket().number}")

    assert (office.ticket().status, office.ticket().assignee_id) == (TicketStatus.CLAIMED, lin.id)
    assert clock(office) is ClockName.RECTIFY


def test_answering_an_open_ticket_claims_it(office: Office):
    lin = office.hire("lin")
    office.say("转人工")

    post = office.do(handling.answer, office.ticket(), lin, "您好，我在看。", seen_seq=SEEN)

    assert (office.ticket().status, office.ticket().assignee_id) == (TicketStatus.CLAIMED, lin.id)
    assert (post.author, post.status, post.payload) == (
        Author.STAFF,
        Delivery.QUEUED,
        {"staff": lin.id, "desk": "services"},
    )
    assert clock(office) is ClockName.CLOSE


def test_a_late_answer_is_caught_with_name_and_minutes(office: Office):
    lin, zhou = office.hire("lin"), office.hire("zhou")
    office.say("转人工")
    read = office.chat()[-1].seq
    office.do(handling.answer, office.ticket(), lin, "先带合同来。", seen_seq=read)
    office.clock.forward(2 * MINUTE + timedelta(seconds=30))

    with pytest.raises(LateAnswer) as late:
        office.do(handling.answer, office.ticket(), zhou, "不用带合同。", seen_seq=read)
    assert (late.value.name, late.value.minutes) == ("lin", 2)
    assert [post.text for post in office.chat() if post.author is Author.STAFF] == ["先带合同来。"]


def test_ones_own_earlier_answer_is_no_obstacle(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    read = office.chat()[-1].seq
    office.do(handling.answer, office.ticket(), lin, "第一点", seen_seq=read)
    office.do(handling.answer, office.ticket(), lin, "第二点", seen_seq=read)

    assert [post.text for post in office.chat() if post.author is Author.STAFF] == ["第一点", "第二点"]


def test_an_answer_sent_twice_is_stored_once(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    posts = [
        office.do(handling.answer, office.ticket(), lin, "一次", seen_seq=SEEN, client_id="f1")
        for _ in range(3)
    ]

    assert len({post.id for post in posts}) == 1
    assert office.events(office.ticket()).count("answered") == 1


def test_a_page_that_is_too_old_may_not_close_over_the_citizens_words(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好。", seen_seq=SEEN)
    shown = office.ticket().version
    office.say("等一下，还有一件事")

    with pytest.raises(TicketConflict, match="changed since"):
        office.do(
            handling.close,
            office.ticket(),
            lin,
            CloseReason.SOLVED,
            wording=office.engine.wording,
            version=shown,
        )
    assert office.ticket().status is TicketStatus.CLAIMED


def test_a_transfer_takes_its_note_along_and_starts_the_accept_clock(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    office.do(handling.transfer, office.ticket(), Queue.FRAUD, lin, note="可能是诈骗")

    with office.database.reading() as tx:
        assert [note.text for note in notes.listing(tx, office.ticket().id)] == ["可能是诈骗"]
    assert (office.ticket().queue, office.ticket().status) == (Queue.FRAUD, TicketStatus.OPEN)
    assert office.events(office.ticket())[-2:] == ["noted", "transferred"]


def test_a_note_never_becomes_a_message(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    with office.database.transaction() as tx:
        handling.note(tx, office.ticket().id, lin, "此人多次来电，注意态度", now=office.clock())

    with office.database.reading() as tx:
        assert all("注意态度" not in text for text in tx.execute(select(messages.c.text)).scalars())
        assert all(
            "注意态度" not in str(payload) for payload in tx.execute(select(messages.c.payload)).scalars()
        )
        assert "注意态度" not in str(audit.listing(tx))


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_is_no_answer_and_no_note(office: Office, text: str):
    lin = office.hire("lin")
    office.say("转人工")

    with pytest.raises(TicketError, match="needs words"):
        office.do(handling.answer, office.ticket(), lin, text, seen_seq=SEEN)
    with pytest.raises(TicketError, match="needs words"), office.database.transaction() as tx:
        handling.note(tx, office.ticket().id, lin, text, now=office.clock())


def test_an_auditor_changes_nothing(office: Office):
    auditor, lin = office.hire("watcher", role=Role.AUDITOR), office.hire("lin")
    office.say("转人工")
    ticket = office.ticket()
    moves: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
        (handling.claim, (), {}),
        (handling.release, (), {}),
        (handling.reassign, (lin,), {}),
        (handling.transfer, (Queue.FRAUD,), {"note": ""}),
        (handling.mark_urgent, (), {}),
        (handling.answer, ("好",), {"seen_seq": SEEN}),
        (handling.resolve, (), {"wording": office.engine.wording}),
        (handling.close, (CloseReason.SPAM,), {"wording": office.engine.wording}),
        (handling.reopen, (), {}),
    ]
    for move, arguments, more in moves:
        before, after = (arguments[:-1], ()) if move is handling.answer else (arguments, ())
        placed = (
            (auditor, *arguments) if move in (handling.answer, handling.close) else (*before, auditor, *after)
        )
        with pytest.raises(TicketError, match="may read tickets"):
            office.do(move, ticket, *placed, **more)
    with pytest.raises(TicketError, match="may read tickets"), office.database.transaction() as tx:
        handling.note(tx, ticket.id, auditor, "x", now=office.clock())
    with pytest.raises(TicketError, match="may read tickets"), office.database.transaction() as tx:
        handling.take_over(
            tx, office.desk, ticket.conversation_id, auditor, to=Queue.LEGAL, reason="x", now=office.clock()
        )
    with pytest.raises(TicketError, match="cannot take tickets"):
        office.do(handling.reassign, ticket, auditor, lin)
    assert office.ticket() == ticket


def test_staff_can_take_over_a_chat_that_nobody_asked_a_person_for(office: Office):
    lin = office.hire("lin")
    office.say("老板拖欠工资")
    with office.database.transaction() as tx:
        taken = handling.take_over(
            tx,
            office.desk,
            office.conversation().id,
            lin,
            to=Queue.LEGAL,
            reason="看起来需要帮助",
            now=office.clock(),
        )

    assert (taken.status, taken.assignee_id, taken.queue) == (TicketStatus.CLAIMED, lin.id, Queue.LEGAL)
    assert office.say("老板拖欠工资").replies == ()


def test_staff_can_reopen_long_after_but_not_beside_a_live_ticket(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    close(office, lin)
    closed = office.ticket()
    office.clock.forward(timedelta(days=300))
    office.do(handling.reopen, closed, lin, note="上级要求复查")
    assert office.ticket().status is TicketStatus.OPEN
    close(office, lin)
    office.clock.forward(timedelta(days=300))
    office.say("转人工")

    with pytest.raises(TicketError, match="is live"):
        office.do(handling.reopen, closed, lin)


def test_urgent_from_now_on(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.mark_urgent, office.ticket(), lin)

    assert office.ticket().priority is Priority.URGENT
    with office.database.reading() as tx:
        due = clocks.of_ticket(tx, office.ticket().id).due
    assert due is not None
    assert due.at == office.clock() + 2 * MINUTE


def test_danger_while_a_ticket_waits_puts_it_back_to_work_as_urgent(office: Office):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "您被骗了多少？", seen_seq=SEEN, ask=True)

    office.say("我刚刚把五万块转给骗子了")

    assert (office.ticket().status, office.ticket().priority) == (TicketStatus.CLAIMED, Priority.URGENT)
    assert office.ticket().asked_at == office.clock()


def test_the_clocks_are_shown_by_the_status_that_each_move_really_led_to(office: Office):
    """A complaint puts a closed ticket back to work; a second answer to one that waits leaves it waiting."""
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.claim, office.ticket(), lin)
    office.do(handling.answer, office.ticket(), lin, "您有合同吗？", seen_seq=99, ask=True)
    office.do(handling.answer, office.ticket(), lin, "照片也可以。", seen_seq=99)
    office.say("有的")
    office.do(handling.answer, office.ticket(), lin, "已办好。", seen_seq=99)
    office.do(handling.close, office.ticket(), lin, CloseReason.SOLVED, wording=office.engine.wording)
    office.say(f"rate:1:{office.ticket().number}")

    with office.database.reading() as tx:
        changes = status_changes(queue.history(tx, office.ticket().id))

    assert [status for _, status in changes][:4] == [
        TicketStatus.OPEN,
        TicketStatus.CLAIMED,
        TicketStatus.WAITING,
        TicketStatus.CLAIMED,
    ]
    assert TicketStatus.CLOSED in [status for _, status in changes]
    assert changes[-1][1] is office.ticket().status
    assert office.ticket().is_live
