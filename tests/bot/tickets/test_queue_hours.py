"""Hours of single queues, and queues that never close, as config.yaml says them: promises, clocks, breaches."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_desk
from bot.conversation import handling
from bot.errors import ConfigError
from bot.tickets import clocks
from bot.tickets.sla import ClockName, dues
from bot.upkeep import Upkeep, keeping
from knowledge.entries import Queue
from tests.bot.tickets.test_office_hours import local
from tests.bot.tickets.world import Office, open_office
from tests.world import shipped_config

MINUTE = timedelta(minutes=1)
EVENING = {"monday": ["18:00-21:00"], "tuesday": ["18:00-21:00"], "saturday": ["09:00-12:00"]}
HOURS = {"fraud": "always", "mediation": EVENING}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk whose fraud queue never closes and whose mediators come in the evening."""
    with open_office(tmp_path, desk={"queue_hours": HOURS}) as office:
        yield office


def at(office: Office, moment: str) -> None:
    office.clock.now = local(moment).astimezone(UTC)


def in_queue(office: Office, to: Queue) -> None:
    """A normal ticket that came into `to` now."""
    lin = office.hire("lin")
    office.say("转人工")
    office.do(handling.transfer, office.ticket(), to, lin, note="")


def ends(office: Office) -> dict[ClockName, str]:
    """When the clocks of the ticket end, in the district."""
    ticket, rules = office.ticket(), office.desk
    running = dues(ticket, rules.policy, rules.hours[ticket.queue])
    return {due.clock: f"{due.at.astimezone(rules.zone):%m-%d %H:%M}" for due in running}


def test_each_queue_has_the_hours_that_the_configuration_gives_it(office: Office):
    opens = {
        queue: {
            moment
            for moment in ("11-24 03:00", "11-24 10:00", "11-24 19:00", "11-28 10:00", "10-01 10:00")
            if office.desk.hours[queue].is_open(local(f"2026-{moment}"))
        }
        for queue in (Queue.FRAUD, Queue.MEDIATION, Queue.LEGAL)
    }

    assert opens == {
        Queue.FRAUD: {"11-24 03:00", "11-24 10:00", "11-24 19:00", "11-28 10:00", "10-01 10:00"},
        Queue.MEDIATION: {
            "11-24 19:00",
            "11-28 10:00",
        },  # closed on National Day, which is a Thursday besides
        Queue.LEGAL: {"11-24 10:00"},
    }


@pytest.mark.parametrize(
    ("to", "accept", "first"),
    [
        (Queue.FRAUD, "11-24 22:30", "11-24 23:00"),  # at once
        (Queue.MEDIATION, "11-28 09:30", "11-28 10:00"),  # on Saturday: Monday and Tuesday are over
        (Queue.LEGAL, "11-25 09:30", "11-25 10:00"),  # tomorrow morning
    ],
)
def test_a_normal_ticket_of_the_evening_is_promised_by_the_hours_of_its_queue(
    office: Office, to: Queue, accept: str, first: str
):
    at(office, "2026-11-24 22:00")
    in_queue(office, to)

    assert ends(office) == {ClockName.ACCEPT: accept, ClockName.FIRST: first}


@pytest.mark.parametrize(
    ("to", "is_open", "opening"),
    [
        (Queue.FRAUD, True, "11-24 22:00"),
        (Queue.MEDIATION, False, "11-28 09:00"),
        (Queue.LEGAL, False, "11-25 09:00"),
    ],
)
def test_the_receipt_names_the_opening_of_the_queue(office: Office, to: Queue, is_open: bool, opening: str):
    at(office, "2026-11-24 22:00")
    in_queue(office, to)
    with office.database.reading() as tx:
        receipt = office.desk.receipt(tx, office.ticket(), now=office.clock())

    zone = office.desk.zone
    assert (receipt.is_open, f"{receipt.next_opening.astimezone(zone):%m-%d %H:%M}") == (is_open, opening)
    told = office.say("查询").replies[-1].text
    assert ("前面还有 0 位" in told) is is_open


@pytest.mark.parametrize(("to", "runs_out"), [(Queue.FRAUD, True), (Queue.LEGAL, False)])
def test_at_night_only_the_clock_of_a_queue_that_never_closes_runs_out(
    office: Office, to: Queue, runs_out: bool
):
    at(office, "2026-11-24 22:00")
    in_queue(office, to)
    office.clock.forward(31 * MINUTE)
    upkeep = Upkeep(
        database=office.database,
        desk=office.desk,
        wording=office.engine.wording,
        close_resolved_after=timedelta(days=3),
        keep=keeping(office.config.privacy),
        clock=office.clock,
    )
    upkeep.check_clocks()

    with office.database.reading() as tx:
        assert (clocks.of_ticket(tx, office.ticket().id).breached_at is not None) is runs_out


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ({"frauds": "always"}, "desk.queue_hours"),
        ({"fraud": "sometimes"}, "desk.queue_hours.fraud"),
        ({"fraud": {}}, "desk.queue_hours.fraud"),
        ({"fraud": {"monday": ["12:00-09:00"]}}, "desk.queue_hours.fraud"),
    ],
)
def test_hours_that_cannot_be_meant_stop_the_start(tmp_path: Path, hours: dict[str, Any], says: str):
    with pytest.raises(ConfigError, match=says):
        open_desk(shipped_config(tmp_path, desk={"queue_hours": hours}))
