"""The arithmetic of the report."""

import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from bot.console.export import as_csv, as_xlsx, harmless
from bot.console.figures import Asked, Kept, gaps, promises, ratings, satisfied, spread
from bot.tickets.model import Priority, Satisfaction, Ticket, TicketStatus
from bot.tickets.sla import ClockName
from knowledge.entries import Queue
from tests.bot.console.world import Desk

OPENED = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, ten in the morning in the district


def ticket(**changes: object) -> Ticket:
    values: dict[str, object] = {
        "id": 1,
        "number": "20261124-0001",
        "conversation_id": 1,
        "queue": Queue.LEGAL,
        "priority": Priority.NORMAL,
        "status": TicketStatus.OPEN,
        "subject": "s",
        "reason": "r",
        "version": 0,
        "created_at": OPENED,
    }
    return Ticket(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "p50", "p90"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([3, 1, 2], 2, 3),
        (list(range(1, 11)), 5, 9),  # ten values: the fifth and the ninth
        (list(range(1, 101)), 50, 90),
    ],
)
def test_percentiles_are_values_that_occurred(minutes: list[int], p50: int, p90: int) -> None:
    found = spread(timedelta(minutes=each) for each in minutes)

    assert (found.p50, found.p90) == (timedelta(minutes=p50), timedelta(minutes=p90))


def test_nothing_measured_is_nothing_said() -> None:
    assert (spread([]).p50, Kept(kept=0, of=0).share) == (None, None)


def test_a_promise_that_is_not_due_yet_is_not_counted(desk: Desk) -> None:
    rules = desk.console.desk
    claimed = ticket(claimed_at=OPENED + timedelta(minutes=10))  # 30 minutes were promised
    late = ticket(claimed_at=OPENED + timedelta(minutes=40))
    waiting = ticket(created_at=OPENED + timedelta(hours=1))

    kept = promises([claimed, late, waiting], rules.policy, rules.hours, now=OPENED + timedelta(hours=1))
    assert kept[ClockName.ACCEPT] == Kept(kept=1, of=2)


def test_satisfaction_counts_who_said_something() -> None:
    counted = ratings(ticket(satisfaction=Satisfaction(level)) for level in (5, 4, 3, 2, 5))

    assert satisfied(counted) == Kept(kept=4, of=5)


def test_questions_that_read_alike_are_one_gap() -> None:
    asked = ["公积金怎么提取", "公积金怎么提取呢", "请问公积金怎么提取", "今天天气怎么样", "居住证办理"]

    found = gaps([Asked(text=each, conversation_id=number) for number, each in enumerate(asked)])
    assert (found[0].example, found[0].count, found[0].people) == ("公积金怎么提取", 3, 3)
    assert len(found) == 3


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "  =1", "＝1", "\ufeff=1", "|cmd", "%0A", "\r=1"]
)
def test_a_formula_is_made_a_text(text: str) -> None:
    assert str(harmless(text)).startswith("'")


def test_tables_keep_chinese_numbers_and_odd_characters() -> None:
    rows = [["二〇二六", 3, 0.5, "a\x00b\x1b", OPENED, None]]

    assert (
        as_csv(["列"], rows).decode("utf-8-sig").splitlines()[1]
        == '"二〇二六","3","0.5","ab","2026-11-24 02:00:00",""'
    )
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(["列"], rows, title="a/b"))).active
    assert [cell.value for cell in list(sheet.rows)[1]][:4] == ["二〇二六", 3, 0.5, "ab"]


def test_the_report_counts_what_happened(desk: Desk) -> None:
    first = desk.citizen()
    desk.say(first, "老板拖欠工资怎么办")  # answered, no person: alone
    desk.say(first, "谢谢")  # small talk is no consultation
    desk.say(desk.citizen(), "天上有几颗星星啊啊")  # a gap
    citizen, number = desk.ask_for_person("信用中国上的处罚记录怎么申请修复")
    agent = desk.staff("lead")
    seen = max(post["seq"] for post in desk.history(citizen))
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "好。", "seen": seen})
    agent.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})
    desk.say(citizen, "非常满意")

    page = agent.get("/staff/report")
    assert page.status_code == 200
    rows = agent.get("/staff/report/figures.csv").content.decode("utf-8-sig").splitlines()
    values = {tuple(row.strip('"').split('","')[:2]): row.strip('"').split('","')[2] for row in rows}
    assert values["咨询量", "会话"] == "3"
    assert values["咨询量", "无需人工解决的会话"] == "33.3% (1/3)"
    assert values["工单", "登记工单"] == "1"
    assert values["评价", "非常满意"] == "1"
    assert "天上有几颗星星" in page.text
    assert "data.export" in desk.staff("audit").get("/staff/audit").text.replace("导出", "data.export")
