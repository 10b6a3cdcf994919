"""Connections to PostgreSQL that wait in the pool."""

import pytest
from sqlalchemy import text

from chatapp.extensions import db

pytestmark = [pytest.mark.postgresql_only, pytest.mark.usefixtures("context")]


def test_a_connection_that_the_server_has_closed_is_not_used_again():
    ended = text("SELECT pg_terminate_backend(:pid, 5000)")
    with db.engine.connect() as another:
        with db.engine.connect() as one:
            closed = one.scalar(text("SELECT pg_backend_pid()"))
        # It waits in the pool now.
        assert another.scalar(ended, {"pid": closed})
    for _ in range(3):
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) != closed


def test_one_that_is_fine_is_used_again():
    asked = text("SELECT pg_backend_pid()")
    used = set()
    for _ in range(3):
        with db.engine.connect() as connection:
            used.add(connection.scalar(asked))
    assert len(used) == 1
