"""Fills a workspace of the product for a measurement, straight into its tables, and signs in.

    python -m benchmarks.load.fill '{"people": 1000, "rooms": 1, "messages": 40, "signed_in": 16}'

Run with the product's own environment (INSTANCE_PATH, DATABASE_URL). Prints one line of JSON: the
room's id, and a cookie and CSRF token for each of the first `signed_in` people. Hashing passwords
and rendering markdown 10,000,000 times would take days: every row is what the verbs would have
stored, put together from pieces (text.py).
"""

import json
import secrets
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select, text

from benchmarks.load.text import PASSWORD, Text
from chatapp import create_app
from chatapp.domain import search_entries
from chatapp.domain.passwords import hashed
from chatapp.extensions import Base, db
from chatapp.models import Membership, Message, Room, SignInSession, User, Workspace
from chatapp.models.columns import now
from chatapp.text.names import name_key

CHUNK = 5_000
# A fill that is cut off is thrown away: it needs no journal. The server sets its own again.
FAST_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000")
DEFAULTS = {"people": 10, "rooms": 1, "messages": 40, "signed_in": 10, "passwords": 0}


def main() -> None:
    """Fill as the arguments say and print what a client needs."""
    wanted = DEFAULTS | json.loads(sys.argv[1])
    app = create_app()
    with app.app_context():
        password = hashed(PASSWORD) if wanted["passwords"] else "none"
        if db.engine.dialect.name == "sqlite":
            for pragma in FAST_PRAGMAS:
                db.session.execute(text(f"PRAGMA {pragma}"))
        db.session.execute(text("BEGIN"))
        _insert(Workspace, [_workspace()])
        people = range(1, wanted["people"] + 1)
        _insert(User, ({"id": n} | _person(n, password) for n in people))
        rooms = range(1, wanted["rooms"] + 1)
        _insert(Room, (_room(n, wanted) for n in rooms))
        _insert(Membership, _memberships(wanted))
        _insert_messages(wanted)
        search_entries.rebuild(db.session.connection())
        tokens = [secrets.token_urlsafe(32) for _ in range(wanted["signed_in"])]
        _insert(SignInSession, (_sign_in(n, token) for n, token in enumerate(tokens, 1)))
        _set_counters()
        db.session.commit()
        facts = {"room": 1, "messages": wanted["messages"], "rooms": wanted["rooms"]}
        facts["epoch"] = db.session.execute(select(Workspace.epoch)).scalar_one()
    print(json.dumps(facts | {"clients": _clients(app, tokens)}))


def _insert(model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            db.session.execute(insert(model), chunk)
            chunk = []
    if chunk:
        db.session.execute(insert(model), chunk)


def _workspace() -> dict[str, Any]:
    return {
        "id": 1,
        "name": "Benchmark",
        "registration": "closed",
        "invite_code": secrets.token_hex(8),
        "epoch": secrets.token_hex(8),
        "head_seq": 0,
    }


def _person(n: int, password: str) -> dict[str, Any]:
    name = f"person{n}"
    return {
        "user_name": name,
        "user_name_key": name_key(name),
        "display_name": f"Person {n}",
        "display_name_key": name_key(f"Person {n}"),
        "password_hash": password,
        "role": "member",
        "status": "active",
        "created_at": now(),
    }


def _room(n: int, wanted: dict[str, int]) -> dict[str, Any]:
    count = wanted["messages"] if n == 1 else 1
    return {
        "id": n,
        "kind": "open",
        "name": f"room {n}",
        "name_key": f"room {n}",
        "topic": "What is measured",
        "creator_id": 1,
        "head_seq": count,
        "details_seq": 0,
        "last_number": count,
        "created_at": now(),
    }


def _memberships(wanted: dict[str, int]) -> Iterator[dict[str, Any]]:
    # Room 1 has everybody; the others have the first hundred, as the sidebar of a busy person.
    for room in range(1, wanted["rooms"] + 1):
        members = wanted["people"] if room == 1 else min(wanted["people"], 100)
        for person in range(1, members + 1):
            yield {"room_id": room, "user_id": person, "read_number": 0, "joined_at": now()}


def _messages(wanted: dict[str, int]) -> Iterator[dict[str, Any]]:
    """All of room 1's, then one in each other room; dicts in the order of the table's columns."""
    text = Text()
    began = now() - timedelta(days=30)
    step = timedelta(days=29) / max(1, wanted["messages"])
    authors, first_rooms = min(wanted["people"], 100), wanted["messages"]
    fingerprint = sha256(b"benchmark").digest()
    for message_id in range(1, first_rooms + wanted["rooms"]):
        in_first = message_id <= first_rooms
        number = message_id if in_first else 1
        source, html = text.of(message_id)
        yield {
            "id": message_id,
            "room_id": 1 if in_first else message_id - first_rooms + 1,
            "author_id": message_id % authors + 1,
            "client_key": f"fill-{message_id:012d}",
            "fingerprint": fingerprint,
            "number": number,
            "posted_seq": number,
            "seq": number,
            "source": source,
            "html": html,
            "posted_at": began + step * message_id,
        }


def _insert_messages(wanted: dict[str, int]) -> None:
    if db.engine.dialect.name != "sqlite":
        _insert(Message, _messages(wanted))
        return
    # Ten times quicker than through SQLAlchemy; a moment is kept as SQLAlchemy keeps it.
    rows = (
        (*list(row.values())[:-1], row["posted_at"].strftime("%Y-%m-%d %H:%M:%S.%f"))
        for row in _messages(wanted)
    )
    columns = "id, room_id, author_id, client_key, fingerprint, number, posted_seq, seq, source"
    connection = db.session.connection().connection.dbapi_connection
    connection.executemany(
        f"INSERT INTO messages ({columns}, html, posted_at) VALUES ({', '.join('?' * 11)})", rows
    )


def _sign_in(n: int, token: str) -> dict[str, Any]:
    return {
        "user_id": n,
        "token_hash": sha256(token.encode()).digest(),
        "kept": True,
        "user_agent": "benchmark",
        "address": "127.0.0.1",
        "created_at": now(),
        "last_seen_at": now(),
        "expires_at": now() + timedelta(days=30),
    }


def _set_counters() -> None:
    """PostgreSQL does not notice ids that were given: move its counters past them."""
    if db.engine.dialect.name == "sqlite":
        return
    for table in ("users", "rooms", "messages", "sessions"):
        reset = f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 1) FROM {table}))"
        db.session.execute(text(reset))


def _clients(app: Flask, tokens: list[str]) -> list[dict[str, str]]:
    """The cookie that each sign-in would have set, and a CSRF token that goes with it."""
    name = app.config["SESSION_COOKIE_NAME"]
    with app.test_request_context():
        session["csrf_token"] = secrets.token_hex(20)
        csrf = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)  # ty: ignore[missing-attribute]
        shared = {"_fresh": True, "csrf_token": session["csrf_token"]}
        return [
            {"cookie": f"{name}={serializer.dumps({'_user_id': token} | shared)}", "csrf": csrf}
            for token in tokens
        ]


if __name__ == "__main__":
    main()
