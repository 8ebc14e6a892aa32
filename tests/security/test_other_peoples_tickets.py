"""A number is no key: tickets, files, events and searches show each person only what is theirs."""

from sqlalchemy import insert

from bot.storage.desk_tables import attachments
from bot.tickets.model import TicketStatus
from tests.bot.console.world import Desk

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
    "call-back": {"text": "x"},
    "transfer": {"queue": "fraud"},
    "assign": {"to": "2"},
    "close": {"reason": "spam"},
    "resend": {"seq": "1"},
}


def attach(desk: Desk, number: str, name: str, *, public_id: str) -> None:
    """A file the citizen of this ticket sent."""
    with desk.database.transaction() as tx:
        tx.execute(
            insert(attachments).values(
                public_id=public_id,
                conversation_id=desk.ticket(number).conversation_id,
                name=name,
                media_type="text/html",
                size_bytes=20,
                content=b"<script>1</script>",
                created_at=0.0,
            )
        )


def test_an_agent_of_another_queue_can_neither_read_nor_move_a_ticket(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    attach(desk, number, "a.pdf", public_id="file1")
    stranger = desk.staff("fraud")

    for path in ("", "/print", "/print?notes=true", "/attachments/file1"):
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
    _, mine = desk.ask_for_person("老板拖欠工资怎么办")
    citizen = desk.citizen()
    desk.say(citizen, "我刚刚被骗转了三万块钱")
    other = desk.newest().number
    assert other != mine
    attach(desk, other, "secret.pdf", public_id="secret")
    attach(desk, mine, "合同.html", public_id="contract")
    agent = desk.staff("agent")

    assert agent.get(f"/staff/tickets/{mine}/attachments/secret").status_code == 404
    answer = agent.get(f"/staff/tickets/{mine}/attachments/contract")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


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
