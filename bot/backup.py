"""`anwen backup` and `anwen restore`: the whole database in one file. SQLite; PostgreSQL has its own tools for this."""

import getpass
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Config
from bot.errors import StorageError
from bot.storage.database import BUSY_TIMEOUT_MS, HEAD, Database, open_as_it_is, open_database
from bot.tickets import audit
from bot.tickets.audit import COMMAND_LINE

_PRIVATE = 0o600  # it holds what citizens wrote
LONGEST_TARGET = 100  # of an audit entry


def back_up(config: Config, target: Path) -> int:
    """Write the database as it is at one moment to `target`, also while it is served; its size in bytes.

    That it was taken is in the audit, of the database and of the copy: what leaves unseen cannot be asked after.

    Raises StorageError when `target` exists, cannot be written, or there is nothing to back up.
    """
    source = _file(config)
    if not source.exists():
        raise StorageError(f"{source}: there is no database yet")
    if target.exists():
        raise StorageError(f"{target}: exists already; choose another name")
    partial = target.with_name(target.name + ".partial")
    try:
        _recorded(open_as_it_is(config.database_url), "data.backup", target)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.touch(mode=_PRIVATE)
        with closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        _checked(partial)
        _flushed(partial)
        partial.rename(target)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"{target}: the backup failed ({error}); check the folder and the disk") from error
    return target.stat().st_size


def restore(config: Config, source: Path) -> Path | None:
    """Put the backup `source` in the place of the database; where the old one went, None when there was none.

    An older backup is brought to today's schema. Raises StorageError when `source` is no backup, is newer than this
    version, or a server still uses the database; nothing is changed then.
    """
    target = _file(config)
    if not source.is_file():
        raise StorageError(f"{source}: there is no such file")
    _checked(source)
    incoming = target.with_name(target.name + ".incoming")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, incoming)
        incoming.chmod(_PRIVATE)
        _flushed(incoming)
        kept = _set_aside(target)
        incoming.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"{source}: cannot be restored ({error})") from error
    finally:
        incoming.unlink(missing_ok=True)
    _recorded(open_database(config.database_url), "data.restored", source)
    return kept


def _recorded(database: Database, action: str, file: Path) -> None:
    """Who copied what, and when; the name of the file, not its folder."""
    try:
        with database.transaction() as tx:
            now, target = datetime.now(UTC), f"file:{file.name}"[:LONGEST_TARGET]
            audit.record(tx, COMMAND_LINE, action, target, now=now, account=_account())
    finally:
        database.close()


def _account() -> str:
    """Who runs the command, as the machine calls them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _file(config: Config) -> Path:
    url = make_url(config.database_url)
    if not url.drivername.startswith("sqlite") or not url.database:
        raise StorageError("storage.url: is no SQLite file; use pg_dump and pg_restore, see docs/operate.md")
    return Path(url.database)


def _checked(path: Path) -> None:
    """Raises StorageError unless `path` is a sound database of anwen that this version can read."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.DatabaseError, TypeError) as error:
        raise StorageError(f"{path}: is no backup of anwen ({error})") from error
    if not sound:
        raise StorageError(f"{path}: is damaged; take another backup")
    if version > HEAD:
        raise StorageError(f"{path}: was made by a newer version ({version}); update anwen first")


def _set_aside(target: Path) -> Path | None:
    """Move the present database away, whole. Raises StorageError while somebody has it open."""
    if not target.exists():
        return None
    try:
        with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as connection:
            # leaving WAL needs the file for oneself, and folds the log into it
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise StorageError(f"{target}: is in use; stop `anwen serve` first") from error
    kept = target.with_name(f"{target.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    target.rename(kept)
    return kept


def _flushed(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
