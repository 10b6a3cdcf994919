"""What many have missed is read once, a few reads at a time, and told to who may still hear it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from chatapp.domain import changes, memberships
from chatapp.extensions import db
from chatapp.models import Room, User
from chatapp.realtime import missed
from chatapp.realtime.connection import Connection, Limits
from chatapp.realtime.frames import text_frame
from chatapp.realtime.missed import NOTHING, READS
from chatapp.realtime.protocol import Subscribe
from chatapp.realtime.service import Realtime
from tests.builders.messages import new_message
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.queries import counted
from tests.realtime.browsers import eventually
from tests.realtime.listeners import enter
from tests.realtime.test_connection import Loop

SINCE = 5
read = missed._read


@pytest.fixture
def people(app):
    with app.app_context():
        users = [new_user("ann"), new_user("bob")]
        room = new_room(members=users)
        for number in range(20):
            new_message(room, users[0], f"number {number}")
        return {"ann": users[0].id, "bob": users[1].id, "room": room.id, "seq": room.head_seq + 20}


@pytest.fixture
def live(app, people):
    live = Realtime(app)
    live.catch_up()
    return live


@pytest.fixture
def ask(live, people):
    """What the socket is told of what came after `since`."""

    def ask(since: int = SINCE) -> bytes:
        page = Subscribe(people["room"], since, live.heads.epoch)
        return live.missed.frame_for(page, people["seq"])

    return ask


@pytest.fixture
def held():
    """Reads wait until `held.go` is set; `held.most` read at once."""

    class Held:
        def __init__(self):
            self.go, self.began, self.now, self.most = threading.Event(), 0, 0, 0
            self.lock = threading.Lock()

        def read(self, gap):
            with self.lock:
                self.began, self.now = self.began + 1, self.now + 1
                self.most = max(self.most, self.now)
            assert self.go.wait(10)
            with self.lock:
                self.now -= 1
            return read(gap)

    held = Held()
    with patch.object(missed, "_read", held.read):
        yield held
    held.go.set()


def connections(app) -> int:
    """How many of the pool's are in use."""
    with app.app_context():
        pool = db.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_it_is_read_once_for_all_who_come_later(app, ask):
    first = ask()
    assert b"number 19" in first
    with counted(app) as statements:
        assert [ask() for _ in range(10)] == [first] * 10
    assert statements == []


def test_it_takes_few_queries(app, ask):
    with counted(app) as statements:
        assert ask()
    assert len(statements) <= 3, statements


def test_who_comes_while_it_is_read_waits_for_that_one_and_holds_nothing(app, ask, held):
    with ThreadPoolExecutor(20) as crowd:
        told = [crowd.submit(ask) for _ in range(20)]
        eventually(lambda: held.began == 1)
        assert connections(app) <= 1
        held.go.set()
        assert len({one.result() for one in told}) == 1
    assert told[0].result() != NOTHING
    assert held.began == 1
    assert connections(app) == 0


def test_that_there_is_nothing_to_tell_is_kept_too(app, live, people):
    page = Subscribe(people["room"], 0, live.heads.epoch)
    # The room's members came after 0.
    assert live.missed.frame_for(page, people["seq"]) == NOTHING
    with counted(app) as statements:
        assert live.missed.frame_for(page, people["seq"]) == NOTHING
    assert statements == []


@pytest.mark.parametrize("bound", ["messages", "changes", "bytes"])
def test_who_missed_more_than_a_page_has_to_ask(app, live, people, bound, monkeypatch):
    assert (missed.MOST_BYTES, missed.MOST_CHANGES, changes.PAGE) == (64 * 1024, 500, 100)
    if bound == "messages":
        monkeypatch.setattr(changes, "PAGE", 10)
        monkeypatch.setattr(changes, "_CHANGED", changes._CHANGED.limit(11))
    elif bound == "changes":
        monkeypatch.setattr(missed, "MOST_CHANGES", 10)
    else:
        monkeypatch.setattr(missed, "MOST_BYTES", 10_000)

    def ask(since: int) -> bytes:
        page = Subscribe(people["room"], since, live.heads.epoch)
        return live.missed.frame_for(page, people["seq"])

    assert ask(people["seq"] - 10)
    assert ask(people["seq"] - 20) == NOTHING


def test_those_who_missed_something_else_each_take_turns(ask, held):
    with ThreadPoolExecutor(2 * READS) as crowd:
        told = [crowd.submit(ask, SINCE + number) for number in range(2 * READS)]
        eventually(lambda: held.now == READS)
        held.go.set()
        assert len({one.result() for one in told}) == 2 * READS
    assert (held.most, held.began) == (READS, 2 * READS)


def test_who_waits_too_long_has_to_ask(ask, held):
    with patch.object(missed, "PATIENCE_SECONDS", 0.05), ThreadPoolExecutor(2) as crowd:
        told = [crowd.submit(ask) for _ in range(2)]
        eventually(lambda: any(one.done() for one in told))
        assert [one.result() for one in told if one.done()] == [NOTHING]
        held.go.set()
        assert {one.result() for one in told} == {NOTHING, ask()}


def test_a_database_that_fails_is_asked_again_by_the_next(ask):
    error = OperationalError("SELECT", {}, Exception("it is away"))
    with patch.object(missed, "_read", side_effect=error):
        assert ask() == NOTHING
    assert b"number 19" in ask()


def test_another_name_is_another_frame(app, live, ask):
    ask()
    live.heads.workspace_seq += 1
    with counted(app) as statements:
        assert ask()
    assert statements


@pytest.mark.parametrize("removed", [False, True])
def test_who_is_removed_while_it_is_read_gets_nothing(live, people, held, removed):
    room, bob = people["room"], people["bob"]
    tab = enter(live.hub, bob)
    live.hub.join(bob, room, people["seq"], 20)
    epoch = live.heads.epoch
    text = json.dumps({"type": "subscribe", "room": room, "since": SINCE, "epoch": epoch})
    saying = threading.Thread(target=live.listener.heard, args=(tab, text))
    saying.start()
    eventually(lambda: held.began == 1)
    if removed:
        assert live.hub.leave(bob, room) == [tab]
    held.go.set()
    saying.join(10)
    assert [b"number 19" in wire for wire in tab.heard] == ([] if removed else [True, False])


def test_a_slow_reader_has_to_ask(live, people):
    room, bob = people["room"], people["bob"]
    tab = enter(live.hub, bob)
    live.hub.join(bob, room, people["seq"], 20)
    tab.is_behind = True
    epoch = live.heads.epoch
    text = json.dumps({"type": "subscribe", "room": room, "since": SINCE, "epoch": epoch})
    live.listener.heard(tab, text)
    assert [b"subscribed" in wire for wire in tab.heard] == [True]
    tab.is_behind = False
    live.listener.heard(tab, text)
    assert [b"number 19" in wire for wire in tab.heard] == [False, True, False]


def test_what_gathers_while_a_socket_opens_does_not_hide_it(live, people):
    opening = Connection(Loop(), live.listener, Limits())
    opening.user_id = people["bob"]
    live.hub.enter(opening, "bob")
    live.hub.join(people["bob"], people["room"], people["seq"], 20)
    opening.send(text_frame(b'{"type":"presence"}'))
    live.listener.follow(opening, Subscribe(people["room"], SINCE, live.heads.epoch))
    assert any(b"number 19" in wire for wire, _ in opening._outbox or ())


@pytest.mark.parametrize("removed", [False, True])
def test_who_was_removed_in_another_process_is_told_nothing_that_came_after(app, people, removed):
    """Whatever place they say they have, and however far this process has heard of the room."""
    live = Realtime(app)
    with app.app_context():
        live.heads.catch_up()
        tab = enter(live.hub, people["bob"], [people["room"]])
        room, bob = (
            db.session.get_one(Room, people["room"]),
            db.session.get_one(User, people["bob"]),
        )
        if removed:
            memberships.leave(bob, room)
        db.session.expire_all()
        left = room.head_seq
        new_message(room, db.session.get_one(User, people["ann"]), "after it")
        live.hub.channels[room.id].advance(left + 1, 21)
        live.listener.follow(tab, Subscribe(room.id, left, live.heads.epoch))
    assert any(b"after it" in wire for wire in tab.heard) != removed
