"""Connections to PostgreSQL: how long they are held, and what becomes of those that wait."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from chatapp.domain import posting
from chatapp.extensions import db
from chatapp.models import Room
from chatapp.problems import storage_status
from tests.realtime.browsers import eventually
from tests.test_offload import run_patched

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


def test_a_new_one_that_is_closed_at_once_is_an_outage(monkeypatch):
    """As while the server goes away: SQLAlchemy gives up on the second one that is refused."""
    ended = text("SELECT pg_terminate_backend(:pid, 5000)")
    with db.engine.connect() as another:

        def end(connection, _record) -> None:
            another.execute(ended, {"pid": connection.info.backend_pid})

        db.engine.dispose(close=False)
        event.listen(db.engine, "connect", end)
        try:
            with pytest.raises(OperationalError) as error, db.engine.connect() as connection:
                connection.scalar(text("SELECT 1"))
        finally:
            event.remove(db.engine, "connect", end)
    assert storage_status(error.value) == 503


def test_one_that_is_fine_is_used_again():
    asked = text("SELECT pg_backend_pid()")
    used = set()
    for _ in range(3):
        with db.engine.connect() as connection:
            used.add(connection.scalar(asked))
    assert len(used) == 1


def test_those_that_a_peak_has_opened_stay_and_the_last_one_used_comes_first():
    with ExitStack() as peak:
        opened = [peak.enter_context(db.engine.connect()) for _ in range(15)]
        last = opened[0].scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) == last
    assert "Connections in pool: 15" in db.engine.pool.status()


def test_under_gevent_it_is_looked_at_without_giving_way():
    said = run_patched(
        """
        import gevent, socket
        from sqlalchemy.exc import InvalidatePoolError
        from chatapp.database import _refuse_closed
        from types import SimpleNamespace
        ours, servers = socket.socketpair()
        others, record = [], SimpleNamespace(info={})
        gevent.spawn(others.append, 1)
        _refuse_closed(ours, record, None)
        servers.close()
        try:
            _refuse_closed(ours, record, None)
        except InvalidatePoolError as error:
            print(error, others)
        """
    )
    assert said == "the server has closed the connection []\n"


def test_who_waits_for_a_turn_to_post_holds_none(app, make_client, sign_in, make_user, make_room):
    """Ten such people, and nobody else could be served."""
    ann = make_user("ann")
    room = make_room("kitchen", members=[ann])
    tabs = [sign_in(make_client(), ann) for _ in range(4)]

    def say(tab) -> int:
        body = {"body": "hello", "client_key": secrets.token_urlsafe(12)}
        return tab.post(f"/rooms/{room.id}/messages", data=body).status_code

    with db.engine.connect() as held, ThreadPoolExecutor(len(tabs)) as pool:
        held.execute(select(Room.id).where(Room.id == room.id).with_for_update())
        turns = posting._turns_of(room.id)
        answers = [pool.submit(say, tabs[0])]
        # Whoever came before that would be taken along, and wait for nothing.
        eventually(lambda: turns._turn.locked() and not turns._waiting)
        answers += [pool.submit(say, tab) for tab in tabs[1:]]
        eventually(lambda: len(turns._waiting) == len(tabs) - 1)
        # Ours, and that of whoever has the turn.
        assert "Current Checked out connections: 2" in db.engine.pool.status()
        held.rollback()
        assert {answer.result() for answer in answers} == {303}
