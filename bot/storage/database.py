"""Opens the database and hands out transactions: one place, both engines.

SQLite runs with WAL and full sync, so a commit survives kill -9 and power loss; every transaction takes the
write lock at its start (BEGIN IMMEDIATE), because a read that later writes would fail instead of waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from bot.errors import StorageError
from bot.storage.prepared import run

BUSY_TIMEOUT_MS = 30_000
HEAD = "0008"  # the newest migration; a test holds it to the files


class Database:
    """One database. `transaction()` commits on leaving, rolls back on any exception."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._line = Lock() if engine.dialect.name == "sqlite" else None
        self._listeners: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection inside one write transaction."""
        with self._in_line(), self.engine.begin() as tx:
            yield tx
        for listener in self._listeners:
            listener()

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """SQLite lets one write at a time and has the others sleep and try: whoever slept longest may wait for seconds.

        Threads of one process stand in line instead; other processes still meet at SQLite's own lock.
        """
        if self._line is None:
            yield
            return
        if not self._line.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise StorageError(
                "another write takes too long; restart anwen, and see whether the disk is slow"
            )
        try:
            yield
        finally:
            self._line.release()

    def after_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every transaction of this process; it must neither block nor raise."""
        self._listeners.append(listener)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads only: takes no lock on SQLite and sees one snapshot."""
        with self.engine.connect().execution_options(anwen_reading=True) as connection:
            yield connection

    def close(self) -> None:
        """Return every connection."""
        self.engine.dispose()


def open_as_it_is(url: str) -> Database:
    """The database at `url`, which must exist, in the schema it has: a backup before an update changes nothing."""
    return Database(_engine(url))


def open_database(url: str) -> Database:
    """The database at `url`, created and migrated to the newest schema.

    Raises StorageError with one line naming the place and the fix.
    """
    try:
        engine = _engine(url)
        _migrate(engine)
    except (ArgumentError, ImportError) as error:
        raise StorageError(
            f"storage.url: ‘{_shown(url)}’ cannot be used ({error}); see docs/operate.md"
        ) from error
    except (OperationalError, OSError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise StorageError(
            f"{_shown(url)}: the database cannot be opened ({reason}); "
            "check that the folder exists, is writable and the disk is not full"
        ) from error
    except SQLAlchemyError as error:
        raise StorageError(
            f"{_shown(url)}: is not a database of anwen ({error}); restore a backup"
        ) from error
    return Database(engine)


def _shown(url: str) -> str:
    """The place without a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return "storage.url"
    return str(parsed.database) if parsed.drivername.startswith("sqlite") else parsed.render_as_string()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # one pool of real connections also for :memory: would give each its own database: tests use files
    engine = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=40,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # an error message must not quote what people wrote
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would start transactions by its own rules
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("anwen_reading", False)
    run(connection, "BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    """Bring the schema to HEAD; alembic is imported only when there is something to do."""
    with engine.connect() as connection:
        if inspect(connection).has_table("alembic_version"):
            current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if current == HEAD:
                return
    from alembic import command
    from alembic.config import Config as AlembicConfig

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
