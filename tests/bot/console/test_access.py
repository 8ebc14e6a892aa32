"""Every route has a rule, and the rule is what HTTP does."""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from bot.console import access
from bot.console.access import RULES
from bot.tickets.people import Role
from tests.bot.console.world import Desk

USERS = {Role.AGENT: "agent", Role.SUPERVISOR: "lead", Role.ADMIN: "boss", Role.AUDITOR: "audit"}


def routes_of(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "effective_route_contexts"):
            yield from route.effective_route_contexts()


def console_routes(desk: Desk) -> list[tuple[str, str, str]]:
    """Name, method and path of every route of the console."""
    found = [
        (route.name, method, route.path)
        for route in routes_of(list(desk.web.router.routes))
        if route.path == access.PREFIX or route.path.startswith(f"{access.PREFIX}/")
        for method in sorted(route.methods or ())
    ]
    assert len(found) > 40
    return found


def test_every_route_has_a_rule_and_every_rule_a_route(desk: Desk) -> None:
    assert {name for name, _, _ in console_routes(desk)} == set(RULES)


def address(path: str, number: str) -> str:
    values = {
        "number": number,
        "id": "1",
        "public_id": "x",
        "version": "v",
        "name": "console.css",
        "kind": "csv",
    }
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], path)


@pytest.mark.slow
def test_a_role_gets_what_the_table_says_and_nothing_else(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    skip = {"events", "sign_out", "sign_out_everywhere", "disable_person", "change_person", "reset_password"}
    for role, username in USERS.items():
        browser = desk.staff(username)
        for name, method, path in console_routes(desk):
            roles = RULES[name]
            if roles is None or (name in skip and role in roles):
                continue
            answer = browser.request(method, address(path, number), data={} if method == "POST" else None)

            assert (answer.status_code == 403) == (role not in roles), (name, role, answer.status_code)


def test_nobody_gets_in_without_signing_in(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    browser = desk.browser()
    for name, method, path in console_routes(desk):
        if RULES[name] is None:
            continue
        answer = browser.request(method, address(path, number), data={} if method == "POST" else None)

        expected = (303, 401) if method == "GET" else (401,)
        assert answer.status_code in expected, (name, answer.status_code)
        assert number not in answer.text.replace(f"/staff/tickets/{number}", "")


def test_a_route_outside_the_table_is_for_nobody(desk: Desk) -> None:
    assert [access.allowed("forgotten", person) for person in desk.people.values()] == [False] * 5


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/staff/../chat",
        "/staff//evil",
        "/staff\\evil",
        "/staff@evil",
        "javascript:1",
        "/staff/sign-in",
        "",
        "/staff?x=1",
        "/staff/\n//evil",
    ],
)
def test_sign_in_leads_only_to_the_console(desk: Desk, wanted: str) -> None:
    from tests.bot.console.world import PASSWORD

    answer = desk.browser().post(
        "/staff/sign-in", data={"username": "agent", "password": PASSWORD, "next": wanted}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
