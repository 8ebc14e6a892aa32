import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from bot.channels.terminal import run_chat
from bot.conversation.engine import Engine
from bot.storage.database import Database, open_database
from bot.storage.tables import messages
from tests.bot.world import SmallSearch, small_engine
from tests.world import shipped_config


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")
    yield database
    database.close()


@pytest.fixture
def engine(tmp_path: Path, database: Database) -> Engine:
    return small_engine(shipped_config(tmp_path), database, SmallSearch())


def talk(engine: Engine, *lines: str, terminal: bool = False) -> str:
    """What is printed when `lines` are piped in."""
    printed = io.StringIO()
    run_chat(
        engine,
        source=io.StringIO("".join(f"{line}\n" for line in lines)),
        console=Console(file=printed, force_terminal=terminal, width=30, highlight=False),
    )
    return printed.getvalue()


def said(database: Database) -> list[str]:
    with database.reading() as tx:
        rows = tx.execute(select(messages).where(messages.c.author == "citizen").order_by(messages.c.id))
        return [row.text for row in rows]


def test_each_piped_line_is_answered_in_plain_text(engine: Engine):
    printed = talk(engine, "老板拖欠工资怎么办？", "", "那要多少钱？")

    assert "先打 12333 投诉。" in printed
    assert "— 劳动法第五十条（2026-11-20）" in printed
    assert "不收费" in printed
    assert "\x1b" not in printed


def test_a_long_line_is_not_broken_for_a_pipe(engine: Engine):
    assert "2. 到劳动监察投诉，写清欠 120 元还是更多。\n" in talk(engine, "老板拖欠工资怎么办？")


def test_a_number_chooses(engine: Engine, database: Database):
    printed = talk(engine, "可能是工资", "1")

    assert "[1] 老板拖欠工资怎么办？" in printed
    assert said(database) == ["可能是工资", "老板拖欠工资怎么办？"]


def test_a_number_beyond_five_chooses_too(engine: Engine, database: Database):
    talk(engine, "有人冒充公安打电话给我", "5")

    assert said(database)[-1] == "转人工"


def test_no_control_character_reaches_the_terminal_or_the_transcript(engine: Engine, database: Database):
    printed = talk(engine, "工资\x1b]0;owned\x07\x9b31m")

    assert said(database) == ["工资]0;owned31m"]
    assert not set(printed) & {"\x1b", "\x07", "\x9b"}


def test_text_is_no_markup(engine: Engine):
    assert "[1]" in talk(engine, "可能是工资 [bold]x[/bold]", terminal=True)


def test_a_terminal_gets_colours_unless_told_otherwise(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    assert "\x1b[1;31m" in talk(engine, "我刚刚被骗转了三万块钱", terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in talk(engine, "我刚刚被骗转了三万块钱", terminal=True)


def test_quit_ends_before_the_input_does(engine: Engine, database: Database):
    talk(engine, "/quit", "老板拖欠工资怎么办？")

    assert said(database) == []


def test_two_runs_are_two_chats(engine: Engine):
    talk(engine, "老板拖欠工资怎么办？")

    assert "不收费" not in talk(engine, "那要多少钱？")
