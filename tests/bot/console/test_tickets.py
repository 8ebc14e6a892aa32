"""Working on tickets over HTTP: claiming, answering, searching, looking on."""

import json
import re
import threading
import time
from datetime import timedelta

import httpx
import pytest

from bot.conversation.model import Delivery
from bot.tickets import audit
from bot.tickets.model import CloseReason, Priority, TicketStatus
from knowledge.entries import Queue
from tests.bot.console.world import Desk
from tests.bot.world import until

SCRIPT = {"X-Anwen-Script": "1"}


def last_seq(desk: Desk, citizen: httpx.Client) -> int:
    return max(post["seq"] for post in desk.history(citizen))


def test_who_sends_first_claims_and_the_second_is_told(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, lead = desk.staff("agent"), desk.staff("lead")
    seen = last_seq(desk, citizen)
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "我来办。", "seen": seen})

    late = lead.post(f"/staff/tickets/{number}/answer", data={"text": "我来。", "seen": seen}, headers=SCRIPT)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "late")
    assert "张三 0 分钟前已回复" in late.json()["error"]["message"]
    assert [post["text"] for post in desk.history(citizen)][-1] == "我来办。"
    seen = last_seq(desk, citizen)
    again = lead.post(
        f"/staff/tickets/{number}/answer", data={"text": "补充一句。", "seen": seen}, headers=SCRIPT
    )
    assert again.status_code == 200
    assert desk.history(citizen)[-1]["text"] == "补充一句。"


def test_an_answer_sent_twice_is_one_answer(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    form = {"text": "请带合同。", "seen": last_seq(desk, citizen), "client_id": "abc"}

    for _ in range(3):
        assert agent.post(f"/staff/tickets/{number}/answer", data=form).status_code == 303
    assert [post["text"] for post in desk.history(citizen)].count("请带合同。") == 1


def test_only_one_of_two_claims_counts(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, lead = desk.staff("agent"), desk.staff("lead")

    assert agent.post(f"/staff/tickets/{number}/claim").status_code == 303
    second = lead.post(f"/staff/tickets/{number}/claim")
    assert second.status_code == 409
    assert "看看最新情况" in second.text
    assert desk.ticket(number).assignee_id == desk.people["agent"].id


def test_asking_back_stops_the_clock_until_the_citizen_writes(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    form = {"text": "请问公司全名？", "seen": last_seq(desk, citizen), "ask": "yes"}

    agent.post(f"/staff/tickets/{number}/answer", data=form)
    assert desk.ticket(number).status is TicketStatus.WAITING
    assert number in agent.get("/staff?show=waiting").text
    desk.say(citizen, "嘉兴某某有限公司")
    assert desk.ticket(number).status is TicketStatus.CLAIMED


def test_the_whole_way_through_the_desk(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    lead = desk.staff("lead")
    base = f"/staff/tickets/{number}"

    lead.post(f"{base}/assign", data={"to": str(desk.people["agent"].id), "note": "请处理"})
    assert desk.ticket(number).assignee_id == desk.people["agent"].id
    lead.post(f"{base}/urgent")
    assert desk.ticket(number).priority is Priority.URGENT
    lead.post(f"{base}/transfer", data={"queue": "mediation", "note": "双方同意调解"})
    assert (desk.ticket(number).queue, desk.ticket(number).status) == (Queue.MEDIATION, TicketStatus.OPEN)
    lead.post(f"{base}/answer", data={"text": "调解员周三联系您。", "seen": last_seq(desk, citizen)})
    lead.post(f"{base}/resolve")
    assert desk.ticket(number).status is TicketStatus.RESOLVED
    lead.post(f"{base}/close", data={"reason": "referred"})
    assert desk.ticket(number).close_reason is CloseReason.REFERRED
    desk.say(citizen, "满意")
    assert desk.ticket(number).satisfaction == 4
    page = lead.get(base).text
    assert "满意" in page
    assert "双方同意调解" in page
    lead.post(f"{base}/reopen")
    assert desk.ticket(number).status is TicketStatus.OPEN


def test_a_complaint_is_called_back_before_the_ticket_ends(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, base = desk.staff("agent"), f"/staff/tickets/{number}"
    agent.post(f"{base}/answer", data={"text": "请带合同。", "seen": last_seq(desk, citizen)})
    desk.say(citizen, f"rate:2:{number}")

    assert "登记回访后" in agent.get(base).text
    for end in ("resolve", "close"):
        refused = agent.post(f"{base}/{end}", data={"reason": "solved"})
        assert refused.status_code == 409
        assert "请先回访并登记" in refused.text
    for unusable in (
        {"text": "说好了", "outcome": "happy"},
        {"text": " ", "outcome": "settled"},
        {"text": "说好了"},
        {"text": "说好了", "outcome": "settled", "called_at": "tomorrow"},
    ):
        assert agent.post(f"{base}/call-back", data=unusable).status_code == 400
    for year in ("2020", "2090"):
        call = {"text": "说好了", "outcome": "settled", "called_at": f"{year}-01-05T09:30"}
        assert agent.post(f"{base}/call-back", data=call).status_code == 409
    at = desk.clock().astimezone(desk.console.desk.zone)
    record = {"text": "电话致歉，明天陪同去劳动所", "outcome": "settled", "called_at": f"{at:%Y-%m-%dT%H:%M}"}
    assert agent.post(f"{base}/call-back", data=record).status_code == 303

    page = agent.get(base).text
    assert "登记回访后" not in page
    assert f"回访：已联系上，群众认可（{at:%H:%M}）" in page
    assert "陪同去劳动所" in page
    assert agent.post(f"{base}/close", data={"reason": "solved"}).status_code == 303
    assert "陪同去劳动所" not in str(desk.history(citizen))


def test_delivery_is_shown_and_a_failed_message_can_be_sent_again(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    seen = last_seq(desk, citizen)
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "请带合同。", "seen": seen})
    assert "排队中" in agent.get(f"/staff/tickets/{number}").text
    assert desk.history(citizen)[-1]["text"] == "请带合同。"
    assert "已送达" in agent.get(f"/staff/tickets/{number}").text
    set_status(desk, seen + 1, Delivery.FAILED, error="blocked")

    page = agent.get(f"/staff/tickets/{number}").text
    assert "发送失败" in page
    assert number in agent.get("/staff?show=attention").text
    assert agent.post(f"/staff/tickets/{number}/resend", data={"seq": seen + 1}).status_code == 303
    assert agent.post(f"/staff/tickets/{number}/resend", data={"seq": seen + 1}).status_code == 409
    assert "排队中" in agent.get(f"/staff/tickets/{number}").text


def set_status(desk: Desk, seq: int, status: Delivery, *, error: str) -> None:
    from sqlalchemy import update

    from bot.storage.tables import messages

    with desk.database.transaction() as tx:
        tx.execute(update(messages).where(messages.c.seq == seq).values(status=status.value, error=error))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("拖欠", True),
        ("工资", True),
        ("资工", False),
        ("老板 工资", True),
        ("老板 押金", False),
        ("上海123", True),
        ("上海", True),
        ("北京", False),
    ],
)
def test_search_finds_two_characters(desk: Desk, query: str, found: bool) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办", "公司在上海123号")

    assert (number in desk.staff("agent").get("/staff/search", params={"q": query}).text) is found


def test_search_finds_numbers_and_notes(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    agent.post(f"/staff/tickets/{number}/note", data={"text": "已转告街道办"})

    assert number in agent.get("/staff/search?q=街道").text
    assert f"tickets/{number}" in agent.get(f"/staff/search?q={number[-4:]}").text


def test_what_was_deleted_is_not_found(desk: Desk) -> None:
    from sqlalchemy import text

    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    with desk.database.transaction() as tx:
        tx.execute(text("DELETE FROM conversations"))
        left = tx.execute(text("SELECT count(*) FROM message_search")).scalar_one()

    assert left == 0
    assert number not in desk.staff("agent").get("/staff/search?q=拖欠").text


def test_urgent_tickets_stand_first_and_say_so(desk: Desk) -> None:
    _, normal = desk.ask_for_person("老板拖欠工资怎么办")
    citizen = desk.citizen()
    desk.say(citizen, "我刚刚被骗转了三万块钱")
    urgent = desk.newest().number

    page = desk.staff("lead").get("/staff").text
    assert page.index(urgent) < page.index(normal)
    assert '<span class="badge urgent">紧急</span>' in page
    assert normal not in desk.staff("lead").get("/staff?show=urgent").text


def test_several_tickets_are_closed_at_once(desk: Desk) -> None:
    numbers = [desk.ask_for_person("老板拖欠工资怎么办")[1] for _ in range(3)]
    agent = desk.staff("agent")

    answer = agent.post("/staff/bulk", data={"number": numbers, "do": "close", "reason": "duplicate"})
    assert answer.headers["location"] == "/staff?said=bulk"
    assert {desk.ticket(number).status for number in numbers} == {TicketStatus.CLOSED}
    answer = agent.post("/staff/bulk", data={"number": numbers, "do": "transfer", "queue": "ip"})
    assert answer.headers["location"] == "/staff?said=bulk_partly"


def test_a_change_is_seen_within_a_second(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    heard: list[tuple[float, str]] = []

    def listen() -> None:
        with agent.stream("GET", "/staff/events") as stream:
            for line in stream.iter_lines():
                heard.append((time.monotonic(), line))
                if len([1 for _, said in heard if "numbers" in said]) == 3:
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    until(lambda: any("numbers" in line for _, line in heard))
    desk.say(citizen, "还有一件事")
    sent = time.monotonic()

    until(lambda: len([1 for _, line in heard if number in line]) == 2)
    assert heard[-2][0] - sent < 1.0 or heard[-1][0] - sent < 1.0
    desk.staff("lead").post(f"/staff/tickets/{number}/note", data={"text": "看看"})
    until(lambda: len([1 for _, line in heard if number in line]) == 3)
    listener.join(5)
    told = [json.loads(line[6:]) for _, line in heard if line.startswith('data: {"num')]
    assert told[-1] == {"numbers": [number]}


def test_colleagues_see_who_is_looking_and_typing(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, lead = desk.staff("agent"), desk.staff("lead")
    with agent.stream("GET", f"/staff/events?ticket={number}") as stream:
        lines = stream.iter_lines()  # kept: the stream closes with it
        next(lines)
        until(lambda: "张三 正在查看" in lead.get(f"/staff/tickets/{number}").text)
        desk.staff("agent").post(f"/staff/tickets/{number}/typing")

        assert "张三 正在输入" in lead.get(f"/staff/tickets/{number}").text
        assert "张三 正在输入" in lead.get("/staff").text
        assert "张三 正在" not in desk.staff("agent").get(f"/staff/tickets/{number}").text.replace(
            "正在重新", ""
        )
    until(lambda: "张三 正在" not in lead.get(f"/staff/tickets/{number}").text)


def test_staff_see_what_was_shown_and_what_may_fit(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    desk.say(citizen, "房东不退押金怎么办")

    page = desk.staff("agent").get(f"/staff/tickets/{number}").text
    assert "/staff/entries/legal.labor.wages-unpaid" in page
    assert "95%" in page
    assert "群众要求转人工" in page
    assert "老板拖欠工资怎么办</p>" in page
    assert 'data-insert="先发书面催告。"' in page


def test_staff_see_each_question_every_entry_named_and_what_the_citizen_thought_of_it(desk: Desk) -> None:
    citizen = desk.citizen()
    seq = desk.say(citizen, "老板拖欠工资怎么办？房东不退押金怎么办？")["replies"][0]["seq"]
    citizen.post("/chat/feedback", json={"seq": seq, "rating": "down"})
    desk.say(citizen, "信用中国上的处罚记录可能是要申请修复的吧我想问问")
    desk.say(citizen, "转人工")

    page = desk.staff("lead").get(f"/staff/tickets/{desk.newest().number}").text
    why = page[page.index('id="panel-why"') : page.index('id="panel-suggestions"')]
    places = [
        why.index(text)
        for text in (
            "信用中国上的处罚记录可能是要申请修复的吧我想问问",
            "机器人请群众从这些里选",
            "credit.penalty.how-to-apply",
            "40%",
            "房东不退押金怎么办？</p>",
            "机器人回答了",
            "群众评：没用",
            "legal.labor.wages-unpaid",
            "95%",
            "legal.renting.deposit",
        )
    ]
    assert places == sorted(places)


def test_staff_read_in_words_why_danger_brought_a_ticket(desk: Desk) -> None:
    desk.say(desk.citizen(), "我刚刚被骗转了三万块钱")

    page = desk.staff("fraud").get(f"/staff/tickets/{desk.newest().number}").text
    assert "正在被骗：已经转账，可能可以止付" in page


def test_reading_a_ticket_is_on_record_once_an_hour(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")

    def reads() -> list[str]:
        with desk.database.reading() as tx:
            return [
                entry.actor for entry in audit.listing(tx, action="ticket.read", target=f"ticket:{number}")
            ]

    agent.get(f"/staff/tickets/{number}")
    agent.get(f"/staff/tickets/{number}")
    assert reads() == [f"staff:{desk.people['agent'].id}"]
    desk.clock.ahead = timedelta(hours=1, minutes=1)
    agent.get(f"/staff/tickets/{number}")
    desk.staff("audit").get(f"/staff/tickets/{number}")
    assert len(reads()) == 3


def test_canned_replies_are_filled_for_the_ticket(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    lead = desk.staff("lead")
    reply = {"title": "收到", "queue": "", "text": "您的工单 {number}（{queue}）由 {name} 办理。"}
    lead.post("/staff/canned", data=reply)
    lead.post("/staff/canned", data={**reply, "title": "别的队列", "queue": "ip"})

    page = desk.staff("agent").get(f"/staff/tickets/{number}").text
    assert f'data-insert="您的工单 {number}（法律服务）由 张三 办理。"' in page
    assert "别的队列" not in page
    assert lead.post("/staff/canned", data=reply).status_code == 409


def test_the_console_speaks_english(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    agent.post("/staff/language", data={"language": "en", "back": "/staff"})

    page = agent.get(f"/staff/tickets/{number}").text
    assert 'lang="en"' in page
    assert "Internal note, never sent to the citizen" in page


@pytest.mark.parametrize(
    ("do", "more"),
    [
        ("resolve", {}),
        ("release", {}),
        ("transfer", {"queue": "ip"}),
        ("assign", {"to": "1"}),
        ("close", {"reason": "solved"}),
    ],
)
def test_a_move_on_a_page_that_is_out_of_date_is_refused(desk: Desk, do: str, more: dict[str, str]) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent, base = desk.staff("agent"), f"/staff/tickets/{number}"
    agent.post(f"{base}/claim")
    shown = desk.newest().version
    desk.staff("lead").post(f"{base}/urgent")  # a colleague, meanwhile

    refused = agent.post(f"{base}/{do}", data={**more, "version": str(shown)})

    left = desk.newest()
    assert refused.status_code == 409
    assert (left.status, left.queue.value) == (TicketStatus.CLAIMED, "legal")
    assert f'name="version" value="{left.version}"' in agent.get(base).text  # looked again: it goes through
    assert agent.post(f"{base}/{do}", data={**more, "version": str(left.version)}).status_code < 400
    assert desk.newest().version > left.version


def test_a_bulk_move_leaves_what_changed_since_the_list_was_shown(desk: Desk) -> None:
    numbers = [desk.ask_for_person("老板拖欠工资怎么办")[1] for _ in range(3)]
    lead = desk.staff("lead")
    chosen = re.findall(r'name="number" value="([^"]+)"', lead.get("/staff").text)
    assert [each.partition("@")[0] for each in chosen] == numbers
    desk.staff("agent").post(f"/staff/tickets/{numbers[1]}/claim")

    answer = lead.post("/staff/bulk", data={"number": chosen, "do": "close", "reason": "duplicate"})

    assert "bulk_partly" in answer.headers["location"]
    assert [desk.ticket(number).is_live for number in numbers] == [False, True, False]


@pytest.mark.parametrize("version", ["x", "-1", "9" * 5000, "５"])
def test_a_bulk_move_with_a_strange_version_breaks_nothing(desk: Desk, version: str) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")

    answer = desk.staff("agent").post("/staff/bulk", data={"number": f"{number}@{version}", "do": "claim"})

    assert answer.status_code < 500


def test_several_tickets_are_taken_at_once_but_none_from_a_colleague(desk: Desk) -> None:
    numbers = [desk.ask_for_person("老板拖欠工资怎么办")[1] for _ in range(3)]
    desk.staff("lead").post(f"/staff/tickets/{numbers[0]}/claim")

    desk.staff("agent").post("/staff/bulk", data={"number": numbers, "do": "claim"})

    holders = [desk.ticket(number).assignee_id for number in numbers]
    assert holders[1] == holders[2] != holders[0]
