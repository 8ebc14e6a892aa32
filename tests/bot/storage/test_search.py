"""What was said is found once the search has caught up, whole and once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.conversation import my_data, sessions, transcript
from bot.conversation.model import Address, Author, Delivery
from bot.storage import search
from bot.storage.database import Database, open_database

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)
SOMEBODY = Address(channel="web", user="somebody")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")
    yield opened
    opened.close()


def say(database: Database, *texts: str) -> list[int]:
    with database.transaction() as tx:
        chat = sessions.start(tx, SOMEBODY, now=MONDAY).id
        return [
            transcript.post(tx, chat, Author.CITIZEN, text, {}, status=Delivery.RECEIVED, now=MONDAY).id
            for text in texts
        ]


def found(database: Database, query: str) -> tuple[int, ...]:
    with database.reading() as tx:
        return search.find(tx, query, limit=10_000)


def rows(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.execute(text("SELECT count(*) FROM message_search")).scalar_one())


def test_everything_new_is_found_and_nothing_twice(database: Database):
    (first,) = say(database, "工资没发")
    search.refresh(database)
    search.refresh(database)
    second, empty = say(database, "工资发了一半", "!!")
    search.refresh(database)

    assert found(database, "工资") == (second, first)
    assert rows(database) == 3, empty


def test_more_than_one_transaction_takes_is_found(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "AT_ONCE", 3)
    ids = say(database, *(f"第{number}句 工资" for number in range(8)))

    search.refresh(database)

    assert found(database, "工资") == tuple(reversed(ids))


def test_what_was_stored_late_under_a_lower_number_is_found(database: Database):
    """Numbers are given before the commit, so a lower one may become visible after a higher one."""
    first, late, last = say(database, "工资一", "工资二", "工资三")
    with database.transaction() as tx:
        for message in (first, last):
            tx.execute(
                text("INSERT INTO message_search (rowid, grams) VALUES (:id, :grams)"),
                {"id": message, "grams": search.grams("工资")},
            )

    search.refresh(database)

    assert found(database, "工资") == (last, late, first)


def test_what_was_erased_before_it_was_findable_is_never_found(database: Database):
    say(database, "我住月河街")
    with database.transaction() as tx:
        my_data.erase(tx, SOMEBODY, now=MONDAY)

    search.refresh(database)

    assert found(database, "月河街") == ()
    assert rows(database) == 0
