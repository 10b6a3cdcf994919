"""Connections to SQLite for single questions, beside SQLAlchemy's pool."""

import sqlite3
import time
from collections.abc import Callable, Iterator

import pytest
from flask import current_app
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from chatapp.database import MOST_READY
from chatapp.domain.prepared import Prepared
from chatapp.extensions import db
from chatapp.models import User

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("context")]

PEOPLE = Prepared(select(func.count()).where(User.display_name != bindparam("but")))


def people() -> int:
    return PEOPLE.rows({"but": ""})[0][0]


@pytest.fixture
def readers():
    return current_app.extensions["readers"]


@pytest.fixture
def take(readers) -> Iterator[Callable[[], sqlite3.Connection]]:
    """Takes a reader, which is closed when the test ends."""
    taken: list[sqlite3.Connection] = []

    def take() -> sqlite3.Connection:
        taken.append(readers.take())
        return taken[-1]

    yield take
    for one in taken:
        one.close()


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def test_one_that_is_fine_answers_again_and_knows_what_was_committed(readers, take, make_user):
    people()
    used = take()
    readers.give_back(used)
    before = people()
    make_user("newcomer")
    assert people() == before + 1
    assert take() is used


def test_an_answer_leaves_no_transaction_and_nothing_taken_from_the_pool(take):
    people()
    assert not take().in_transaction
    assert isinstance(db.engine.pool, QueuePool)
    assert db.engine.pool.checkedout() == 0


def test_who_asks_meanwhile_gets_another(take):
    one, other = take(), take()
    assert one is not other
    for each in (one, other):
        assert each.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_one_that_failed_is_closed(readers, take):
    people()
    failed = take()
    readers.give_back(failed)
    with pytest.raises(OperationalError):
        Prepared(text("SELECT nothing FROM nowhere")).rows({})
    assert is_closed(failed)
    assert take() is not failed


def test_a_failure_on_the_way_is_an_error_of_sqlalchemys_too(make_user):
    make_user()
    # The first row is found by `execute`, the second one by `fetchall`.
    rows = "SELECT 1 UNION ALL SELECT abs(-9223372036854775807 - 1)"
    with pytest.raises(OperationalError):
        Prepared(text(rows)).rows({})


def test_only_so_many_lie_ready(readers, take):
    many = [take() for _ in range(MOST_READY + 1)]
    for one in many:
        readers.give_back(one)
    assert [is_closed(one) for one in many] == [False] * MOST_READY + [True]


def test_those_that_lie_ready_are_closed_when_the_engine_is_disposed_of(readers, take):
    people()
    before = take()
    readers.give_back(before)
    db.engine.dispose()
    assert is_closed(before)
    assert people() == 0


def test_a_file_that_cannot_be_opened_is_an_error_of_sqlalchemys(readers, monkeypatch):
    def refuse(*_given: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(db.engine, "raw_connection", refuse)
    with pytest.raises(OperationalError):
        people()


def test_a_file_that_another_process_has_to_itself_is_waited_for_cooperatively(monkeypatch):
    foreign = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
    foreign.execute("PRAGMA locking_mode = EXCLUSIVE")
    foreign.execute("BEGIN EXCLUSIVE")
    db.engine.dispose()
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        foreign.close()

    monkeypatch.setattr(time, "sleep", pause)
    began = time.monotonic()
    assert people() == 0
    assert len(pauses) == 1
    assert time.monotonic() - began < 2
