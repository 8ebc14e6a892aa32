"""The arithmetic of the report."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import openpyxl
import pytest

from bot.console.export import as_csv, as_xlsx, harmless
from bot.console.figures import Asked, Kept, gaps, promises, ratings, satisfied, spread, taken
from bot.tickets.model import Satisfaction
from bot.tickets.runs import Run
from bot.tickets.sla import ClockName
from tests.bot.console.world import Desk
from tests.bot.tickets.test_model import FRESH

MOMENT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def run(clock: ClockName, *, kept: bool = True, minutes: int | None = 10) -> Run:
    took = None if minutes is None else timedelta(minutes=minutes)
    return Run(clock=clock, start=MOMENT, kept=kept, took=took)


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


def test_every_clock_has_its_share_of_kept_promises() -> None:
    found = [
        run(ClockName.ACCEPT),
        run(ClockName.ACCEPT, kept=False, minutes=40),
        run(ClockName.NEXT, kept=False, minutes=None),  # never answered
        run(ClockName.CLOSE, minutes=90),
    ]

    assert promises(found) == {
        ClockName.ACCEPT: Kept(kept=1, of=2),
        ClockName.FIRST: Kept(kept=0, of=0),
        ClockName.NEXT: Kept(kept=0, of=1),
        ClockName.CLOSE: Kept(kept=1, of=1),
        ClockName.RECTIFY: Kept(kept=0, of=0),
    }
    assert taken(found, ClockName.ACCEPT).p90 == timedelta(minutes=40)
    assert taken(found, ClockName.NEXT).count == 0


def test_satisfaction_counts_who_said_something() -> None:
    counted = ratings(replace(FRESH, satisfaction=Satisfaction(level)) for level in (5, 4, 3, 2, 5))

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
    rows = [["二〇二六", 3, 0.5, "a\x00b\x1b", MOMENT, None]]

    assert (
        as_csv(["列"], rows).decode("utf-8-sig").splitlines()[1]
        == '"二〇二六","3","0.5","ab","2026-11-24 02:00:00",""'
    )
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(["列"], rows, title="a/b"))).active
    assert [cell.value for cell in list(sheet.rows)[1]][:4] == ["二〇二六", 3, 0.5, "ab"]


def figures_of(browser: httpx.Client) -> dict[tuple[str, str], str]:
    """The report as its CSV says it: section and figure → value."""
    table = browser.get("/staff/report/figures.csv").content.decode("utf-8-sig")
    return {(row[0], row[1]): row[2] for row in csv.reader(table.splitlines())}


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
    values = figures_of(agent)
    assert values["咨询量", "会话"] == "3"
    assert values["咨询量", "无需人工解决的会话"] == "33.3% (1/3)"
    assert values["工单", "登记工单"] == "1"
    assert values["评价", "非常满意"] == "1"
    assert "天上有几颗星星" in page.text
    assert "data.export" in desk.staff("audit").get("/staff/audit").text.replace("导出", "data.export")


def test_the_report_counts_times_and_promises_from_the_reopening_and_without_pauses(desk: Desk) -> None:
    desk.say(desk.citizen(), "我刚刚被骗转了三万块钱")  # urgent: every minute counts, whenever this test runs
    number = desk.newest().number

    def does(move: str, ahead: timedelta = timedelta(), **form: str) -> None:
        """A supervisor who signs in, `ahead` later."""
        desk.clock.ahead += ahead
        assert desk.staff("lead").post(f"/staff/tickets/{number}/{move}", data=form).status_code == 303

    does("claim")
    does("answer", text="报警了吗？", seen="99", ask="yes")
    does("answer", timedelta(hours=30), text="还在吗？", seen="99")  # it was the citizen's turn
    does("close", reason="no_reply")
    does("reopen", timedelta(hours=2))
    does("claim", timedelta(minutes=3))  # two were promised

    lead = desk.staff("lead")
    values, page = figures_of(lead), lead.get("/staff/report").text
    assert values["按时率", "受理"] == "50.0% (1/2)"
    assert values["按时率", "首次答复"] == "100.0% (1/1)"
    assert values["按时率", "办结"] == "100.0% (1/1)"
    assert values["等待受理", "p90 (分钟)"] == "3.0"
    assert float(values["办理用时", "p90 (分钟)"]) < 5
    for word in ("受理", "首次答复", "回复", "办结", "整改"):
        assert f'<th scope="row">{word}</th>' in page
