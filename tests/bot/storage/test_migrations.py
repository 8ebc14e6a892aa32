"""The schema grows by migrations, and they build exactly the tables that the code names."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from bot.storage import desk_tables
from bot.storage.database import open_database
from bot.storage.tables import metadata
from tests.bot.storage.older import older_database

SEARCH = "message_search"  # made by hand for each engine: SQLAlchemy knows no full-text tables


def test_migrations_build_the_tables_there_are(tmp_path: Path):
    opened = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")
    with opened.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    opened.close()

    assert desk_tables.tickets.metadata is metadata
    assert [each for each in differences if SEARCH not in str(each)] == []


def test_files_keep_their_bytes_when_these_move_to_a_table_of_their_own(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'anwen.db'}"
    older_database(tmp_path / "anwen.db", "0003")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO attachments (id, public_id, conversation_id, name, media_type, size_bytes, "
                "content, created_at) VALUES (7, 'f', 1, 'a.pdf', 'application/pdf', 3, x'010203', 0)"
            )
        )
    engine.dispose()

    opened = open_database(url)
    with opened.reading() as connection:
        [row] = connection.execute(text("SELECT * FROM attachment_contents")).all()
        columns = connection.execute(text("SELECT * FROM attachments")).keys()
    opened.close()
    assert tuple(row) == (7, b"\x01\x02\x03")
    assert "content" not in columns
