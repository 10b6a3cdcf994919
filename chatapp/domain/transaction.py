"""The one place that commits. Announcing is part of it: recorded events are told afterwards.

On SQLite a writer first takes its turn in this process (fair and cooperative: SQLite's own wait
would stop every greenlet), then `BEGIN IMMEDIATE`; a lock held by another process is asked for
again, with jitter. Nothing inside a transaction may wait for anything but the database.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from flask_sqlalchemy.session import Session
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import scoped_session

from chatapp.domain.errors import Busy
from chatapp.domain.prepared import as_sqlalchemy
from chatapp.events import dispatch
from chatapp.extensions import db
from chatapp.offload import offload

# How long a writer waits for its turn and for foreign locks (CONTRACT: 5 s only delay).
PATIENCE_SECONDS = 5.0

_turn = threading.Lock()


@contextmanager
def transaction(patience: float = PATIENCE_SECONDS) -> Generator[scoped_session[Session]]:
    """All or nothing: commits on leaving, rolls back on an exception, then tells the events.

    Raises `Busy` when the database could not be written to for `patience` seconds.
    """
    session = db.session
    if session.info.get("writing"):
        raise RuntimeError(
            "A transaction stands inside another one: give the inner verb the session."
        )
    session.info["writing"], session.info["events"] = True, []
    try:
        with _write_turn(session, patience):
            yield session
            _commit(session)
        events = session.info["events"]
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"], session.info["events"] = False, []
    for event in events:
        dispatch(event)


def _commit(session: scoped_session[Session]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        # It waits for the disk: in a native thread, so that others go on meanwhile, and gather
        # for the next commit (see posting.py).
        session.flush()
        connection = session.connection()
        driver: Any = connection.connection.driver_connection
        try:
            offload(driver.commit)
        except driver.Error as error:
            raise as_sqlalchemy(error, connection, "COMMIT") from error
    session.commit()


def record(event: object) -> None:
    """Have this event told once the running transaction has committed."""
    db.session.info["events"].append(event)


@contextmanager
def _write_turn(session: scoped_session[Session], patience: float) -> Generator[None]:
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    deadline = time.monotonic() + patience
    if not _turn.acquire(timeout=patience):
        raise busy()
    try:
        _begin_immediate(session, deadline)
        try:
            yield
        except BaseException:
            # Still within our turn: the next writer must find no open transaction.
            session.rollback()
            raise
    finally:
        _turn.release()


def _begin_immediate(session: scoped_session[Session], deadline: float) -> None:
    while True:
        try:
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise (busy() if is_locked(error) else error) from error
            # Jitter only spreads the tries; nothing secret hangs on it.
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311


def is_locked(error: OperationalError) -> bool:
    """Whether SQLite says that another process holds the lock."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def busy() -> Busy:
    """What a writer hears whose turn did not come in time."""
    return Busy(_("The database is busy. Nothing was changed; try again in a moment."))
