"""The yearly figures, as a district gets them: page, CSV and XLSX over HTTP."""

import csv
import io
from dataclasses import asdict
from datetime import date, timedelta

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import insert

from bot.console.export import XLSX
from bot.conversation.daily import Figures
from bot.storage.figure_tables import daily_figures
from bot.tickets import audit
from tests.bot.console.world import Desk


def today(desk: Desk) -> date:
    return desk.clock().astimezone(desk.config.district.zone).date()


def store(desk: Desk, day: date, **counts: int) -> None:
    """What an earlier day counted."""
    with desk.database.transaction() as tx:
        tx.execute(insert(daily_figures).values(day=day.isoformat(), **asdict(Figures(**counts))))


def two_years(desk: Desk) -> int:
    """Two past years are on record, the later one smaller in some things; the later one."""
    year = today(desk).year - 1
    store(desk, date(year - 1, 1, 1), consultations=100, alone=80, tickets=20, rated_5=3, rated_2=1)
    store(desk, date(year - 1, 12, 31), consultations=100, alone=70, credit_repairs=8, fraud_reports=5)
    store(desk, date(year, 1, 1), consultations=150, alone=130, tickets=25, rated_5=4, rated_4=1)
    store(desk, date(year, 12, 31), consultations=100, alone=95, credit_repairs=6, fraud_reports=5)
    store(desk, today(desk) - timedelta(days=1))
    return year


def sheet(content: bytes) -> list[tuple[object, ...]]:
    found = openpyxl.load_workbook(io.BytesIO(content)).active
    assert isinstance(found, Worksheet)
    return [tuple(cell.value for cell in row) for row in found.rows]


def test_two_past_years_stand_beside_each_other_in_a_workbook(desk: Desk) -> None:
    year = two_years(desk)

    answer = desk.staff("lead").get(f"/staff/report/years.xlsx?year={year}&other={year - 1}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert f'filename="anwen-years-{year}-01-01-{year}-12-31.xlsx"' in answer.headers["content-disposition"]
    head, *rows = sheet(answer.content)
    assert head == (
        "指标",
        f"{year} ({year}-01-01 – {year}-12-31)",
        f"{year - 1} ({year - 1}-01-01 – {year - 1}-12-31)",
        "同比（%；占比为百分点）",
    )
    values = {row[0]: row[1:] for row in rows}
    assert values["咨询（件）"] == (250, 200, 25)
    assert values["无需人工"] == (225, 150, 50)
    assert values["无需人工占咨询 (%)"] == (90, 75, 15)
    assert values["信用修复（件）"] == (6, 8, -25)  # a number, not a text that begins with a minus
    assert values["涉诈举报（件）"] == (5, 5, 0)
    assert values["登记工单"] == (25, 20, 25)
    assert values["评价"] == (5, 4, 25)
    assert values["基本满意以上占评价 (%)"] == (100, 75, 25)
    assert values["其中满意"] == (1, 0, None)  # nothing before: no year on year


def test_the_same_figures_as_csv_and_on_record(desk: Desk) -> None:
    year = two_years(desk)

    answer = desk.staff("audit").get(f"/staff/report/years.csv?year={year}&other={year - 1}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1] == ["咨询（件）", "250", "200", "25.0"]
    with desk.database.reading() as tx:
        entry = audit.listing(tx, action="data.export")[0]
    assert (entry.actor, entry.target) == (f"staff:{desk.people['audit'].id}", "report:years.csv")
    assert (entry.detail["first"], entry.detail["other"]) == (f"{year}-01-01", year - 1)


def test_the_present_year_is_compared_to_the_same_day_and_today_is_live(desk: Desk) -> None:
    day = today(desk)
    last = day.replace(year=day.year - 1, day=min(day.day, 28))
    store(desk, last - timedelta(days=1), consultations=4)
    store(desk, last + timedelta(days=1), consultations=1000)  # later in the year than today
    store(desk, day - timedelta(days=1), consultations=2)
    desk.say(desk.citizen(), "老板拖欠工资怎么办")

    rows = sheet(desk.staff("lead").get("/staff/report/years.xlsx").content)
    assert rows[1][1:3] == (3, 4)
    assert str(day) in str(rows[0][1])


def test_the_page_shows_any_two_years_in_both_languages(desk: Desk) -> None:
    year = two_years(desk)
    lead = desk.staff("lead")

    page = lead.get(f"/staff/report?year={year}&other={year - 1}").text
    assert "信用修复（件）</th>" in page
    assert "-25.0%" in page
    assert "+15.0 个百分点" in page
    assert f"years.xlsx?year={year}&amp;other={year - 1}" in page
    assert [
        f"<option>{each}" in page or f"selected>{each}" in page for each in range(year - 1, year + 2)
    ] == [True] * 3
    lead.post("/staff/language", data={"language": "en"})
    page = lead.get(f"/staff/report?year={year}&other={year - 1}").text
    assert "Credit repairs</th>" in page
    assert "+15.0 points" in page


def test_a_year_before_anything_was_counted_says_so(desk: Desk) -> None:
    desk.say(desk.citizen(), "老板拖欠工资怎么办")

    page = desk.staff("lead").get("/staff/report").text
    assert f"{today(desk)} 以前没有数据" in page


@pytest.mark.parametrize(
    "query", ["year=3000", "year=1999", "other=3000", "year=x", "year=99999999999999999999"]
)
def test_years_that_cannot_be_are_refused(desk: Desk, query: str) -> None:
    assert desk.staff("lead").get(f"/staff/report/years.csv?{query}").status_code in (400, 422)
    assert desk.staff("lead").get(f"/staff/report?{query}").status_code in (400, 422)


def test_agents_get_no_yearly_figures(desk: Desk) -> None:
    assert desk.staff("agent").get("/staff/report/years.xlsx").status_code == 403


def test_tickets_are_exported_over_http_as_texts_that_no_program_runs(desk: Desk) -> None:
    desk.ask_for_person("=HYPERLINK(1) 我的电话13812345678，老板拖欠工资怎么办")

    answer = desk.staff("lead").get("/staff/report/tickets.xlsx")
    assert answer.headers["content-type"] == XLSX
    book = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert isinstance(book, Worksheet)
    head, row = list(book.rows)
    subject = row[[cell.value for cell in head].index("事由")]
    assert (str(subject.value)[:6], subject.data_type) == ("'=HYPE", "s")
    assert "13812345678" not in str(sheet(answer.content))


def test_the_figures_of_a_period_hold_the_years_too(desk: Desk) -> None:
    store(desk, date(today(desk).year - 1, 1, 1), consultations=7)
    store(desk, today(desk) - timedelta(days=1), consultations=9)

    rows = sheet(desk.staff("lead").get("/staff/report/figures.xlsx").content)
    year = today(desk).year
    yearly = {row[1]: row[2] for row in rows if row[0] == "年度数据"}
    assert (yearly[f"{year} 咨询（件）"], yearly[f"{year - 1} 咨询（件）"]) == (9, 7)
