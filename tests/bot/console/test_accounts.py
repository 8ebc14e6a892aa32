"""What is done to accounts, duty and canned replies over HTTP: by whom, with what effect, on record."""

import re

import httpx
import pytest
from sqlalchemy import func, select

from bot.storage.desk_tables import canned_replies
from bot.tickets import audit, staff
from bot.tickets.model import TicketStatus
from bot.tickets.people import Staff
from tests.bot.console.world import PASSWORD, Desk

GIVEN, OWN = "管理员先替你想的口令-1", "只有本人知道的一句话-2"
SCRIPT = {"X-Anwen-Script": "1"}


def account(desk: Desk, username: str = "agent") -> Staff:
    """The account as it is."""
    with desk.database.reading() as tx:
        return staff.get(tx, desk.people[username].id)


def records(desk: Desk, action: str) -> list[tuple[str, str, dict[str, object]]]:
    """Who did it to whom, newest first."""
    names = {f"staff:{person.id}": name for name, person in desk.people.items()}
    with desk.database.reading() as tx:
        return [
            (names[entry.actor], entry.target, dict(entry.detail))
            for entry in audit.listing(tx, action=action)
        ]


def sign_in(desk: Desk, password: str, username: str = "agent") -> tuple[httpx.Client, httpx.Response]:
    browser = desk.browser()
    answer = browser.post("/staff/sign-in", data={"username": username, "password": password})
    return browser, answer


def reset(desk: Desk) -> None:
    answer = desk.staff("boss").post(
        f"/staff/people/{desk.people['agent'].id}/password", data={"password": GIVEN}
    )
    assert answer.status_code == 303


def choose(browser: httpx.Client, *, old: str = GIVEN, new: str = OWN) -> httpx.Response:
    return browser.post("/staff/account/password", data={"old": old, "new": new, "again": new})


# --- passwords that somebody else chose -----------------------------------------------------------------------


def test_a_password_an_admin_set_opens_nothing_but_the_page_to_change_it(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    reset(desk)
    agent, answer = sign_in(desk, GIVEN)
    assert answer.status_code == 303

    for path in (
        "/staff",
        f"/staff/tickets/{number}",
        "/staff/search?q=工资",
        "/staff/events",
        "/staff/canned",
    ):
        answer = agent.get(path)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/staff/account"), path
        assert number not in answer.text
    answer = agent.post(f"/staff/tickets/{number}/claim", headers=SCRIPT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "change_password")
    assert agent.post(f"/staff/tickets/{number}/claim").status_code == 303
    assert desk.ticket(number).status is TicketStatus.OPEN
    page = agent.get("/staff/account")
    assert page.status_code == 200
    assert "这个密码是别人替您设的" in page.text
    assert "/staff/search" not in page.text


def test_once_changed_by_the_person_everything_is_open_again(desk: Desk) -> None:
    reset(desk)
    agent, _ = sign_in(desk, GIVEN)
    elsewhere, _ = sign_in(desk, GIVEN)

    answer = choose(agent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff?said=password")
    assert agent.get("/staff").status_code == 200
    assert elsewhere.get("/staff").headers["location"].startswith("/staff/sign-in")
    assert "这个密码是别人替您设的" not in agent.get("/staff/account").text
    assert sign_in(desk, GIVEN)[1].status_code == 401
    assert sign_in(desk, OWN)[0].get("/staff").status_code == 200
    assert records(desk, "staff.password") == [
        ("agent", "staff:agent", {}),
        ("boss", "staff:agent", {"temporary": True}),
    ]


def test_the_password_somebody_else_chose_cannot_be_kept(desk: Desk) -> None:
    reset(desk)
    agent, _ = sign_in(desk, GIVEN)

    answer = choose(agent, new=GIVEN)
    assert (answer.status_code, "新密码要和现在的不一样" in answer.text) == (400, True)
    wide = GIVEN.replace("1", "１")  # the same to the one who checks it
    assert choose(agent, new=wide).status_code == 400
    assert account(desk).must_change_password


def test_a_new_account_begins_with_a_password_of_its_own(desk: Desk) -> None:
    form = {"username": "lin", "name": "林梅", "role": "agent", "password": GIVEN}
    assert desk.staff("boss").post("/staff/people", data=form).status_code == 303

    lin, _ = sign_in(desk, GIVEN, "lin")
    assert lin.get("/staff").headers["location"] == "/staff/account"
    assert "密码待本人修改" in desk.staff("boss").get("/staff/people").text
    assert choose(lin).headers["location"] == "/staff?said=password"
    assert lin.get("/staff").status_code == 200


def test_a_reset_ends_every_session_and_is_for_admins_alone(desk: Desk) -> None:
    agent = desk.staff("agent")
    path = f"/staff/people/{desk.people['agent'].id}/password"

    for username in ("agent", "lead", "audit"):
        assert desk.staff(username).post(path, data={"password": GIVEN}).status_code == 403
    assert agent.get("/staff").status_code == 200
    weak = desk.staff("boss").post(path, data={"password": "password123"})
    assert (weak.status_code, "太常见" in weak.text) == (400, True)
    assert records(desk, "staff.password") == []
    reset(desk)
    assert agent.get("/staff").headers["location"].startswith("/staff/sign-in")
    assert sign_in(desk, PASSWORD)[1].status_code == 401


def test_an_admin_changes_the_own_password_only_with_the_old_one(desk: Desk) -> None:
    boss = desk.staff("boss")
    path = f"/staff/people/{desk.people['boss'].id}/password"

    assert boss.post(path, data={"password": GIVEN}).status_code == 400
    assert boss.get("/staff").status_code == 200
    assert f'action="{path}"' not in boss.get("/staff/people").text


# --- enabling and disabling -------------------------------------------------------------------------------------


def test_a_disabled_account_is_out_at_once_its_tickets_go_back_and_it_can_return(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, path = desk.staff("agent"), f"/staff/people/{desk.people['agent'].id}/active"
    agent.post(f"/staff/tickets/{number}/claim")
    for username in ("agent", "lead", "audit"):
        assert desk.staff(username).post(path, data={"on": "no"}).status_code == 403
    assert account(desk).active

    boss = desk.staff("boss")
    assert boss.post(path, data={"on": "no"}).status_code == 303
    assert agent.get("/staff").headers["location"].startswith("/staff/sign-in")
    assert sign_in(desk, PASSWORD)[1].status_code == 401
    assert (desk.ticket(number).status, desk.ticket(number).assignee_id) == (TicketStatus.OPEN, None)
    assert boss.post(path, data={"on": "yes"}).status_code == 303
    assert sign_in(desk, PASSWORD)[0].get("/staff").status_code == 200
    assert records(desk, "staff.disable") == [("boss", "staff:agent", {})]
    assert records(desk, "staff.enable") == [("boss", "staff:agent", {})]


# --- duty ---------------------------------------------------------------------------------------------------------


def test_people_switch_their_own_duty_and_it_is_on_record(desk: Desk) -> None:
    agent = desk.staff("agent")

    answer = agent.post("/staff/account/duty", data={"on": "yes"})
    assert (answer.status_code, account(desk).on_duty) == (303, True)
    assert 'class="duty on">在岗' in agent.get("/staff").text
    agent.post("/staff/account/duty", data={"on": "no"})
    assert not account(desk).on_duty
    assert records(desk, "staff.duty") == [
        ("agent", "staff:agent", {"on": "no"}),
        ("agent", "staff:agent", {"on": "yes"}),
    ]
    assert agent.post("/staff/account/duty", data={"on": "maybe"}).status_code == 400
    assert desk.staff("audit").post("/staff/account/duty", data={"on": "yes"}).status_code == 403
    assert not account(desk, "audit").on_duty


@pytest.mark.parametrize("username", ["lead", "boss"])
def test_those_who_lead_switch_the_duty_of_others(desk: Desk, username: str) -> None:
    path = f"/staff/people/{desk.people['agent'].id}/duty"

    assert desk.staff(username).post(path, data={"on": "yes"}).status_code == 303
    assert account(desk).on_duty
    assert records(desk, "staff.duty") == [(username, "staff:agent", {"on": True})]


@pytest.mark.parametrize("username", ["agent", "audit"])
def test_nobody_else_switches_the_duty_of_others(desk: Desk, username: str) -> None:
    path = f"/staff/people/{desk.people['fraud'].id}/duty"

    assert desk.staff(username).post(path, data={"on": "yes"}).status_code == 403
    assert not account(desk, "fraud").on_duty
    assert records(desk, "staff.duty") == []


def test_an_account_that_does_not_exist_cannot_be_changed(desk: Desk) -> None:
    boss = desk.staff("boss")

    for path, form in (
        ("duty", {"on": "yes"}),
        ("active", {"on": "no"}),
        ("password", {"password": GIVEN}),
    ):
        answer = boss.post(f"/staff/people/99999/{path}", data=form)
        assert (answer.status_code, path) == (404, path)
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    assert boss.post(f"/staff/tickets/{number}/assign", data={"to": "99999"}).status_code == 404


# --- canned replies -----------------------------------------------------------------------------------------------


def canned(desk: Desk) -> int:
    with desk.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(canned_replies)).scalar_one())


def test_a_canned_reply_is_deleted_by_those_who_lead_and_it_is_on_record(desk: Desk) -> None:
    lead = desk.staff("lead")
    lead.post("/staff/canned", data={"title": "收到", "queue": "", "text": "已收到。"})
    found = re.search(r"/staff/canned/(\d+)/delete", lead.get("/staff/canned").text)
    assert found is not None
    for username in ("agent", "audit"):
        assert desk.staff(username).post(found[0]).status_code == 403
    assert canned(desk) == 1

    assert lead.post(found[0]).status_code == 303
    assert canned(desk) == 0
    assert "已收到。" not in lead.get("/staff/canned").text
    assert records(desk, "canned.delete") == [("lead", f"canned:{found[1]}", {})]
    assert [who for who, _, _ in records(desk, "canned.save")] == ["lead"]


def test_agents_see_canned_replies_and_cannot_change_them(desk: Desk) -> None:
    desk.staff("lead").post("/staff/canned", data={"title": "收到", "queue": "", "text": "已收到。"})
    agent = desk.staff("agent")

    page = agent.get("/staff/canned").text
    assert "已收到。" in page
    assert "/delete" not in page
    assert agent.post("/staff/canned", data={"title": "x", "queue": "", "text": "x"}).status_code == 403
    assert canned(desk) == 1
