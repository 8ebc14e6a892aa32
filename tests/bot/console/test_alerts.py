"""What goes wrong at the desk stands in front of those who answer for it until they say that they know."""

import threading
from datetime import timedelta

import httpx
import pytest

from bot.tickets import alerts, audit, queue
from bot.tickets.alerts import Alert
from bot.upkeep import Upkeep, keeping
from knowledge.entries import Queue
from tests.bot.console.world import Desk
from tests.bot.world import until

MINUTE = timedelta(minutes=1)
SCAMMED = "我刚刚被骗转了三万块钱"


@pytest.fixture
def upkeep(desk: Desk) -> Upkeep:
    """The sweeps of the same desk."""
    return Upkeep(
        database=desk.database,
        desk=desk.console.desk,
        wording=desk.engine.wording,
        close_resolved_after=timedelta(days=3),
        keep=keeping(desk.config.privacy),
        clock=desk.clock,
    )


def urgent_ticket(desk: Desk) -> str:
    desk.say(desk.citizen(), SCAMMED)
    return desk.newest().number


def unknown_to(desk: Desk, username: str) -> tuple[Alert, ...]:
    with desk.database.reading() as tx:
        return alerts.listing(tx, desk.people[username], seen=False, limit=100)


def banner(browser: httpx.Client, path: str = "/staff") -> str:
    page = browser.get(path).text
    if 'id="alerts"' not in page:
        return "none"
    return page[page.index('id="alerts"') :].split("</div>")[0]


def test_a_clock_that_ends_soon_is_shown_as_the_policy_says(desk: Desk, upkeep: Upkeep) -> None:
    number = urgent_ticket(desk)
    lead = desk.staff("lead")
    seen = []
    for _ in range(2):
        desk.clock.ahead += timedelta(seconds=50)  # the second time more than 0.8 of two minutes have gone
        upkeep.check_clocks()
        seen.append(["快到时限" in lead.get(path).text for path in ("/staff", f"/staff/tickets/{number}")])

    assert seen == [[False, False], [True, True]]
    assert number not in lead.get("/staff?show=overdue").text


def test_a_clock_that_ran_out_is_told_to_supervisors_at_once_on_every_page(
    desk: Desk, upkeep: Upkeep
) -> None:
    number = urgent_ticket(desk)
    lead, boss, agent, auditor = (desk.staff(name) for name in ("lead", "boss", "fraud", "audit"))
    heard: list[str] = []

    def listen() -> None:
        with lead.stream("GET", "/staff/events") as stream:
            for line in stream.iter_lines():
                heard.append(line)
                if line == "event: alerts":
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    until(lambda: any(number in line for line in heard))
    desk.clock.ahead += 3 * MINUTE
    upkeep.check_clocks()
    upkeep.check_clocks()

    until(lambda: "event: alerts" in heard)
    for browser in (lead, boss):
        assert "1 条提醒待知悉" in banner(browser)
        assert "1 条提醒待知悉" in banner(browser, "/staff/account")
        assert "1 条提醒待知悉" in banner(browser, f"/staff/tickets/{number}")
    assert "条提醒" not in banner(agent)
    assert banner(auditor) == "none"
    for browser in (lead, agent):
        page = browser.get("/staff?show=overdue").text
        assert number in page
        assert "受理：已超时" in page


def test_an_alert_stays_until_somebody_who_leads_knows_and_that_is_on_record(
    desk: Desk, upkeep: Upkeep
) -> None:
    number = urgent_ticket(desk)
    lead, boss, agent = desk.staff("lead"), desk.staff("boss"), desk.staff("fraud")
    desk.clock.ahead += 3 * MINUTE
    upkeep.check_clocks()
    agent.post(f"/staff/tickets/{number}/claim")
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "请先报警。", "seen": 99})
    agent.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})
    [alert] = unknown_to(desk, "boss")

    assert "受理超时" in boss.get("/staff/alerts").text  # though it is over: it did happen
    agent.post("/staff/alerts", data={"id": alert.id})  # not theirs to wave away
    assert unknown_to(desk, "lead") == (alert,)
    assert lead.post("/staff/alerts", data={"id": alert.id}).status_code == 303
    assert unknown_to(desk, "boss") == ()
    assert "王主管" in boss.get("/staff/alerts").text
    with desk.database.reading() as tx:
        [known] = [each for each in queue.history(tx, alert.ticket_id) if each.kind == "acknowledged"]
        [entry] = audit.listing(tx, action="ticket.acknowledged")
    lead_id = desk.people["lead"].id
    assert (known.actor, known.detail["clock"]) == (f"staff:{lead_id}", "accept")
    assert (entry.actor, entry.target) == (f"staff:{lead_id}", f"ticket:{number}")
    boss.post("/staff/alerts", data={"id": alert.id})  # known already: nothing more to record
    with desk.database.reading() as tx:
        assert len(audit.listing(tx, action="ticket.acknowledged")) == 1


def test_only_what_was_on_the_page_is_acknowledged(desk: Desk, upkeep: Upkeep) -> None:
    urgent_ticket(desk)
    lead = desk.staff("lead")
    desk.clock.ahead += 3 * MINUTE
    upkeep.check_clocks()
    shown = [alert.id for alert in unknown_to(desk, "lead")]
    desk.clock.ahead += 3 * MINUTE
    upkeep.check_clocks()  # now the first answer is late too

    lead.post("/staff/alerts", data={"id": shown})
    assert [alert.detail["clock"] for alert in unknown_to(desk, "lead")] == ["first"]


def test_what_a_citizen_deletes_takes_its_alerts_along(desk: Desk, upkeep: Upkeep) -> None:
    from sqlalchemy import text

    urgent_ticket(desk)
    desk.clock.ahead += 3 * MINUTE
    upkeep.check_clocks()
    with desk.database.transaction() as tx:
        tx.execute(text("DELETE FROM conversations"))

    assert unknown_to(desk, "lead") == ()
    assert desk.staff("lead").get("/staff/alerts").status_code == 200


def test_who_held_a_ticket_that_a_danger_moved_is_told_and_still_sees_it(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, fraud, lead = desk.staff("agent"), desk.staff("fraud"), desk.staff("lead")
    agent.post(f"/staff/tickets/{number}/claim")
    desk.say(citizen, SCAMMED)

    assert (desk.ticket(number).queue, desk.ticket(number).assignee_id) == (Queue.FRAUD, None)
    assert "1 条提醒待知悉" in banner(agent)
    assert "条提醒" not in banner(lead)
    page = agent.get("/staff/alerts").text
    assert "您经办的工单升为紧急——正在被骗：" in page
    assert "已转到" in page
    for path in ("/staff", f"/staff/tickets/{number}", "/staff/search?q=拖欠"):
        assert number in agent.get(path).text, path
    fraud.post(f"/staff/tickets/{number}/claim")
    assert agent.get(f"/staff/tickets/{number}").status_code == 200
    history = agent.get(f"/staff/tickets/{number}").text
    assert "有险情，升为紧急并转队列" in history
    fraud.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})
    assert agent.get(f"/staff/tickets/{number}").status_code == 404  # over: it is the fraud desk's
    assert "您经办的工单" in agent.get("/staff/alerts").text  # what was told stays told, without the matter
    assert "老板拖欠工资" not in agent.get("/staff/alerts").text


def test_another_agent_does_not_see_what_a_danger_moved(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    desk.say(citizen, SCAMMED)  # nobody held it

    assert desk.staff("agent").get(f"/staff/tickets/{number}").status_code == 404
    assert number not in desk.staff("agent").get("/staff").text
    assert number in desk.staff("fraud").get("/staff?show=urgent").text
