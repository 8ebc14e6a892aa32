"""Databases as an older version left them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from bot.storage import database

SCRIPTS = Path(database.__file__).parent / "migrations"


def older_database(path: Path, revision: str) -> None:
    """Write an empty database of the schema `revision` to `path`."""
    engine = create_engine(f"sqlite:///{path}")
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
    engine.dispose()
