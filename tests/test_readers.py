"""Connections to SQLite for single questions, beside SQLAlchemy's pool."""

import pytest
from flask import current_app
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

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


def test_one_that_is_fine_answers_again_and_knows_what_was_committed(readers, make_user):
    people()
    used = readers.take()
    readers.give_back(used)
    before = people()
    make_user("newcomer")
    assert people() == before + 1
    assert readers.take() is used


def test_an_answer_leaves_no_transaction_and_nothing_taken_from_the_pool(readers):
    people()
    reader = readers.take()
    assert not reader.in_transaction
    assert isinstance(db.engine.pool, QueuePool)
    assert db.engine.pool.checkedout() == 0


def test_who_asks_meanwhile_gets_another(readers):
    one, other = readers.take(), readers.take()
    assert one is not other
    assert one.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert other.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_one_that_failed_is_not_used_again(readers):
    people()
    failed = readers.take()
    readers.give_back(failed)
    with pytest.raises(OperationalError):
        Prepared(text("SELECT nothing FROM nowhere")).rows({})
    assert readers.take() is not failed


def test_they_are_gone_when_the_engine_is_disposed_of(readers):
    people()
    before = readers.take()
    readers.give_back(before)
    db.engine.dispose()
    assert people() == 0
    assert readers.take() is not before
