"""Sign-in: no fixed sessions, no guessing, no session that outlives its end, no request from another site."""

import httpx
import pytest

from bot.tickets import tries
from tests.bot.console.world import PASSWORD, Desk

COOKIE = "anwen_staff"


def sign_in(browser: httpx.Client, username: str, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/staff/sign-in", data={"username": username, "password": password})


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    cookie = sign_in(desk.browser(), "agent").headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/staff" in cookie


def test_a_planted_session_is_worth_nothing_after_sign_in(desk: Desk) -> None:
    attacker = desk.staff("fraud")
    planted = attacker.cookies[COOKIE]
    victim = desk.browser(Cookie=f"{COOKIE}={planted}")

    answer = sign_in(victim, "agent")

    assert answer.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    assert attacker.get("/staff").status_code == 303


def test_an_invented_token_opens_nothing(desk: Desk) -> None:
    for token in ("", "x", "A" * 43, "' OR 1=1 --", "../../etc/passwd"):
        assert desk.browser(Cookie=f'{COOKIE}="{token}"').get("/staff").status_code == 303


def test_sign_out_ends_the_session_on_the_server(desk: Desk) -> None:
    agent = desk.staff("agent")
    token = agent.cookies[COOKIE]

    agent.post("/staff/sign-out")

    assert desk.browser(Cookie=f"{COOKIE}={token}").get("/staff").status_code == 303


def test_another_password_and_a_disabled_account_end_every_session(desk: Desk) -> None:
    here, there = desk.staff("agent"), desk.staff("agent")
    new = "另一个很长的口令-2027"
    changed = here.post("/staff/account/password", data={"old": PASSWORD, "new": new, "again": new})

    assert changed.status_code == 303
    assert (here.get("/staff").status_code, there.get("/staff").status_code) == (200, 303)
    desk.staff("boss").post(f"/staff/people/{desk.people['agent'].id}/active", data={"on": "no"})
    assert here.get("/staff").status_code == 303
    assert sign_in(desk.browser(), "agent", new).status_code == 401


def test_the_old_password_is_needed_for_a_new_one(desk: Desk) -> None:
    agent = desk.staff("agent")
    new = "另一个很长的口令-2027"

    answer = agent.post("/staff/account/password", data={"old": "falsch", "new": new, "again": new})

    assert answer.status_code == 400
    assert sign_in(desk.browser(), "agent").status_code == 303


def test_guessing_is_slowed_down_even_when_the_guess_is_right(desk: Desk) -> None:
    browser = desk.browser()
    answers = [sign_in(browser, "agent", f"guess-{number}") for number in range(tries.FREE_A_NAME)]

    assert {answer.status_code for answer in answers} == {401}
    slowed = sign_in(browser, "agent")
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1
    assert COOKIE not in slowed.headers.get("set-cookie", "")


def test_an_unknown_name_gets_the_same_words_as_a_wrong_password(desk: Desk) -> None:
    def words(username: str) -> str:
        page = sign_in(desk.browser(), username, "falsch").text
        return page.replace(f'value="{username}"', "")

    assert words("agent") == words("nobody")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"Authorization": "Bearer AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
def test_a_change_from_elsewhere_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    token = desk.staff("agent").cookies[COOKIE]
    with httpx.Client(base_url=desk.url, cookies={COOKIE: token}, headers=headers) as elsewhere:
        for path in (f"/staff/tickets/{number}/claim", "/staff/bulk", "/staff/sign-out", "/staff/people"):
            assert elsewhere.post(path, data={"number": number, "do": "claim"}).status_code == 403, path

    assert desk.ticket(number).assignee_id is None


def test_an_older_browser_is_told_by_its_origin(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    token = desk.staff("agent").cookies[COOKIE]
    with httpx.Client(base_url=desk.url, cookies={COOKIE: token}, headers={"Origin": desk.url}) as browser:
        assert browser.post(f"/staff/tickets/{number}/claim").status_code == 303


def test_a_form_of_another_kind_is_refused(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")

    for body in ({"json": {"text": "x", "seen": 1}}, {"files": {"text": b"x"}}):
        assert agent.post(f"/staff/tickets/{number}/answer", **body).status_code == 415
    assert agent.post(f"/staff/tickets/{number}/answer", data={"text": "x" * 70_000}).status_code == 413


def test_an_administrator_cannot_lock_themselves_out(desk: Desk) -> None:
    boss, id = desk.staff("boss"), desk.people["boss"].id

    assert boss.post(f"/staff/people/{id}/active", data={"on": "no"}).status_code == 400
    lowered = {"name": "x", "role": "agent", "max_tickets": "5"}
    assert boss.post(f"/staff/people/{id}", data=lowered).status_code == 400
