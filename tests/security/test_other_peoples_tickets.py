"""A number is no key: tickets, files, events and searches show each person only what is theirs."""

from secrets import token_urlsafe
from urllib.parse import quote

import httpx

from bot.tickets import audit
from bot.tickets.model import TicketStatus
from tests.bot.console.world import Desk

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

MOVES = {
    "claim": {},
    "release": {},
    "resolve": {},
    "reopen": {},
    "reveal": {},
    "urgent": {},
    "typing": {},
    "answer": {"text": "钱转给我", "seen": "9999"},
    "note": {"text": "x"},
    "call-back": {"text": "x", "outcome": "settled"},
    "transfer": {"queue": "fraud"},
    "assign": {"to": "2"},
    "close": {"reason": "spam"},
    "resend": {"seq": "1"},
}


def attach(citizen: httpx.Client, name: str) -> str:
    """The id of a file this citizen sent."""
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Anwen-Name": quote(name),
        "X-Anwen-Id": token_urlsafe(12),
    }
    answer = citizen.post("/chat/files", content=PDF, headers=headers)
    assert answer.status_code == 200, answer.text
    [file] = answer.json()["message"]["files"]
    found: str = file["id"]
    return found


def test_an_agent_of_another_queue_can_neither_read_nor_move_a_ticket(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    file = attach(citizen, "a.pdf")
    stranger = desk.staff("fraud")

    for path in ("", "/print", "/print?notes=true", f"/attachments/{file}"):
        assert stranger.get(f"/staff/tickets/{number}{path}").status_code == 404
    for move, form in MOVES.items():
        assert stranger.post(f"/staff/tickets/{number}/{move}", data=form).status_code == 404, move
    assert stranger.get(f"/staff/events?ticket={number}").status_code == 404
    for page in (
        "/staff",
        "/staff?show=open&queue=legal",
        "/staff/search?q=拖欠",
        f"/staff/search?q={number}",
    ):
        assert "拖欠" not in stranger.get(page).text.replace('value="拖欠"', "")
    stranger.post("/staff/bulk", data={"number": number, "do": "close", "reason": "spam"})
    ticket = desk.ticket(number)
    assert (ticket.status, ticket.assignee_id) == (TicketStatus.OPEN, None)


def test_a_file_is_found_only_through_its_own_ticket(desk: Desk) -> None:
    citizen, mine = desk.ask_for_person("老板拖欠工资怎么办")
    other = desk.citizen()
    desk.say(other, "我刚刚被骗转了三万块钱")
    assert desk.newest().number != mine
    secret, contract = attach(other, "secret.pdf"), attach(citizen, "合同.html")
    agent = desk.staff("agent")

    assert agent.get(f"/staff/tickets/{mine}/attachments/{secret}").status_code == 404
    answer = agent.get(f"/staff/tickets/{mine}/attachments/{contract}")
    assert (answer.status_code, answer.content) == (200, PDF)
    with desk.database.reading() as tx:
        [entry] = audit.listing(tx, action="ticket.attachment")
    assert (entry.target, entry.detail) == (f"ticket:{mine}", {"file": contract})


def test_the_auditor_reads_but_moves_nothing(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    auditor = desk.staff("audit")

    assert auditor.get(f"/staff/tickets/{number}").status_code == 200
    for move, form in MOVES.items():
        assert auditor.post(f"/staff/tickets/{number}/{move}", data=form).status_code == 403, move


def test_a_ticket_that_moved_to_another_queue_is_no_longer_theirs(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")

    answer = agent.post(f"/staff/tickets/{number}/transfer", data={"queue": "fraud"})
    assert answer.headers["location"].startswith("/staff?")
    assert agent.get(f"/staff/tickets/{number}").status_code == 404


def test_a_citizens_cookie_opens_nothing_of_the_console(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")

    assert citizen.get(f"/staff/tickets/{number}").headers["location"].startswith("/staff/sign-in")
