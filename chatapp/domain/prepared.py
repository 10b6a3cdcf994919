"""Statements of the hottest paths, handed to SQLite as text.

SQLAlchemy's session and what it does around each statement cost several times what SQLite itself
needs for a row by its key. Where a few microseconds count, a statement is compiled once and goes
straight to the driver. PostgreSQL, a network away, gets it from SQLAlchemy, in one round trip.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Dialect, Executable

from chatapp.contexts import app_context
from chatapp.database import as_sqlalchemy
from chatapp.extensions import db

_Convert = Callable[[Any], Any]


class Direct(NamedTuple):
    """The driver's own connection to SQLite, and the dialect that its statements are in."""

    driver: Any
    dialect: Dialect

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """What stands behind this connection."""
        return cls(connection.connection.driver_connection, connection.dialect)


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
        readers = app_context().app.extensions.get("readers")
        if readers is None:
            if db.session.registry.has() and db.session().in_transaction():
                # Who holds a connection must not wait for another one: as many as there are in the
                # pool would wait for each other.
                return db.session.connection().execute(self.statement, values).all()
            # Not the session's otherwise: it would keep its connection until the request ends, and
            # who waits for a turn to post must hold none. Without BEGIN, which is a round trip.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return connection.execute(self.statement, values).all()
        driver = readers.take()
        try:
            found = self.run(Direct(driver, readers.dialect), values).fetchall()
        except BaseException as error:
            driver.close()
            if isinstance(error, driver.Error):
                raise as_sqlalchemy(error, readers.dialect, driver, self._text) from error
            raise
        readers.give_back(driver)
        return found

    def run(self, connection: Direct, values: Mapping[str, Any]) -> Any:
        """The driver's cursor, with `lastrowid` of what was put in. Raises SQLAlchemy's errors."""
        driver, dialect = connection
        if not self._text:
            self._compile(dialect)
        all_ = {**self._own, **values} if self._own else values
        given = [convert(all_[name]) if convert else all_[name] for name, convert in self._named]
        try:
            return driver.execute(self._text, given)
        except driver.Error as error:
            raise as_sqlalchemy(error, dialect, driver, self._text) from error

    def _compile(self, dialect: Dialect) -> None:
        compiled: Any = self.statement.compile(dialect=dialect)
        named, own = [], {}
        for name in compiled.positiontup or ():
            bind = compiled.binds[name]
            kind = bind.type.dialect_impl(dialect)
            named.append((name, kind.bind_processor(dialect)))
            if not bind.required:
                # A value that stands in the statement itself, as the 1 of `head_seq + 1`.
                own[name] = bind.value
        # The text last: once it is there, another thread takes the rest for complete.
        self._named, self._own, self._text = named, own, compiled.string
