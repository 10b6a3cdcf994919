"""While the database takes no writes, sockets live on, open and hear."""

import sqlite3
from contextlib import closing

import pytest

from tests.realtime.browsers import eventually


@pytest.mark.sqlite_only  # Only SQLite is locked as a whole.
def test_sockets_outlive_a_foreign_lock(server, make_place):
    place = make_place(server)
    ann, bob = place.person("ann"), place.person("bob")
    room = place.room(ann, bob)
    tab = ann.open(room)
    tab.expect("beat", seconds=8)
    with closing(sqlite3.connect(server.folder / "chatapp.sqlite3")) as foreign:
        foreign.execute("BEGIN EXCLUSIVE")
        other = bob.open(room)
        eventually(lambda: bob.id in tab.expect("presence", seconds=3)["online"])
        other.say("typing", room=room)
        assert tab.expect("typing", user=bob.id)
        assert tab.expect("beat", seconds=8)
        foreign.rollback()
    answer = ann.post(room, "it is free again")
    assert other.expect("message")["seq"] == answer["seq"]
    assert server.log.count("The database does not answer") <= 1
