"""Posts that wait for their turn at the same moment are stored together, and fail apart."""

import re
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from chatapp import create_app
from chatapp.domain import gathering, messages, posting, posting_postgresql, transaction
from chatapp.domain.errors import Busy, Conflict, DomainError, NotFound
from chatapp.events import MessagePosted, subscribe
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User
from tests.realtime.browsers import eventually
from tests.test_offload import run_patched


def new_key() -> str:
    return secrets.token_urlsafe(12)


@contextmanager
def held(app: Flask, room: Room):
    """While this lasts nobody can post in the room: another writer has what they need."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        with transaction._turn:
            yield
        return
    with engine.connect() as other:
        other.execute(select(Room.id).where(Room.id == room.id).with_for_update())
        yield


@pytest.fixture
def together(app, room):
    """Posts as these people, all while another writer has the room."""

    def send(user, key, room_id):
        with app.app_context():
            return messages.post(user, room_id, "hello", key)

    def first_waits() -> bool:
        with app.app_context():
            is_sqlite = db.engine.dialect.name == "sqlite"
            return waiting(app) == 1 if is_sqlite else _waits(db.engine, "FOR UPDATE")

    def post(*users, keys=(), rooms=()):
        keys = keys or [new_key() for _ in users]
        rooms = rooms or [room.id] * len(users)
        with ThreadPoolExecutor(len(users)) as pool:
            with held(app, room):
                first, *others = zip(users, keys, rooms, strict=True)
                answers = [pool.submit(send, *first)]
                eventually(first_waits)
                answers += [pool.submit(send, *one) for one in others]
                # On PostgreSQL the first has gone to the database by now.
                eventually(lambda: waiting(app) >= len(others))
            return [result_of(answer) for answer in answers]

    return post


def waiting(app: Flask) -> int:
    """How many posts nobody has taken along yet."""
    gathering = app.extensions.get("chatapp.posting", {})
    return sum(len(turns._waiting) for turns in gathering.values())


def result_of(answer: Future[messages.Posted]) -> messages.Posted | Exception:
    error = answer.exception()
    if isinstance(error, Exception):
        return error
    return answer.result()


def _waits(engine: Engine, statement: str) -> bool:
    """Whether somebody waits for a lock in such a statement."""
    with engine.connect() as another:
        asked = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            " AND query LIKE :statement"
        )
        return another.scalar(asked, {"statement": f"%{statement}%"}) > 0


@pytest.fixture
def batches(sizes_of) -> list[int]:
    """How many posts each commit was for, as it goes on."""
    return sizes_of(posting, "_store_on_sqlite", "_store_on_postgresql")


@pytest.fixture
def spoil(monkeypatch):
    """`spoil(bob)`: what this person posts cannot be stored, which only the database finds out."""

    def spoil(user):
        attempt, terms = posting._attempt, posting_postgresql._terms

        def fail(connection, places, values):
            if values["author_id"] == user.id:
                raise LookupError
            return attempt(connection, places, values)

        def empty_term(values):
            return "a  gap" if values["author_id"] == user.id else terms(values)

        monkeypatch.setattr(posting, "_attempt", fail)
        monkeypatch.setattr(posting_postgresql, "_terms", empty_term)

    return spoil


def test_posts_that_wait_share_a_commit(together, batches, ann):
    posted = together(*[ann] * 8)
    seqs = sorted(one.seq for one in posted)
    assert seqs == list(range(seqs[0], seqs[0] + 8))
    # Whoever was first may have waited alone; the others gathered behind.
    assert len(batches) <= 2


@pytest.mark.sqlite_only
def test_rooms_that_share_a_commit_count_for_themselves(app, room, make_room, together, ann, bob):
    pantry = make_room("pantry", members=[ann, bob])
    rooms = [room.id, pantry.id, pantry.id, room.id, pantry.id]
    with app.app_context():
        before = {id_: db.session.get_one(Room, id_).head_seq for id_ in set(rooms)}
    together(ann, bob, ann, bob, ann, rooms=rooms)
    again = together(bob, ann, rooms=rooms[:2])
    assert sorted(one.number for one in again) == [3, 4]
    with app.app_context():
        for id_, count in ((room.id, 3), (pantry.id, 4)):
            kept = db.session.get_one(Room, id_)
            said = select(Message.number, Message.seq).where(Message.room_id == id_)
            rows = db.session.execute(said.order_by(Message.id)).all()
            expected = [(n, before[id_] + n) for n in range(1, count + 1)]
            assert [tuple(row) for row in rows] == expected
            assert (kept.last_number, kept.head_seq) == expected[-1]


def test_ids_ascend_with_the_numbers(app, room, together, ann, bob):
    together(ann, bob, ann, bob, ann, bob)
    with app.app_context():
        numbers = select(Message.number).where(Message.room_id == room.id).order_by(Message.id)
        assert list(db.session.scalars(numbers)) == [1, 2, 3, 4, 5, 6]


def test_who_posts_has_read_all_that_they_posted_together(app, room, together, ann, bob):
    posted = together(ann, bob, ann, ann, bob, ann)
    with app.app_context():
        said = select(Message.author_id, Message.number).order_by(Message.number)
        newest = {row.author_id: row.number for row in db.session.execute(said)}
        read = db.session.execute(select(Membership.user_id, Membership.read_number))
        assert {row.user_id: row.read_number for row in read} == newest
    assert max(newest.values()) == len(posted)


def test_one_that_is_refused_does_not_fail_the_others(app, room, together, ann, bob, make_user):
    with app.app_context():
        head = db.session.get_one(Room, room.id).head_seq
    posted = together(ann, make_user("eve"), bob, ann)
    refused = [one for one in posted if isinstance(one, DomainError)]
    assert [type(one) for one in refused] == [NotFound]
    assert sorted(one.seq for one in posted if one not in refused) == [head + 1, head + 2, head + 3]


def test_one_that_cannot_be_stored_fails_alone(together, ann, bob, spoil):
    spoil(bob)
    posted = together(ann, bob, ann, bob, ann)
    assert [isinstance(one, LookupError | DBAPIError) for one in posted].count(True) == 2
    assert len({one.seq for one in posted if isinstance(one, messages.Posted)}) == 3


def test_a_key_that_comes_twice_is_stored_once(together, batches, ann, bob):
    once = new_key()
    posted = together(bob, ann, ann, bob, ann, keys=[new_key(), once, once, new_key(), once])
    assert len({one.id for one in posted}) == 3
    assert [one.created for one in posted].count(True) == 3
    # It spoils nothing for the others.
    assert len(batches) <= 2


@pytest.mark.postgresql_only
def test_a_key_that_is_being_stored_in_another_room_fails_alone(
    app, make_room, together, batches, ann, bob
):
    """No room's lock orders the two: only the constraint tells."""
    pantry, once = make_room("pantry", members=[ann]), new_key()
    with app.app_context():
        engine = db.engine
    with engine.connect() as elsewhere, ThreadPoolExecutor(1) as pool:
        elsewhere.execute(
            insert(Message).values(
                **dict.fromkeys(("number", "seq", "posted_seq"), 1),
                **dict.fromkeys(("source", "html"), ""),
                room_id=pantry.id,
                author_id=ann.id,
                client_key=once,
                fingerprint=b"",
            )
        )

        def commit_once_waited_for() -> None:
            eventually(lambda: _waits(engine, "WITH asked"))
            elsewhere.commit()

        committing = pool.submit(commit_once_waited_for)
        posted = together(bob, bob, ann, bob, keys=[new_key(), new_key(), once, new_key()])
        committing.result()
    assert [type(one) for one in posted].count(Conflict) == 1
    assert sorted(one.number for one in posted if isinstance(one, messages.Posted)) == [1, 2, 3]
    assert batches == [1] * 4


@pytest.mark.postgresql_only
def test_a_batch_whose_connection_is_lost_is_stored_one_by_one(
    app, room, together, batches, ann, monkeypatch
):
    statements = posting_postgresql.statements

    def cut(batch, moment):
        lock, store = statements(batch, moment)
        cut = ("SELECT pg_terminate_backend(pg_backend_pid())", {})
        return [lock, cut, store] if len(batch) > 1 else [lock, store]

    monkeypatch.setattr(posting_postgresql, "statements", cut)
    posted = together(*[ann] * 5)
    assert sorted(one.number for one in posted) == [1, 2, 3, 4, 5]
    assert batches == [1] * 5


def test_two_workers_that_post_in_two_rooms_get_along(app, settings, room, make_room, ann, bob):
    """Each takes the rooms in the other's order, again and again."""
    rooms = [room.id, make_room("pantry", members=[ann, bob]).id]
    another = create_app(settings)

    def send(worker: Flask, user, order: list[int]) -> None:
        for number in range(10):
            with worker.app_context():
                messages.post(user, order[number % 2], f"{number}", new_key())

    with ThreadPoolExecutor(8) as pool:
        turns = [(app, ann, rooms), (another, bob, rooms[::-1])] * 4
        for answer in [pool.submit(send, *turn) for turn in turns]:
            answer.result()
    with another.app_context():
        db.engine.dispose()
    with app.app_context():
        for room_id in rooms:
            numbers = select(Message.number).where(Message.room_id == room_id)
            assert sorted(db.session.scalars(numbers)) == list(range(1, 41))


def test_what_shares_a_commit_is_told_in_its_order(app, together, ann, bob):
    told: list[int] = []
    subscribe(app, MessagePosted, lambda event: told.append(event.seq))
    together(ann, bob, ann, bob, ann, bob)
    assert told == sorted(told)
    assert len(told) == 6


@pytest.mark.postgresql_only
def test_a_room_that_is_held_holds_up_no_other(app, room, make_room, ann):
    other = make_room("pantry", members=[ann])
    with held(app, room), ThreadPoolExecutor(1) as pool, app.app_context():
        waiting = pool.submit(_post, app, ann, room.id)
        eventually(lambda: _waits(db.engine, "FOR UPDATE"))
        assert messages.post(ann, other.id, "hello", new_key()).created
        assert not waiting.done()


def test_whoever_is_barred_while_they_wait_says_nothing_more(app, ann, bob, room):
    with app.app_context(), ThreadPoolExecutor(2) as pool:
        with held(app, room):
            is_sqlite = db.engine.dialect.name == "sqlite"
            bobs = pool.submit(_post, app, bob, room.id)
            eventually(lambda: waiting(app) == 1 if is_sqlite else _waits(db.engine, "FOR UPDATE"))
            anns = pool.submit(_post, app, ann, room.id)
            # On PostgreSQL his has gone to the database by now.
            eventually(lambda: waiting(app) == (2 if is_sqlite else 1))
            with db.engine.begin() as admin:
                admin.execute(update(User).where(User.id == bob.id).values(status="banned"))
        assert isinstance(result_of(bobs), NotFound)
        assert isinstance(result_of(anns), messages.Posted)
        stored = db.session.execute(select(Message.author_id).where(Message.room_id == room.id))
        assert stored.scalars().all() == [ann.id]


def _post(app: Flask, user, room_id: int) -> messages.Posted:
    with app.app_context():
        return messages.post(user, room_id, "hello", new_key())


@pytest.mark.sqlite_only  # PostgreSQL ends the waiting itself: tests/test_held_locks.py.
def test_whoever_waits_too_long_stores_nothing(app, ann, room, monkeypatch):
    monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 0.05)
    with app.app_context():
        head = db.session.get_one(Room, room.id).head_seq
    with held(app, room), ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(_post, app, ann, room.id) for _ in range(3)]
        assert {type(result_of(answer)) for answer in answers} == {Busy}
    with app.app_context():
        assert db.session.get_one(Room, room.id).head_seq == head


@pytest.mark.sqlite_only
def test_whoever_gives_up_on_a_batch_under_way_is_told_so(app, ann, bob, room, monkeypatch):
    commit, is_committing, may_commit = transaction._commit, Event(), Event()

    def slow_commit(connection):
        is_committing.set()
        may_commit.wait(10)
        commit(connection)

    def send(user, key: str) -> messages.Posted:
        with app.app_context():
            return messages.post(user, room.id, "hello", key)

    monkeypatch.setattr(transaction, "_commit", slow_commit)
    key = new_key()
    with ThreadPoolExecutor(2) as pool:
        with held(app, room):
            first = pool.submit(send, ann, new_key())
            eventually(lambda: waiting(app) == 1)
            monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 0.2)
            second = pool.submit(send, bob, key)
            eventually(lambda: waiting(app) == 2)
        assert is_committing.wait(5)
        given_up = result_of(second)
        may_commit.set()
        assert first.result().created
    assert isinstance(given_up, Busy)
    assert "may be stored already" in str(given_up)
    assert not send(bob, key).created


@pytest.mark.postgresql_only
def test_the_one_plan_for_storing_goes_by_keys_even_where_the_tables_are_small(context, room):
    """Made while there was little to read, it is kept when there is much."""
    numbers: dict[str, str] = {}
    statement = re.sub(
        r"%\((\w+)\)s",
        lambda found: numbers.setdefault(found[1], f"${len(numbers) + 1}"),
        posting_postgresql.STORE,
    )
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute(posting_postgresql.LOCK, {"room_id": room.id})
        said = driver.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}").fetchone()
    nodes = [node for node in _nodes(said[0][0]["Plan"]) if "Relation Name" in node]
    reads = [node for node in nodes if node["Node Type"].endswith("Scan")]
    read = {"messages", "memberships", "users", "rooms", "workspace"}
    assert {node["Relation Name"] for node in reads} == read
    assert [node["Relation Name"] for node in reads if not _goes_by_key(node)] == []


@pytest.mark.postgresql_only
def test_storing_is_planned_once_and_what_it_sets_for_that_ends_with_it(app, room, ann):
    with app.app_context():
        for _ in range(3):
            messages.post(ann, room.id, "hello", new_key())
        asked = text(
            "SELECT custom_plans, generic_plans, current_setting('plan_cache_mode'),"
            " current_setting('enable_seqscan') FROM pg_prepared_statements"
            " WHERE statement LIKE '%WITH asked%'"
        )
        with db.engine.connect() as connection:
            assert connection.execute(asked).all() == [(0, 3, "auto", "on")]


@pytest.mark.postgresql_only
def test_the_lock_and_what_it_guards_are_one_transaction(app, room, ann, monkeypatch):
    """Whoever stores has had the room since before they looked what is there."""
    statements = posting_postgresql.statements

    def with_numbers(batch, moment):
        lock, store = statements(batch, moment)
        number = "INSERT INTO seen VALUES (pg_current_xact_id()::text)"
        return [(number, {}), lock, (number, {}), store]

    monkeypatch.setattr(posting_postgresql, "statements", with_numbers)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE seen (number text)"))
        try:
            posted = messages.post(ann, room.id, "hello", new_key())
            with db.engine.connect() as connection:
                asked = text(
                    "SELECT count(DISTINCT number), count(*), max(number) ="
                    " (SELECT xmin::text FROM messages WHERE id = :id) FROM seen"
                )
                assert connection.execute(asked, {"id": posted.id}).one() == (1, 2, True)
        finally:
            with db.engine.begin() as connection:
                connection.execute(text("DROP TABLE seen"))


@pytest.mark.postgresql_only
def test_a_commit_that_fails_is_no_post(app, room, ann):
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text(FAILS_AT_COMMIT))
        try:
            with pytest.raises(DBAPIError, match="not to be kept"):
                messages.post(ann, room.id, "hello", new_key())
            assert db.session.scalar(select(func.count()).select_from(Message)) == 0
        finally:
            db.session.remove()
            with db.engine.begin() as connection:
                connection.execute(text("DROP FUNCTION refuse() CASCADE"))
        assert messages.post(ann, room.id, "hello", new_key()).created


@pytest.mark.postgresql_only
def test_whoever_is_ended_while_they_store_has_ended(app, settings, room, ann):
    """A worker that stops ends its greenlets: none of them tries again, and all others go on."""
    said = run_patched(
        f"""
        import gevent
        from sqlalchemy import text
        from chatapp import create_app
        from chatapp.domain import transaction
        from chatapp.extensions import db
        app = create_app({settings | {"INSTANCE_PATH": str(settings["INSTANCE_PATH"])}!r})
        begun = []
        def slow():
            begun.append(1)
            return [("SELECT pg_sleep(10)", {{}}), ("SELECT 1", {{}})]
        def store():
            with app.app_context():
                transaction.in_one_go(slow)
        one = gevent.spawn(store)
        while not begun:
            gevent.sleep(0.01)
        gevent.sleep(0.1)
        one.kill(timeout=5)
        print(type(one.value).__name__, len(begun))
        with app.app_context(), db.engine.connect() as connection:
            print(connection.scalar(text("SELECT 1")))
        """
    )
    assert said == "GreenletExit 1\n1\n"


FAILS_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'not to be kept'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON messages
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
"""


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _goes_by_key(node: dict) -> bool:
    return any("Index Cond" in one for one in _nodes(node))
