"""The duty roster on the page of all accounts."""

from pathlib import Path

from tests.bot.console.world import open_desk_site

EVERY_DAY = {
    day: ["08:00-12:00", "14:00-18:00"]
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}


def test_a_supervisor_sees_who_works_when_today(tmp_path: Path) -> None:
    shift = {"staff": ["agent"], "hours": EVERY_DAY, "holidays": True}
    with open_desk_site(tmp_path, desk={"staffed": "yes", "roster": [shift]}) as desk:
        page = desk.staff("lead").get("/staff/people").text

    assert page.count("值班表今天") == 1
    line = page[page.index("值班表今天") :].split("</p>")[0]
    assert "08:00–12:00、14:00–18:00" in line
    assert page.index("张三") < page.index("值班表今天") < page.index("赵管理")
