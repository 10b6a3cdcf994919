import pytest
from sqlalchemy import text

from chatapp.domain.transaction import record, transaction
from chatapp.events import subscribe
from chatapp.extensions import db

pytestmark = pytest.mark.usefixtures("context")


class Happened:
    """A fact of this test."""


def commit_one(error: Exception | None = None) -> None:
    with transaction():
        record(Happened())
        if error:
            raise error


def test_every_subscriber_is_told_even_when_one_fails(app):
    told = []
    subscribe(app, Happened, lambda _: 1 / 0)
    subscribe(app, Happened, told.append)
    commit_one()
    assert len(told) == 1


def test_a_subscriber_that_breaks_the_transaction_does_not_spoil_the_callers_next_query(app):
    subscribe(app, Happened, lambda _: db.session.execute(text("SELECT broken FROM nowhere")))
    commit_one()
    assert db.session.execute(text("SELECT 1")).scalar_one() == 1


def test_what_was_not_committed_is_not_told(app):
    told = []
    subscribe(app, Happened, told.append)
    with pytest.raises(RuntimeError):
        commit_one(RuntimeError())
    assert told == []
