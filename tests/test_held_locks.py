"""A worker that stands still while it holds a room hangs nobody else."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

import pytest
from sqlalchemy import create_engine, delete, select, text, update

from chatapp.database import HELD, engine_options, lift_limits
from chatapp.domain import accounts, messages, operators, people, sessions
from chatapp.domain.errors import Forbidden, NotFound
from chatapp.extensions import db
from chatapp.models import Room, SignInSession, User, Workspace
from chatapp.problems import problem_of
from tests.builders.people import PASSWORD, new_user
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


@pytest.mark.parametrize("close", ["bar", "deactivate"])
def test_who_closes_an_account_waits_for_its_owner_without_holding_anything_up(
    close, app, another_worker
):
    """Its owner takes the workspace's row last, as everybody does."""
    ann, bob = new_user("ann", role="admin"), new_user("bob")

    def run(begin):
        begin()
        if close == "bar":
            people.bar(db.session.get_one(User, ann.id), bob.id, "banned")
        else:
            operators.deactivate("bob")

    changes = update(User).where(User.id == bob.id).values(locale="de"), TAKE_WORKSPACE
    waited(app, another_worker, changes, run).result()
    db.session.expire_all()
    assert not db.session.get_one(User, bob.id).is_active


def test_who_is_being_barred_does_not_undo_it(app, another_worker):
    new_user("ann", role="admin")
    zoe = new_user("zoe", role="admin")

    def restore(begin):
        begin()
        people.restore(db.session.get_one(User, zoe.id), zoe.id)

    changes = [update(User).where(User.id == zoe.id).values(status="banned")]
    assert isinstance(waited(app, another_worker, changes, restore).exception(), Forbidden)
    db.session.expire_all()
    assert db.session.get_one(User, zoe.id).status == "banned"


def test_who_changes_a_password_waits_for_a_sign_out_without_holding_anything_up(
    app, another_worker
):
    """Whoever signs out takes the workspace's row last, as everybody does."""
    ann = new_user("ann")
    for _ in range(2):
        sessions.start(ann, kept=False, user_agent="", address="")
    own_id = sessions.of(ann)[0].id

    def change(begin):
        user = db.session.get_one(User, ann.id)
        sign_in = db.session.get_one(SignInSession, own_id)
        begin()
        accounts.change_password(user, sign_in, PASSWORD, "seven quiet lanterns")

    changes = delete(SignInSession).where(SignInSession.id == own_id), TAKE_WORKSPACE
    # Its own sign-in is over: nothing was changed.
    assert isinstance(waited(app, another_worker, changes, change).exception(), NotFound)
    db.session.expire_all()
    assert len(sessions.of(ann)) == 1


TAKE_WORKSPACE = update(Workspace).values(head_seq=Workspace.head_seq + 1)


def waited(app, another_worker, changes, run) -> Future[None]:
    """What becomes of `run(begin)`, which calls `begin` and then waits for another worker.

    That one has made the first of its changes, and makes the others and commits meanwhile.
    """
    begun = Event()

    def run_there():
        with app.app_context():
            run(begun.set)

    first, *others = changes
    with ThreadPoolExecutor(1) as pool, another_worker.connect() as owner:
        if owner.dialect.name == "sqlite":
            owner.exec_driver_sql("BEGIN IMMEDIATE")
        owner.execute(first)
        running = pool.submit(run_there)
        assert begun.wait(10)
        while not is_waited_for(owner) and not running.done():
            time.sleep(0.01)
        for change in others:
            owner.execute(change)
        owner.commit()
        wait([running], timeout=10)
        assert running.done()
    return running


def is_waited_for(owner):
    """Whether another one waits for what this connection holds; on SQLite all always do."""
    if owner.dialect.name == "sqlite":
        return True
    # Else it would go on telling of who was there when it was asked first.
    owner.execute(text("SELECT pg_stat_clear_snapshot()"))
    blocked = "pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    return owner.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {blocked}")) > 0


def test_long_work_may_wait_and_stay_open():
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            limits = [text(f"SHOW {name}") for name in HELD]
            assert [connection.scalar(limit) for limit in limits] == ["5s", "15s"]
            lift_limits(connection)
            assert [connection.scalar(limit) for limit in limits] == ["0", "0"]
