"""C1: a power cut loses nothing acknowledged, as each connection to SQLite waits for the disk."""

import secrets
import sqlite3
from contextlib import ExitStack, closing
from typing import Any

import pytest
from flask import current_app

from chatapp.database import MOST_READY, SQLITE_POOL, raw_connection
from chatapp.extensions import db

pytestmark = pytest.mark.sqlite_only

# FULL and WAL: a commit is on the disk before it returns.
DURABLE = (2, "wal")


@pytest.fixture
def opened(app, monkeypatch) -> list[sqlite3.Connection]:
    """Every connection that this process opens from now on, by whatever way.

    SQLite is as some systems build it, for speed: who does not ask for FULL has NORMAL.
    """
    found: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def note(*given: Any, **named: Any) -> sqlite3.Connection:
        found.append(connect(*given, **named))
        found[-1].execute("PRAGMA synchronous = NORMAL")
        return found[-1]

    for module in (sqlite3, sqlite3.dbapi2):
        monkeypatch.setattr(module, "connect", note)
    with app.app_context():
        db.engine.dispose()
    return found


def durability_of(connection: sqlite3.Connection) -> tuple[int, str]:
    names = "synchronous", "journal_mode"
    synchronous, journal = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return synchronous, journal


def test_every_way_to_a_connection_waits_for_the_disk(app, opened):
    """More at a time than lie ready: those of a peak are as the first ones."""
    pooled = int(SQLITE_POOL["pool_size"]) + 1
    with app.app_context(), ExitStack() as held:
        for _ in range(pooled):
            held.enter_context(closing(raw_connection(db.engine)))
        for _ in range(MOST_READY + 1):
            held.enter_context(closing(current_app.extensions["readers"].take()))
        db.session.connection()
        assert len(opened) > pooled + MOST_READY + 1
        assert {durability_of(one) for one in opened} == {DURABLE}


def test_whatever_requests_open_waits_for_the_disk(
    opened, make_client, sign_in, make_user, make_room
):
    ann = make_user("ann")
    room = make_room("kitchen", members=[ann])
    client = sign_in(make_client(), ann)
    said = {"body": "the kettle is on", "client_key": secrets.token_urlsafe(12)}
    assert client.post(f"/rooms/{room.id}/messages", data=said).status_code == 303
    assert "the kettle is on" in client.get(f"/rooms/{room.id}").text
    assert "kettle" in client.get("/searches?q=kettle").text
    assert opened
    assert {durability_of(one) for one in opened} == {DURABLE}


def test_one_that_does_not_wait_would_be_noticed(opened, tmp_path):
    with closing(sqlite3.connect(tmp_path / "careless.sqlite3")) as careless:
        assert opened == [careless]
        assert durability_of(careless) == (1, "delete")
