"""Statements of the hottest paths, handed to SQLite as text.

SQLAlchemy's session and what it does around each statement cost several times what SQLite itself
needs for a row by its key. Where a few microseconds count, a statement is compiled once and goes
straight to the driver; PostgreSQL, a network away, gets it in the usual way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError

from chatapp.extensions import db

_Convert = Callable[[Any], Any]


class Prepared:
    """A statement that gives numbers, texts and bytes: nothing else is converted on its way out."""

    def __init__(self, statement: Executable) -> None:
        self.statement: Any = statement
        self._text = ""
        self._named: list[tuple[str, _Convert | None]] = []
        self._own: dict[str, Any] = {}

    def rows(self, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """All that a select finds, as it is now: outside of any transaction, and holding nothing.

        Raises SQLAlchemy's errors.
        """
        engine = db.engine
        if engine.dialect.name != "sqlite":
            return db.session.execute(self.statement, values).all()
        # Not the session's connection: to open a session takes longer than to ask SQLite.
        with engine.connect() as connection:
            return self.run(connection, values).fetchall()

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """What has `fetchone()` and `fetchall()`. Raises SQLAlchemy's errors."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, values)
        if not self._text:
            self._compile(connection)
        all_ = {**self._own, **values} if self._own else values
        given = [convert(all_[name]) if convert else all_[name] for name, convert in self._named]
        driver: Any = connection.connection.driver_connection
        try:
            return driver.execute(self._text, given)
        except driver.Error as error:
            raise as_sqlalchemy(error, connection, self._text) from error

    def _compile(self, connection: Connection) -> None:
        compiled: Any = self.statement.compile(dialect=connection.dialect)
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            kind = bind.type.dialect_impl(connection.dialect)
            self._named.append((name, kind.bind_processor(connection.dialect)))
            if not bind.required:
                # A value that stands in the statement itself, as the 1 of `head_seq + 1`.
                self._own[name] = bind.value
        self._text = compiled.string


def as_sqlalchemy(error: Exception, connection: Connection, text: str) -> BaseException:
    """The driver's error as everybody expects it, without what people wrote."""
    kind: Any = connection.connection.driver_connection
    return DBAPIError.instance(
        text, {}, error, kind.Error, hide_parameters=True, dialect=connection.dialect
    )
