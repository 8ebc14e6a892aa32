"""The sweeps: clocks that run out, tickets that close by themselves, retention."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.background import Background
from bot.conversation import handling
from bot.conversation.files import FileKind, Upload
from bot.conversation.model import Address, Author, Message
from bot.storage import search
from bot.storage.desk_tables import attachment_contents, attachments, ticket_events, tickets
from bot.storage.tables import conversations, failures, messages
from bot.tickets import audit, clocks, staff
from bot.tickets.model import TicketStatus
from bot.upkeep import Category, Upkeep, count_expired, delete_expired, keeping
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import until

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office


@pytest.fixture
def told() -> list[Address]:
    """Whose chats got a message."""
    return []


@pytest.fixture
def upkeep(office: Office, told: list[Address]) -> Upkeep:
    """The sweeps of the desk."""
    return Upkeep(
        database=office.database,
        desk=office.desk,
        wording=office.engine.wording,
        close_resolved_after=3 * DAY,
        keep=keeping(office.config.privacy),
        clock=office.clock,
        told=told.append,
    )


def flagged(office: Office) -> bool:
    """Whether the supervisor's flag is up on the newest ticket."""
    with office.database.reading() as tx:
        return clocks.of_ticket(tx, office.ticket().id).breached_at is not None


def test_a_clock_is_warned_of_once_and_breached_once(office: Office, upkeep: Upkeep):
    office.say("转人工")
    seen = []
    for _ in range(70):
        office.clock.forward(MINUTE)
        upkeep.check_clocks()
        upkeep.check_clocks()
        seen.append((office.events(office.ticket())[1:], flagged(office)))

    assert seen[22] == ([], False)
    assert seen[23] == (["warned"], False)  # 24 of 30 minutes
    assert seen[28] == (["warned"], False)
    assert seen[29] == (["warned", "breached"], True)
    assert seen[59] == (["warned", "breached", "breached"], True)  # the first answer was due too
    assert seen[69] == seen[59]


def test_the_flag_comes_down_when_something_is_done_about_it(office: Office, upkeep: Upkeep):
    lin = office.hire("lin")
    office.say("转人工")
    office.clock.forward(70 * MINUTE)
    upkeep.check_clocks()
    assert flagged(office)

    office.do(handling.claim, office.ticket(), lin)
    assert flagged(office)  # still nobody answered
    office.do(handling.answer, office.ticket(), lin, "您好", seen_seq=99)
    assert not flagged(office)


def test_a_citizen_who_writes_again_is_no_reason_to_warn_again(office: Office, upkeep: Upkeep):
    office.say("转人工")
    office.clock.forward(31 * MINUTE)
    upkeep.check_clocks()
    office.say("还在吗")
    upkeep.check_clocks()

    assert flagged(office)
    assert office.events(office.ticket()).count("breached") == 1


def test_the_next_clock_is_told_of_anew(office: Office, upkeep: Upkeep):
    lin = office.hire("lin")
    office.say("转人工")
    office.clock.forward(31 * MINUTE)
    upkeep.check_clocks()
    office.do(handling.answer, office.ticket(), lin, "您好", seen_seq=99)
    office.say("还有个问题")
    office.clock.forward(5 * 60 * MINUTE)
    upkeep.check_clocks()

    assert flagged(office)
    assert office.events(office.ticket())[-1] == "breached"


def test_nothing_runs_out_while_we_wait_for_the_citizen(office: Office, upkeep: Upkeep):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "您有合同吗？", seen_seq=99, ask=True)
    office.clock.forward(30 * DAY)

    assert upkeep.check_clocks() == 0


def test_a_resolved_ticket_closes_by_itself_and_asks_for_a_rating(
    office: Office, upkeep: Upkeep, told: list[Address]
):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好", seen_seq=99)
    office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)
    office.clock.forward(3 * DAY)
    assert upkeep.close_resolved() == 0
    office.clock.forward(timedelta(seconds=1))

    assert (upkeep.close_resolved(), upkeep.close_resolved()) == (1, 0)
    assert office.ticket().status is TicketStatus.CLOSED
    assert office.chat()[-1].author is Author.SYSTEM
    offered = [choice["value"].partition(":")[0] for choice in office.chat()[-1].payload["choices"]]
    assert offered == ["rate"] * 5 + ["reopen"]
    assert told == [Address(channel="test", user="citizen")]


def test_a_citizen_who_writes_keeps_it_open(office: Office, upkeep: Upkeep):
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "已办好", seen_seq=99)
    office.do(handling.resolve, office.ticket(), lin, wording=office.engine.wording)
    office.clock.forward(2 * DAY)
    office.say("还没有办好")
    office.clock.forward(2 * DAY)

    assert upkeep.close_resolved() == 0


def test_retention_counts_first_and_deletes_by_category(office: Office):
    keep = keeping(office.config.privacy)
    office.say("老板拖欠工资", who="bot only")
    office.say("转人工", who="live")
    office.say("转人工", who="done")
    office.search.broken = True
    office.say("房东不退押金怎么办", who="broken")
    office.search.broken = False
    lin = office.hire("lin")
    office.do(handling.claim, office.ticket("done"), lin)
    for who in ("done", "broken"):
        office.say("取消工单", who=who)

    def counted() -> dict[str, int]:
        with office.database.reading() as tx:
            found = count_expired(tx, keep, now=office.clock())
        return {category.value: count for category, count in found.items()}

    assert counted() == {"conversations": 0, "tickets": 0, "failures": 0, "audit": 0}
    office.clock.forward(181 * DAY)
    assert counted() == {"conversations": 1, "tickets": 0, "failures": 1, "audit": 0}
    office.clock.forward(1000 * DAY)
    expected = {"conversations": 1, "tickets": 2, "failures": 1, "audit": 1}
    assert counted() == expected

    gone = delete_expired(office.database, keep, zone=office.desk.zone, actor="cli", now=office.clock())

    assert {category.value: count for category, count in gone.items()} == expected
    assert counted() == dict.fromkeys(expected, 0)
    with office.database.reading() as tx:
        left = [
            tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (conversations, tickets, failures)
        ]
        assert left == [1, 1, 0]  # the live one stays, however old
        for column, ids in (
            (ticket_events.c.ticket_id, tickets.c.id),
            (messages.c.conversation_id, conversations.c.id),
        ):
            assert tx.execute(select(func.count()).where(column.not_in(select(ids)))).scalar_one() == 0
        assert search.find(tx, "工资", limit=9) == ()
        assert [entry.action for entry in audit.listing(tx)] == ["data.purged"]
        assert audit.listing(tx)[0].detail == expected


def test_retention_keeps_each_category_its_own_time(office: Office):
    keep = {**keeping(office.config.privacy), Category.FAILURES: 2000 * DAY}
    office.search.broken = True
    office.say("房东不退押金怎么办")
    office.clock.forward(1500 * DAY)

    assert (
        delete_expired(office.database, keep, zone=office.desk.zone, actor="cli", now=office.clock())[
            Category.FAILURES
        ]
        == 0
    )


def test_what_serves_keeps_house_by_itself_and_stops_when_told(office: Office, upkeep: Upkeep):
    office.say("转人工")
    office.clock.forward(31 * MINUTE)
    with Background(upkeep=upkeep):
        until(lambda: flagged(office))


def test_a_sweep_that_fails_is_not_the_end_of_sweeping(office: Office, upkeep: Upkeep, monkeypatch):
    calls = []

    def broken() -> None:
        calls.append(1)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("bot.background.OFTEN_S", 0.01)
    sweeps = Broken(upkeep, broken)
    with Background(upkeep=sweeps):
        until(lambda: len(calls) > 2)


class Broken:
    """Sweeps of which one fails."""

    def __init__(self, upkeep: Upkeep, often) -> None:
        self.often, self.sometimes, self.rarely = often, upkeep.sometimes, upkeep.rarely


def test_sessions_that_ended_are_swept(office: Office, upkeep: Upkeep):
    office.hire("lin")
    staff.sign_in(office.database, "lin", "三只猫坐在河边看小船", origin="here", now=office.clock())
    office.clock.forward(DAY)
    upkeep.sometimes()

    with office.database.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM staff_sessions").scalar_one() == 0


def test_files_go_with_their_chat(office: Office):
    upload = Upload(name="合同.pdf", kind=FileKind.PDF, content=b"%PDF-1.4 %%EOF")
    for who in ("old", "live"):
        sender = Address(channel="test", user=who)
        office.engine.handle(Message(sender=sender, text="", external_id="f", files=(upload,)))
    office.say("转人工", who="live")
    office.clock.forward(181 * DAY)
    delete_expired(
        office.database,
        keeping(office.config.privacy),
        zone=office.desk.zone,
        actor="cli",
        now=office.clock(),
    )

    with office.database.reading() as tx:
        left = [
            tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (attachments, attachment_contents)
        ]
    assert left == [1, 1]
