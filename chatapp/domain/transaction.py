"""The one place that commits. Announcing is part of it: recorded events are told afterwards.

On SQLite a writer first takes its turn in this process (fair and cooperative: SQLite's own wait
would stop every greenlet), then `BEGIN IMMEDIATE`; a lock held by another process is asked for
again, with jitter. Nothing inside a transaction may wait for anything but the database.
"""

import random
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from flask_babel import gettext as _
from flask_sqlalchemy.session import Session
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import scoped_session

from chatapp.database import as_sqlalchemy, is_locked, raw_connection
from chatapp.domain.errors import Busy
from chatapp.domain.prepared import Direct, Prepared
from chatapp.events import dispatch
from chatapp.extensions import db
from chatapp.offload import offload_alone

# How long a writer waits for its turn and for foreign locks (CONTRACT: 5 s only delay).
PATIENCE_SECONDS = 5.0

# Each with its values.
Statements = Sequence[tuple[str, Mapping[str, Any]]]

_turn = threading.Lock()
_BEGIN = Prepared(text("BEGIN IMMEDIATE"))


@contextmanager
def transaction(patience: float = PATIENCE_SECONDS) -> Generator[scoped_session[Session]]:
    """All or nothing: commits on leaving, rolls back on an exception, then tells the events.

    Raises `Busy` when the database could not be written to for `patience` seconds.
    """
    _refuse_nesting()
    session = db.session
    session.info["writing"], session.info["events"] = True, []
    try:
        if session.get_bind().dialect.name == "sqlite":
            deadline = time.monotonic() + patience
            with _turn_taken(deadline):
                # Not before: the connection used last has the database's pages at hand.
                connection = Direct.of(session.connection())
                with _begun(connection, deadline):
                    yield session
                    session.flush()
                    _commit(connection)
        else:
            yield session
        session.commit()
        events = session.info["events"]
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"], session.info["events"] = False, []
    for event in events:
        dispatch(event)


@contextmanager
def direct_transaction(patience: float) -> Generator[tuple[Direct, list[object]]]:
    """`transaction` on SQLite without a session, which would cost more than a post.

    Gives the list that the events are put into, too.
    """
    _refuse_nesting()
    events: list[object] = []
    deadline = time.monotonic() + patience
    with (
        _turn_taken(deadline),
        closing(raw_connection(db.engine)) as pooled,
        _begun(Direct(pooled.driver_connection, db.engine.dialect), deadline) as connection,
    ):
        yield connection, events
        _commit(connection)
    for event in events:
        dispatch(event)


def in_one_go(choose: Callable[[], Statements]) -> Sequence[Sequence[Any]]:
    """On PostgreSQL: run these and commit, without waiting in between; the rows of the last.

    No statement can ask what an earlier one found. `choose` is called once there is a connection.
    Events are the caller's to tell.
    """
    _refuse_nesting()
    # Left to psycopg, BEGIN would be waited for, and looked at: a fifth of what a post takes.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        try:
            with driver.pipeline():
                driver.execute("BEGIN")
                for text_, values in choose():
                    cursor = driver.execute(text_, values, prepare=True)
                driver.execute("COMMIT")
            return cursor.fetchall()
        except driver.Error as error:
            # Whoever is ended while it waits hears from psycopg only that its pipeline is busy.
            ended = error.__context__
            if ended is not None and not isinstance(ended, Exception):
                connection.invalidate()
                raise ended from None
            raise as_sqlalchemy(error, connection.dialect, driver, "one go") from error


def record(event: object) -> None:
    """Have this event told once the running transaction has committed."""
    db.session.info["events"].append(event)


def _refuse_nesting() -> None:
    if db.session.registry.has() and db.session.info.get("writing"):
        raise RuntimeError(
            "A transaction stands inside another one: give the inner verb the session."
        )


@contextmanager
def _turn_taken(deadline: float) -> Generator[None]:
    if not taken(_turn, max(0.0, deadline - time.monotonic())):
        raise busy()
    try:
        yield
    finally:
        _turn.release()


@contextmanager
def _begun(connection: Direct, deadline: float) -> Generator[Direct]:
    _begin_immediate(connection, deadline)
    try:
        yield connection
    except BaseException:
        # Still within our turn: the next writer must find no open transaction.
        _roll_back(connection)
        raise


def _roll_back(connection: Direct) -> None:
    driver, dialect = connection
    try:
        driver.rollback()
    except driver.Error as error:
        raise as_sqlalchemy(error, dialect, driver, "ROLLBACK") from error


def _begin_immediate(connection: Direct, deadline: float) -> None:
    while True:
        try:
            _BEGIN.run(connection, {})
            return
        except OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise (busy() if is_locked(error) else error) from error
            # Jitter only spreads the tries; nothing secret hangs on it.
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311


def _commit(connection: Direct) -> None:
    driver, dialect = connection
    try:
        # It waits for the disk: in a native thread, so that others go on meanwhile, and gather
        # for the next commit (see posting.py).
        offload_alone(driver.commit)
    except driver.Error as error:
        raise as_sqlalchemy(error, dialect, driver, "COMMIT") from error


def taken(turn: threading.Lock, patience: float) -> bool:
    """Take this lock, within so many seconds. Whoever finds it free needs no timer."""
    return taken_at_once(turn) or turn.acquire(timeout=patience)


def taken_at_once(turn: threading.Lock) -> bool:
    """Take this lock if it is free."""
    # gevent lets others run first where a lock is not free and nobody wants to wait.
    return not turn.locked() and turn.acquire(blocking=False)


def busy() -> Busy:
    """What a writer hears whose turn did not come in time."""
    return Busy(_("The database is busy. Nothing was changed; try again in a moment."))


def perhaps_done() -> Busy:
    """What a writer hears whose change is on its way with others', and takes too long."""
    return Busy(
        _(
            "The database is busy. This may be stored already: try again in a moment, "
            "it is not stored twice."
        )
    )
