"""A line beside a rating, from the web chat to what staff see."""

import csv
import io

from tests.bot.console.world import Desk


def test_the_line_a_citizen_adds_is_shown_to_staff_masked_and_as_text(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    seen = max(post["seq"] for post in desk.history(citizen))
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "已办好。", "seen": seen})
    agent.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})

    rated = desk.say(citizen, "非常满意")["replies"][-1]
    [button] = rated["choices"]
    assert button["label"] == "留一句话"
    desk.say(citizen, button["value"])
    kept = desk.say(citizen, "=谢谢 <b>张三</b>，我的电话 13812345678")["replies"][-1]
    assert "工作人员会看到" in kept["text"]

    page = agent.get(f"/staff/tickets/{number}").text
    assert (
        '<p class="comment"><b>评价留言</b> =谢谢 &lt;b&gt;张三&lt;/b&gt;，我的电话 138****5678</p>' in page
    )
    assert "13812345678" not in page
    assert "<b>群众</b> 评价留言" in page
    paper = agent.get(f"/staff/tickets/{number}/print").text
    assert "138****5678" in paper
    table = desk.staff("lead").get("/staff/report/tickets.csv").content.decode("utf-8-sig")
    [row] = list(csv.DictReader(io.StringIO(table)))
    assert row["评价留言"] == "'=谢谢 <b>张三</b>，我的电话 138****5678"


def test_in_english_the_whole_way(desk: Desk) -> None:
    citizen = desk.citizen()
    desk.say(citizen, "My boss does not pay my wages")
    desk.say(citizen, "talk to a person")
    number, agent = desk.newest().number, desk.staff("lead")
    seen = max(post["seq"] for post in desk.history(citizen))
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "Done.", "seen": seen})
    agent.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})

    desk.say(citizen, "Satisfied")
    assert "Please write one line" in desk.say(citizen, "Add a line")["replies"][-1]["text"]
    assert "staff will read it" in desk.say(citizen, "Very kind people")["replies"][-1]["text"]
    assert desk.ticket(number).comment == "Very kind people"
