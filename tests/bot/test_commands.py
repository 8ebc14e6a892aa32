"""The commands of the desk, run as people run them."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.backup import back_up, restore
from bot.cli import app
from bot.conversation import handling
from bot.conversation.files import FileKind, Upload
from bot.conversation.model import Address, Message
from bot.errors import AnwenError, StorageError
from bot.storage.database import HEAD, open_database
from bot.tickets import audit, staff
from tests.bot.storage.older import older_database
from tests.bot.tickets.world import PASSWORD, Office, open_office
from tests.bot.world import until
from tests.world import ROOT, shipped_config


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path / "data") as office:
        yield office


def anwen(data: Path, *arguments: str, password: str | None = None) -> Result:
    """`anwen` on the database in a folder, without a terminal."""
    environment = {"ANWEN_STORAGE__FOLDER": str(data), "ANWEN_ADMIN_PASSWORD": password}
    return CliRunner().invoke(app, [*arguments, "--config", str(ROOT / "config.yaml")], env=environment)


def test_accounts_are_made_changed_and_disabled(office: Office):
    data = office.config.data
    made = anwen(
        data,
        "admin",
        "create",
        "lin",
        "--name",
        "林梅",
        "--role",
        "agent",
        "--queue",
        "legal",
        password=PASSWORD,
    )
    assert made.exit_code == 0
    assert made.stdout.startswith(
        "created lin (agent); sign in at /staff; they choose a password of their own"
    )
    token = staff.sign_in(office.database, "lin", PASSWORD, origin="here", now=office.clock())

    changed = anwen(data, "admin", "passwd", "lin", password="另一个很长很长的密码")
    assert changed.exit_code == 0
    assert staff.current(office.database, token, now=office.clock()) is None
    staff.sign_in(office.database, "lin", "另一个很长很长的密码", origin="here", now=office.clock())

    gone = anwen(data, "admin", "disable", "lin")
    assert gone.stdout == "disabled lin; 0 tickets went back or to colleagues\n"
    with office.database.reading() as tx:
        assert [(entry.actor, entry.action) for entry in reversed(audit.listing(tx))] == [
            ("cli", "staff.create"),
            ("cli", "staff.password"),
            ("cli", "staff.disable"),
        ]


@pytest.mark.parametrize(
    ("earlier", "own", "typed", "temporary"),
    [
        (False, False, True, False),  # the first one at the keyboard: there is nobody else
        (False, False, False, True),  # out of a script
        (True, False, True, True),  # typed by whoever runs the server
        (True, True, True, False),
        (True, True, False, False),
    ],
)
def test_a_password_that_others_know_is_temporary(
    office: Office, monkeypatch: pytest.MonkeyPatch, earlier: bool, own: bool, typed: bool, temporary: bool
):
    monkeypatch.setattr("bot.commands.admin._password", lambda: PASSWORD)
    if earlier:
        office.hire("zhang")

    more = ["--own"] if own else []
    given = None if typed else PASSWORD
    made = anwen(office.config.data, "admin", "create", "lin", *more, password=given)
    assert must_change(office) == temporary == ("choose a password" in made.stdout)
    anwen(office.config.data, "admin", "passwd", "lin", password=PASSWORD)
    assert must_change(office)
    anwen(office.config.data, "admin", "passwd", "lin", "--own", password=PASSWORD)
    assert not must_change(office)


def must_change(office: Office) -> bool:
    """Whether lin must choose another password."""
    with office.database.reading() as tx:
        lin = staff.by_username(tx, "lin")
    assert lin is not None
    return lin.must_change_password


@pytest.mark.parametrize(
    ("arguments", "password", "says"),
    [
        (["admin", "create", "lin"], None, "set ANWEN_ADMIN_PASSWORD"),
        (["admin", "create", "lin"], "password123", "tried first by everybody"),
        (["admin", "create"], PASSWORD, "the user name is missing"),
        (["admin", "passwd", "nobody"], PASSWORD, "there is no account ‘nobody’"),
        (["admin", "disable", "nobody"], None, "there is no account ‘nobody’"),
        (["tickets", "show", "20261124-0001"], None, "there is no ticket"),
        (["restore", "nothing.db"], None, "there is no such file"),
        (["restore", "README.md"], None, "is no backup of anwen"),
    ],
)
def test_what_cannot_be_done_says_why(office: Office, arguments: list[str], password: str | None, says: str):
    refused = anwen(office.config.data, *arguments, password=password)

    assert isinstance(refused.exception, AnwenError)
    assert says in str(refused.exception)
    assert PASSWORD not in str(refused.exception)


def test_a_refusal_is_one_line_and_code_two(office: Office):
    refused = subprocess.run(
        [sys.executable, "-m", "bot", "admin", "create", "lin", "--config", str(ROOT / "config.yaml")],
        env={**os.environ, "ANWEN_STORAGE__FOLDER": str(office.config.data)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "anwen: there is nobody to ask for a password; set ANWEN_ADMIN_PASSWORD\n"


def test_tickets_are_listed_and_shown_with_numbers_masked(office: Office):
    lin = office.hire("lin")
    office.say("我的电话是 13812345678，老板拖欠工资")
    office.say("转人工")
    office.do(handling.answer, office.ticket(), lin, "带合同来。", seen_seq=99)
    with office.database.transaction() as tx:
        handling.note(tx, office.ticket().id, lin, "打 13812345678 联系", now=office.clock())

    listed = anwen(office.config.data, "tickets", "list")
    shown = anwen(office.config.data, "tickets", "show", "20261124-0001", "--json")

    assert "20261124-0001" in listed.stdout
    assert "lin" in listed.stdout
    assert "13812345678" not in listed.stdout + shown.stdout
    ticket = json.loads(shown.stdout)
    assert [event["kind"] for event in ticket["history"]] == ["opened", "answered", "noted"]
    assert ticket["messages"][-1]["text"] == "带合同来。"
    assert ticket["notes"][0]["text"] == "打 <phone> 联系"
    with office.database.reading() as tx:
        assert [(entry.action, entry.target) for entry in audit.listing(tx, actor="cli")] == [
            ("ticket.read", "ticket:20261124-0001"),
            ("ticket.listed", "list:live"),
        ]


def test_purge_counts_by_category_and_deletes_only_when_told(office: Office):
    office.say("你好")
    with office.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE conversations SET updated_at = 0")

    preview = anwen(office.config.data, "purge")
    assert "conversations        1 older than 180 days" in preview.stdout
    assert "nothing was deleted" in preview.stdout
    assert len(office.chat()) == 2
    assert "deleted" in anwen(office.config.data, "purge", "--yes").stdout
    assert "conversations        0" in anwen(office.config.data, "purge").stdout


def test_a_backup_made_under_load_is_whole_and_comes_back(office: Office, tmp_path: Path):
    upload = Upload(name="合同.pdf", kind=FileKind.PDF, content=b"%PDF-1.4 %%EOF")
    sender = Address(channel="test", user="with a file")
    office.engine.handle(Message(sender=sender, text="", external_id="f", files=(upload,)))
    stop = threading.Event()

    def load() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            office.say("老板拖欠工资怎么办", who=f"p{number % 5}")

    worker = threading.Thread(target=load)
    worker.start()
    try:
        until(lambda: office.said > 20)
        size = back_up(office.config, tmp_path / "b.db")
    finally:
        stop.set()
        worker.join()
    rows = sqlite3.connect(tmp_path / "b.db")
    citizens, bots = (
        rows.execute("SELECT count(*) FROM messages WHERE author = ?", (author,)).fetchone()[0]
        for author in ("citizen", "bot")
    )
    rows.close()
    assert size == (tmp_path / "b.db").stat().st_size
    assert (tmp_path / "b.db").stat().st_mode & 0o077 == 0
    assert citizens == bots > 0  # never half a turn

    office.database.close()
    kept = restore(office.config, tmp_path / "b.db")

    assert kept is not None
    assert kept.exists()
    assert "search" not in str(list(office.config.data.glob("*.incoming")))
    with office.database.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM messages").scalar_one() == citizens + bots
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert tx.exec_driver_sql("SELECT content FROM attachment_contents").scalar_one() == upload.content
    office.say("老板拖欠工资怎么办")


def test_a_backup_never_overwrites(office: Office, tmp_path: Path):
    (tmp_path / "b.db").write_text("precious")

    with pytest.raises(StorageError, match="exists already"):
        back_up(office.config, tmp_path / "b.db")
    assert (tmp_path / "b.db").read_text() == "precious"


def test_nothing_is_restored_under_a_running_server(office: Office, tmp_path: Path):
    back_up(office.config, tmp_path / "b.db")
    office.say("你好")

    with pytest.raises(StorageError, match="stop `anwen serve` first"):
        restore(office.config, tmp_path / "b.db")
    assert len(office.chat()) == 2
    assert list(office.config.data.glob("*.incoming")) == []


def test_a_backup_of_a_newer_version_or_a_damaged_one_is_refused(office: Office, tmp_path: Path):
    back_up(office.config, tmp_path / "b.db")
    newer, damaged = tmp_path / "newer.db", tmp_path / "damaged.db"
    shutil.copy(tmp_path / "b.db", newer)
    connection = sqlite3.connect(newer)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    content = bytearray((tmp_path / "b.db").read_bytes())
    content[8192:20_000] = bytes(20_000 - 8192)
    damaged.write_bytes(content)
    office.database.close()

    with pytest.raises(StorageError, match="newer version"):
        restore(office.config, newer)
    with pytest.raises(StorageError, match=r"damaged|no backup"):
        restore(office.config, damaged)


def test_an_older_backup_is_brought_to_todays_schema(tmp_path: Path):
    config = shipped_config(tmp_path / "new")
    old = tmp_path / "old.db"
    older_database(old, "0002")

    assert restore(config, old) is None
    database = open_database(config.database_url)
    with database.reading() as tx:
        assert tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == HEAD
    database.close()
