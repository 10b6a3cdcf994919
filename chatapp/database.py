"""How the engine is set up for SQLite and PostgreSQL, so that both behave as the verbs expect."""

import os
import select
import sqlite3
import time
from contextlib import suppress
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError

from chatapp.extensions import db
from chatapp.offload import system_poll

SQLITE_PRAGMAS = (
    # Waiting is done cooperatively, here and in domain/transaction.py: SQLite's own would stop the
    # process.
    "PRAGMA busy_timeout = 0",
    "PRAGMA journal_mode = WAL",
    # FULL makes an acknowledged message survive a power cut, not only a crash.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -8000",
    "PRAGMA temp_store = MEMORY",
)

# Greenlets ask one after the other; only threads ever need more than one.
MOST_READY = 10

# As long as a writer waits (`domain/transaction.py`): another process may be putting things right.
OPENING_SECONDS = 5.0

APPLICATION = "chatapp"

# To be told of a database that `lacks_tables`.
NO_TABLES = "The database has no tables yet. Run `flask db upgrade` first."

# A database host that vanished says nothing: who waits for it is told within 15 s, not when the
# system gives up after as many minutes.
VANISHED = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 6,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}

# A worker that stands still in the middle of a post holds its room: who waits for it is told to try
# again as with any other lock, and what it held is let go of soon. In milliseconds.
HELD = {"lock_timeout": 5_000, "idle_in_transaction_session_timeout": 15_000}

# The one used last has its statements and the database's pages at hand. Those who wait for the
# writer's turn (domain/transaction.py) mostly have one, and whoever has the turn needs one, too.
SQLITE_POOL = {
    "pool_size": 20,
    "max_overflow": 480,
    "pool_use_lifo": True,
    "pool_timeout": OPENING_SECONDS,
}

# All of them stay: a new one takes the server a process, and has each statement planned anew. The
# one used last is the likeliest to have its plans at hand.
POSTGRESQL_POOL = {"pool_size": 20, "max_overflow": 0, "pool_use_lifo": True, "pool_timeout": 5}


def engine_options(url: str) -> dict[str, Any]:
    """The keyword arguments for `create_engine` that fit this database."""
    # Errors are logged, and what people wrote is no business of a log.
    private = {"hide_parameters": True}
    if make_url(url).get_backend_name() == "sqlite":
        # No isolation level: SQLite sees exactly the BEGINs that the code writes, so a read
        # holds no lock and a writer begins IMMEDIATE. Connections wander between greenlets.
        return private | {
            "connect_args": {"isolation_level": None, "check_same_thread": False},
            **SQLITE_POOL,
        }
    return {
        **private,
        **POSTGRESQL_POOL,
        "connect_args": {
            "connect_timeout": 5,
            # By this name the database's own lists, and a restore, know whose a connection is.
            "application_name": APPLICATION,
            "options": " ".join(f"-c {name}={value}" for name, value in HELD.items())
            + " "
            + str(make_url(url).query.get("options", "")),
            **VANISHED,
        },
    }


def raw_connection(engine: Engine) -> PoolProxiedConnection:
    """One of the pool's, for what goes straight to SQLite's driver. Raises SQLAlchemy's errors."""
    try:
        return engine.raw_connection()
    except sqlite3.Error as error:
        raise as_sqlalchemy(error, engine.dialect, sqlite3, "opening a connection") from error


def is_locked(error: Exception) -> bool:
    """Whether SQLite, or SQLAlchemy for it, says that somebody else has what is asked for."""
    return _sqlite_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_damaged(error: Exception) -> bool:
    """Whether SQLite, or SQLAlchemy for it, says that the file is no sound database."""
    return _sqlite_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def lacks_tables(error: Exception) -> bool:
    """Whether the database, or SQLAlchemy for it, says that a table is not there."""
    said = getattr(error, "orig", error)
    # PostgreSQL's code for that: a database or a role that is not there has another one.
    return "no such table" in str(said) or getattr(said, "sqlstate", "") == "42P01"


def _sqlite_code(error: Exception) -> int:
    return getattr(getattr(error, "orig", error), "sqlite_errorcode", 0) & 0xFF


def as_sqlalchemy(error: Exception, dialect: Dialect, driver: Any, text: str) -> BaseException:
    """The driver's error as everybody expects it, without what people wrote."""
    return DBAPIError.instance(text, {}, error, driver.Error, hide_parameters=True, dialect=dialect)


class Readers:
    """Connections to SQLite that lie ready for single questions, beside SQLAlchemy's pool.

    To take one out of the pool and put it back takes as long as most answers. Those that lie ready
    are closed when the engine is disposed of.
    """

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._idle: list[sqlite3.Connection] = []
        event.listen(engine, "engine_disposed", self._close)

    def take(self) -> sqlite3.Connection:
        """One that nobody else uses. Raises SQLAlchemy's errors."""
        # Not "if there is one": under threads another may be quicker.
        with suppress(IndexError):
            return self._idle.pop()
        pooled: Any = raw_connection(self._engine)
        driver = pooled.driver_connection
        pooled.detach()
        return driver

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Ready for the next one: after an error, close it instead."""
        if len(self._idle) < MOST_READY:
            self._idle.append(connection)
        else:
            connection.close()

    def _close(self, _engine: Engine) -> None:
        while self._idle:
            self._idle.pop().close()


def let_go() -> None:
    """Undo what the database session has begun; its connection goes back to the pool.

    Where the database has gone away meanwhile, the connection is dropped, and nothing raised.
    """
    try:
        db.session.remove()
    except DBAPIError:
        db.session().invalidate()
        db.session.registry.clear()


def lift_limits(connection: Connection) -> None:
    """In the running transaction, wait for locks and stay open for as long as it takes."""
    if connection.dialect.name == "postgresql":
        for name in HELD:
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")


def init_app(app: Flask) -> None:
    """Bind the database to the application and prepare each new connection."""
    options = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "do_connect", _make_private)
            event.listen(db.engine, "connect", _prepare_sqlite)
            app.extensions["readers"] = Readers(db.engine)
        else:
            # Where there is no PostgreSQL, psycopg would only be 9 MB of memory.
            from chatapp import postgresql_waits

            postgresql_waits.init_app()
            event.listen(db.engine, "connect", _note_new)
            event.listen(db.engine, "checkout", _refuse_closed)


def _make_private(_dialect: object, _record: object, place: list[Any], _options: object) -> None:
    """A new file is its owner's alone, whatever its folder; the ones beside it are as it is."""
    path = str(place[0]) if place else ""
    if not path or path.startswith((":", "file:")):
        return
    with suppress(OSError):  # It is there already; or it cannot be, which SQLite tells.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    deadline = time.monotonic() + OPENING_SECONDS
    for pragma in SQLITE_PRAGMAS:
        while not _executed(connection, pragma, deadline):
            time.sleep(0.01)


def _executed(connection: sqlite3.Connection, pragma: str, deadline: float) -> bool:
    """False when another process has the file to itself, as while it recovers from a crash."""
    try:
        connection.execute(pragma)
    except sqlite3.OperationalError as error:
        if not is_locked(error) or time.monotonic() > deadline:
            raise
        return False
    return True


def _note_new(_connection: object, record: Any) -> None:
    record.info["is_new"] = True


def _refuse_closed(connection: Any, record: Any, _proxy: object) -> None:
    """Have the pool begin anew when the server has closed this connection, as a restart does.

    A connection that nobody uses is silent: what can be read from it is its end. To ask the server
    (`pool_pre_ping`) would be a round trip for each use, and often the only one but the question.
    """
    if record.info.pop("is_new", False):
        # Where this one is closed, too, the server is going away: its first statement says that.
        return
    watch = system_poll()
    watch.register(connection.fileno(), select.POLLIN)
    if watch.poll(0):
        raise InvalidatePoolError("the server has closed the connection")
