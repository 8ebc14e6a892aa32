"""One ticket from the citizen's first word to the rating, over HTTP."""

from tests.bot.console.world import Desk


def test_a_ticket_goes_from_the_citizen_to_staff_and_back(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")

    assert number in agent.get("/staff").text
    page = agent.get(f"/staff/tickets/{number}").text
    assert "老板拖欠工资怎么办" in page
    assert "legal.labor.wages-unpaid" in page
    seen = max(post["seq"] for post in desk.history(citizen))
    sent = agent.post(f"/staff/tickets/{number}/answer", data={"text": "请带上合同来窗口。", "seen": seen})
    assert sent.status_code == 303
    assert desk.history(citizen)[-1]["text"] == "请带上合同来窗口。"
    assert desk.ticket(number).assignee_id == desk.people["agent"].id
    closed = agent.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})
    assert closed.status_code == 303
    assert number in desk.history(citizen)[-1]["text"]
    values = [choice["value"] for choice in desk.history(citizen)[-1]["choices"]]
    assert values[:5] == [f"rate:{stars}:{number}" for stars in (5, 4, 3, 2, 1)]
    assert len(values) == 6  # and the way back to a person
