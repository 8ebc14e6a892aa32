"""Who is on duty when, as config.yaml says, and what it does to who gets a ticket."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_desk
from bot.conversation import handling
from bot.doctor import Finding, examine
from bot.errors import ConfigError
from bot.tickets import audit, staff
from bot.tickets.model import TicketStatus
from bot.tickets.people import Staff
from bot.tickets.roster import Change, Roster
from bot.upkeep import Upkeep, keeping
from knowledge.entries import Queue
from tests.bot.tickets.test_office_hours import local
from tests.bot.tickets.world import Office, open_office
from tests.world import ROOT, shipped_config

HOUR = timedelta(hours=1)
DAY_SHIFT = {
    "staff": ["lin"],
    "hours": {"tuesday": ["09:00-12:00", "13:30-17:00"], "wednesday": ["09:00-12:00"]},
}
NIGHTS = {
    "staff": [" Zhou"],
    "queues": ["fraud"],
    "hours": {"tuesday": ["20:00-24:00"], "wednesday": ["00:00-08:00"], "thursday": ["00:00-24:00"]},
    "holidays": True,
}


def roster(tmp_path: Path, *shifts: dict[str, Any]) -> Roster:
    return open_desk(shipped_config(tmp_path, desk={"roster": list(shifts)})).roster


@pytest.mark.parametrize(
    ("at", "change"),
    [
        ("2026-11-24 08:59", None),  # a Tuesday; the Wednesday before is nearer than two weeks
        ("2026-11-24 09:00", Change(at=local("2026-11-24 09:00"), on=True)),
        ("2026-11-24 11:59", Change(at=local("2026-11-24 09:00"), on=True)),
        ("2026-11-24 12:00", Change(at=local("2026-11-24 12:00"), on=False)),
        ("2026-11-24 15:00", Change(at=local("2026-11-24 13:30"), on=True)),
        ("2026-11-25 03:00", Change(at=local("2026-11-24 17:00"), on=False)),
        ("2026-11-29 15:00", Change(at=local("2026-11-25 12:00"), on=False)),
    ],
)
def test_a_shift_begins_and_ends_at_its_hours(tmp_path: Path, at: str, change: Change | None):
    found = roster(tmp_path, DAY_SHIFT)

    if change is None:
        change = Change(at=local("2026-11-18 12:00"), on=False)
    assert found.last_change("lin", now=local(at)) == change
    assert found.last_change("zhou", now=local(at)) is None


def test_a_night_is_one_shift_though_the_calendar_cuts_it(tmp_path: Path):
    found = roster(tmp_path, NIGHTS)

    begun = Change(at=local("2026-11-24 20:00"), on=True)
    assert found.last_change("zhou", now=local("2026-11-25 00:00")) == begun
    assert found.last_change("zhou", now=local("2026-11-25 07:59")) == begun
    assert found.last_change("zhou", now=local("2026-11-25 08:00")) == Change(
        at=local("2026-11-25 08:00"), on=False
    )
    assert found.today("zhou", now=local("2026-11-26 10:00")) == (
        (local("2026-11-26 00:00"), local("2026-11-27 00:00")),
    )


def test_public_holidays_are_off_unless_the_shift_says_otherwise(tmp_path: Path):
    thursday = local("2026-10-01 10:00")  # National Day
    week = {"thursday": ["09:00-17:00"]}
    plain = roster(tmp_path, {"staff": ["lin"], "hours": week})
    always = roster(tmp_path, {"staff": ["lin"], "hours": week, "holidays": True})

    assert plain.last_change("lin", now=thursday) == Change(at=local("2026-09-24 17:00"), on=False)
    assert always.last_change("lin", now=thursday) == Change(at=local("2026-10-01 09:00"), on=True)


def test_a_shift_without_hours_has_the_desks(tmp_path: Path):
    found = roster(tmp_path, {"staff": ["lin"]})

    at_lunch = local("2026-11-24 12:30")
    assert found.last_change("lin", now=at_lunch) == Change(at=local("2026-11-24 12:00"), on=False)


@pytest.mark.parametrize(
    ("shift", "says"),
    [
        ({"staff": []}, "desk.roster.0.staff"),
        ({"staff": ["lin"], "hours": {}}, "desk.roster"),
        ({"staff": ["lin"], "queues": ["frauds"]}, "desk.roster.0.queues"),
        ({"staff": ["lin"], "hours": {"monday": ["9-5"]}}, "desk.roster.0.hours.monday"),
        ({"staff": ["lin"], "day": "monday"}, "desk.roster.0.day"),
    ],
)
def test_a_roster_that_cannot_be_meant_stops_the_start(tmp_path: Path, shift: dict[str, Any], says: str):
    with pytest.raises(ConfigError, match=says):
        roster(tmp_path, shift)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with a roster, that assigns by itself; it is Tuesday, ten o'clock."""
    evening = {"staff": ["wu"], "hours": {"tuesday": ["11:00-18:00"]}}
    with open_office(tmp_path, desk={"auto_assign": True, "roster": [DAY_SHIFT, NIGHTS, evening]}) as office:
        assert office.clock() == local("2026-11-24 10:00")
        yield office


@pytest.fixture
def upkeep(office: Office) -> Upkeep:
    """The sweeps of the desk."""
    return Upkeep(
        database=office.database,
        desk=office.desk,
        wording=office.engine.wording,
        close_resolved_after=timedelta(days=3),
        keep=keeping(office.config.privacy),
        clock=office.clock,
    )


def at(office: Office, moment: datetime, *here: Staff) -> None:
    """It is `moment`, and these people have the console open."""
    office.clock.forward(moment - office.clock())
    with office.database.transaction() as tx:
        for person in here:
            staff.seen(tx, person.id, now=office.clock())


def on_duty(office: Office) -> set[str]:
    with office.database.reading() as tx:
        return {person.username for person in staff.listing(tx) if person.on_duty}


def test_the_roster_switches_people_on_and_off_and_that_is_on_record(office: Office, upkeep: Upkeep):
    for name in ("lin", "zhou", "chen"):
        office.hire(name, on_duty=False)
    office.clock.forward(23 * HOUR)  # Wednesday, nine
    seen = []
    for _ in range(2):
        seen.append((upkeep.keep_roster(), on_duty(office)))
    office.clock.forward(3 * HOUR)
    seen.append((upkeep.keep_roster(), on_duty(office)))

    assert seen == [(2, {"lin"}), (0, {"lin"}), (1, set())]  # Zhou's night was over: off, as she was
    with office.database.reading() as tx:
        [last, *_] = audit.listing(tx, action="staff.duty")
    assert (last.actor, last.target, last.detail) == ("clock", "staff:lin", {"on": False})


def test_between_the_ends_of_a_shift_people_switch_as_before(office: Office, upkeep: Upkeep):
    lin = office.hire("lin", on_duty=False)
    chen = office.hire("chen")  # in no shift
    upkeep.keep_roster()
    assert on_duty(office) == {"chen"}  # Lin was switched off after nine: she is ill
    at(office, local("2026-11-24 13:30"), lin, chen)
    upkeep.keep_roster()
    assert on_duty(office) == {"lin", "chen"}
    with office.database.transaction() as tx:
        office.desk.set_duty(tx, lin.id, on_duty=False, now=office.clock())
    at(office, local("2026-11-24 15:00"))
    upkeep.keep_roster()

    assert on_duty(office) == {"chen"}


def test_who_comes_on_duty_by_the_roster_gets_what_stands_in_line(office: Office, upkeep: Upkeep):
    lin = office.hire("lin", on_duty=False)
    office.say("转人工")
    at(office, local("2026-11-24 13:30"), lin)
    upkeep.often()

    assert office.ticket().assignee_id == lin.id


def test_at_the_end_of_a_shift_work_goes_to_a_colleague_or_stays(office: Office, upkeep: Upkeep):
    lin, wu = office.hire("lin", max_tickets=9), office.hire("wu", on_duty=False)
    for who in "ab":
        office.say("转人工", who=who)
    office.do(handling.answer, office.ticket("b"), lin, "您在哪里上班？", seen_seq=99, ask=True)
    at(office, local("2026-11-24 12:00"), lin, wu)
    upkeep.keep_roster()
    assert on_duty(office) == {"wu"}
    assert office.ticket("a").assignee_id == wu.id
    assert office.ticket("b").assignee_id == lin.id  # it waits for the citizen

    at(office, local("2026-11-24 18:00"), lin, wu)
    upkeep.keep_roster()
    assert on_duty(office) == set()
    assert (office.ticket("a").status, office.ticket("a").assignee_id) == (TicketStatus.CLAIMED, wu.id)


def test_a_shift_for_some_queues_takes_only_these(office: Office, upkeep: Upkeep):
    zhou = office.hire("zhou", on_duty=False)  # works on everything; her nights are for fraud
    at(office, local("2026-11-24 21:00"), zhou)
    upkeep.keep_roster()
    office.say("转人工", who="a")
    office.say("我刚刚把三万块转给骗子了", who="b")

    assert office.ticket("a").queue is not Queue.FRAUD
    assert (office.ticket("a").assignee_id, office.ticket("b").assignee_id) == (None, zhou.id)


def test_somebody_on_duty_by_the_roster_who_is_not_there_gets_nothing(office: Office, upkeep: Upkeep):
    lin = office.hire("lin", on_duty=False)
    at(office, local("2026-11-24 13:30"))
    upkeep.keep_roster()
    office.say("转人工")

    assert on_duty(office) == {lin.username}
    assert office.ticket().status is TicketStatus.OPEN


def test_the_doctor_names_who_is_in_the_roster_and_has_no_account(tmp_path: Path):
    import yaml

    values = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    values["storage"]["folder"] = str(tmp_path / "data")
    values["desk"]["roster"] = [DAY_SHIFT]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")

    found: list[Finding] = []
    for finding in examine(tmp_path / "config.yaml"):
        found.append(finding)
        if finding.name == "duty roster":
            break
    assert not found[-1].passed
    assert "nobody who works at the desk is called lin" in found[-1].says
