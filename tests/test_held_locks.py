"""A worker that stands still while it holds a room hangs nobody else."""

import time

import pytest
from sqlalchemy import create_engine, select, text

from chatapp.database import HELD, engine_options, lift_limits
from chatapp.domain import messages
from chatapp.extensions import db
from chatapp.models import Room
from chatapp.problems import problem_of
from tests.builders.people import new_user
from tests.builders.rooms import new_room

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def another_worker(database_url):
    """The engine of another process."""
    engine = create_engine(database_url, **engine_options(database_url))
    yield engine
    engine.dispose()


def test_who_waits_for_a_held_room_is_told_to_try_again(another_worker):
    ann = new_user("ann")
    room = new_room(members=[ann])
    with another_worker.connect() as held:
        if held.dialect.name == "sqlite":
            held.exec_driver_sql("BEGIN IMMEDIATE")
        held.execute(select(Room.id).where(Room.id == room.id).with_for_update())
        began = time.monotonic()
        with pytest.raises(Exception) as refused:  # noqa: PT011
            messages.post(ann, room.id, "hello", "a-key-for-this")
    assert problem_of(refused.value).status == 503
    assert time.monotonic() - began < 8


def test_long_work_may_wait_and_stay_open():
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            limits = [text(f"SHOW {name}") for name in HELD]
            assert [connection.scalar(limit) for limit in limits] == ["5s", "15s"]
            lift_limits(connection)
            assert [connection.scalar(limit) for limit in limits] == ["0", "0"]
