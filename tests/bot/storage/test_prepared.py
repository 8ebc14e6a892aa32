"""Statements handed to the driver as they are give what SQLAlchemy gives, and fail as it fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.storage.database import Database, open_database
from bot.storage.prepared import Prepared, run
from bot.storage.tables import conversations

COLUMNS = (
    "public_id",
    "channel",
    "address",
    "language",
    "state",
    "version",
    "last_seq",
    "created_at",
    "updated_at",
)
ROW = {
    "public_id": "p",
    "channel": "web",
    "address": "o'; DROP TABLE conversations; --",
    "language": "zh",
    "state": {"language": "zh", "said": "“引号” \N{FACE WITH TEARS OF JOY} '%s' :x ?"},
    "version": 0,
    "last_seq": 0,
    "created_at": 1.5,
    "updated_at": 2.5,
}
ADD = Prepared(insert(conversations).returning(conversations.c.id), columns=COLUMNS)
FIND = Prepared(
    select(conversations.c.id, conversations.c.state, conversations.c.ended_at).where(
        conversations.c.address == bindparam("address"), conversations.c.language == "zh"
    )
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")
    yield opened
    opened.close()


def test_rows_are_as_sqlalchemy_stores_and_reads_them(database: Database):
    with database.transaction() as tx:
        (added,) = ADD.first(tx, ROW) or ()
        plain = tx.execute(select(conversations)).one()

    assert plain._mapping == ROW | {"id": added, "ended_at": None}
    with database.reading() as tx:
        assert FIND.first(tx, {"address": ROW["address"]}) == (added, ROW["state"], None)
        assert FIND.first(tx, {"address": "nobody"}) is None


def test_a_value_that_is_not_given_is_an_error(database: Database):
    with database.reading() as tx, pytest.raises(KeyError, match="address"):
        FIND.first(tx, {})


def test_errors_are_those_of_sqlalchemy_and_quote_nobody(database: Database):
    with database.transaction() as tx:
        ADD.first(tx, ROW)
    with pytest.raises(IntegrityError) as refused, database.transaction() as tx:
        ADD.first(tx, ROW)
    assert "DROP TABLE" not in str(refused.value)

    with database.reading() as tx, pytest.raises(OperationalError):
        run(tx, "SELECT * FROM nothing")


def test_what_was_run_is_undone_with_its_transaction(database: Database):
    with database.engine.connect() as tx:
        ADD.first(tx, ROW)
        tx.rollback()

    with database.reading() as tx:
        assert FIND.first(tx, {"address": ROW["address"]}) is None
