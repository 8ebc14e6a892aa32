"""Who looked at what: lists, searches, exports, backups; numbers masked, and no word of a citizen on record."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.backup import back_up, restore
from bot.storage.database import open_database
from bot.tickets import audit
from bot.tickets.audit import Entry
from tests.bot.console.test_accounts import records
from tests.bot.console.world import Desk
from tests.bot.storage.older import older_database
from tests.world import shipped_config

PHONE = "13812345678"


def entries(desk: Desk, action: str) -> list[Entry]:
    with desk.database.reading() as tx:
        return list(audit.listing(tx, action=action))


def test_a_search_is_on_record_with_what_it_showed_and_not_what_was_typed(desk: Desk) -> None:
    _, number = desk.ask_for_person(f"张小红拖欠工资，电话{PHONE}")
    agent = desk.staff("agent")

    page = agent.get("/staff/search", params={"q": "张小红"}).text
    assert number in page
    assert "138****5678" in page
    assert PHONE not in page
    [entry] = entries(desk, "data.search")
    assert (entry.actor, entry.detail) == (
        f"staff:{desk.people['agent'].id}",
        {"found": 1, "tickets": [number]},
    )
    assert "张小红" not in str(entry)


def test_searching_by_a_number_does_not_show_it_and_every_search_counts(desk: Desk) -> None:
    desk.ask_for_person(f"老板拖欠工资，电话{PHONE}")
    agent = desk.staff("agent")

    found = agent.get("/staff/search", params={"q": PHONE}).text
    assert "找到 1 张工单" in found
    assert found.count(PHONE) == 1  # what was typed, in its box
    agent.get("/staff/search", params={"q": "没有的词"})
    agent.get("/staff/search", params={"q": "也没有的词"})
    agent.get("/staff/search")  # the empty page looks at nothing
    assert [entry.detail["found"] for entry in entries(desk, "data.search")] == [0, 0, 1]
    assert PHONE not in str(entries(desk, "data."))


def test_a_search_page_left_open_is_one_entry_until_it_shows_something_else(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    for _ in range(3):  # it fetches itself again
        agent.get("/staff/search?q=工资")
    assert len(entries(desk, "data.search")) == 1

    _, other = desk.ask_for_person("工资条不给怎么办")
    agent.get("/staff/search?q=工资")
    assert [entry.detail["tickets"] for entry in entries(desk, "data.search")] == [[other, number], [number]]


def test_the_audit_page_names_what_a_search_showed(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    desk.staff("lead").get("/staff/search?q=工资")

    page = desk.staff("audit").get("/staff/audit?action=data.search").text
    assert "王主管" in page
    assert f"tickets={number} " in page


def test_looking_at_a_list_is_on_record_once_an_hour_and_list(desk: Desk) -> None:
    _, number = desk.ask_for_person(f"老板拖欠工资，电话{PHONE}")
    agent = desk.staff("agent")
    for path in ("/staff", "/staff", "/staff?show=mine", "/staff?queue=legal", "/staff?queue=legal"):
        page = agent.get(path).text
        assert PHONE not in page
    assert number in agent.get("/staff").text

    def lists() -> list[tuple[str, str, dict[str, Any]]]:
        return records(desk, "ticket.listed")

    assert [target for _, target, _ in lists()] == ["list:live:legal", "list:mine", "list:live"]
    assert "在办 法律服务" in desk.staff("audit").get("/staff/audit").text
    assert {who for who, _, _ in lists()} == {"agent"}
    desk.clock.ahead = timedelta(hours=1, minutes=1)
    agent.get("/staff")
    assert len(lists()) == 4


def test_a_backup_is_on_record_in_the_database_and_in_the_copy(desk: Desk, tmp_path: Path) -> None:
    back_up(desk.config, tmp_path / "night.db")

    [entry] = entries(desk, "data.backup")
    assert (entry.actor, entry.target) == ("cli", "file:night.db")
    assert entry.detail["account"]
    copy = sqlite3.connect(tmp_path / "night.db")
    assert copy.execute("SELECT target FROM audit WHERE action = 'data.backup'").fetchall() == [
        ("file:night.db",)
    ]
    copy.close()


def test_a_backup_before_an_update_changes_no_schema_and_a_restore_is_on_record(tmp_path: Path) -> None:
    config = shipped_config(tmp_path / "data")
    (tmp_path / "data").mkdir()
    older_database(tmp_path / "data" / "anwen.db", "0005")

    back_up(config, tmp_path / "old.db")
    for file in (tmp_path / "data" / "anwen.db", tmp_path / "old.db"):
        connection = sqlite3.connect(file)
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0005",)
        connection.close()
    restore(config, tmp_path / "old.db")
    database = open_database(config.database_url)
    with database.reading() as tx:
        found = [(entry.action, entry.target) for entry in audit.listing(tx)]
    database.close()
    assert found == [("data.restored", "file:old.db"), ("data.backup", "file:old.db")]
