"""What staff wrote counts as delivered when the citizen's page got it, not before."""

from datetime import UTC, datetime

import httpx
from sqlalchemy import select

from bot.app import open_desk
from bot.conversation import handling
from bot.storage.tables import messages
from bot.tickets import lists, staff
from bot.tickets.people import Role
from tests.bot.world import Site, until

NAMES = iter(f"lin{number}" for number in range(100))


def statuses(site: Site, text: str) -> list[str]:
    """How far the messages with this text are."""
    with site.database.reading() as tx:
        return list(tx.execute(select(messages.c.status).where(messages.c.text == text)).scalars())


def answered(site: Site, visitor: httpx.Client, text: str) -> None:
    """Staff answer the ticket of this visitor."""
    now = datetime.now(UTC)
    with site.database.transaction() as tx:
        lin = staff.create(
            tx, username=next(NAMES), name="林梅", role=Role.AGENT, password="三只猫坐在河边看小船", now=now
        )
    visitor.post("/chat/messages", json={"client_id": "m1", "text": "转人工"}).raise_for_status()
    with site.database.transaction() as tx:
        [ticket] = lists.in_line(tx)
        handling.answer(tx, open_desk(site.config), ticket.id, lin, text, seen_seq=99, now=now)


def test_an_answer_is_queued_until_the_page_asks_for_it(own_site: Site):
    visitor = own_site.visitor()
    answered(own_site, visitor, "带合同来")
    assert statuses(own_site, "带合同来") == ["queued"]

    posts = visitor.get("/chat/history").json()["posts"]

    assert [(post["author"], post["text"]) for post in posts][-1] == ("staff", "带合同来")
    assert statuses(own_site, "带合同来") == ["sent"]


def test_an_open_page_gets_it_by_its_stream(own_site: Site):
    visitor = own_site.visitor()
    with visitor.stream("GET", "/chat/events?after=0") as stream:
        answered(own_site, visitor, "带合同来")
        own_site.web.state.hub.wake(_address(own_site))
        lines = iter(stream.iter_lines())
        assert any("带合同来" in line for line in lines)
        until(lambda: statuses(own_site, "带合同来") == ["sent"])


def test_another_visitor_takes_nothing_from_it(own_site: Site):
    visitor, other = own_site.visitor(), own_site.visitor()
    answered(own_site, visitor, "带合同来")
    other.get("/chat/history")

    assert statuses(own_site, "带合同来") == ["queued"]


def test_a_page_that_has_it_already_changes_nothing(own_site: Site):
    visitor = own_site.visitor()
    answered(own_site, visitor, "带合同来")
    last = visitor.get("/chat/history").json()["posts"][-1]["seq"]

    assert visitor.get(f"/chat/history?after={last}").json()["posts"] == []
    assert statuses(own_site, "带合同来") == ["sent"]


def _address(site: Site) -> str:
    with site.database.reading() as tx:
        row = tx.exec_driver_sql("SELECT address FROM conversations").one()
    return str(row[0])
