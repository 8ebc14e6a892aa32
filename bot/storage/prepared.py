"""Statements that every turn runs, compiled once and handed to the driver as they are.

SQLAlchemy spends several times as long on the way to such a statement as the database on the statement
(docs/adr/0011); for the handful in a turn that is the longest part of it that is not the disk or the encoder.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any]


class _Ready(NamedTuple):
    """A statement as one dialect and its driver take it."""

    sql: str
    names: tuple[str, ...]  # of its values, in their order
    fixed: dict[str, Any]  # the values that are part of it
    is_positional: bool
    to_driver: dict[str, Convert]
    from_driver: dict[int, Convert]  # by the place in a row


class Prepared:
    """A statement with named values, which are given each time.

    Args:
        statement: with a `bindparam` for each value; of an insert, the columns named in `columns` are the values.
        columns: of an insert.
    """

    def __init__(
        self, statement: Select[Any] | Insert | Update | Delete, *, columns: Sequence[str] | None = None
    ) -> None:
        self._statement = statement
        self._columns = columns
        self._ready: dict[str, _Ready] = {}

    def first(self, tx: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run it; the first of the rows it gives, None when it gives none. Raises DBAPIError."""
        if not tx.in_transaction():  # as with any other statement
            tx.begin()
        ready = self._ready.get(tx.dialect.name) or self._compiled(tx.dialect)
        known = {**ready.fixed, **values}
        given = {
            name: convert(known[name]) if (convert := ready.to_driver.get(name)) else known[name]
            for name in ready.names
        }
        sent = tuple(given.values()) if ready.is_positional else given
        row = run(tx, ready.sql, sent)
        if row is None or not ready.from_driver:
            return row
        return tuple(
            convert(value) if (convert := ready.from_driver.get(place)) else value
            for place, value in enumerate(row)
        )

    def _compiled(self, dialect: Dialect) -> _Ready:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = tuple(compiled.positiontup or compiled.params)
        to_driver = {
            name: convert
            for name in names
            if (convert := compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        }
        from_driver = {
            place: convert
            for place, column in enumerate(getattr(self._statement, "exported_columns", ()))
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        }
        fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        ready = _Ready(str(compiled), names, fixed, compiled.positiontup is not None, to_driver, from_driver)
        self._ready[dialect.name] = ready
        return ready


def run(tx: Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> tuple[Any, ...] | None:
    """Hand a statement to the driver; the first row it gives. Raises DBAPIError, as SQLAlchemy does."""
    driver = tx.connection.cursor()
    try:
        driver.execute(sql, values)
        row = driver.fetchone() if driver.description else None
    except Exception as error:
        assert tx.dialect.dbapi is not None
        raise DBAPIError.instance(
            sql, None, error, tx.dialect.dbapi.Error, hide_parameters=True, dialect=tx.dialect
        ) from error
    finally:
        driver.close()
    return None if row is None else tuple(row)
