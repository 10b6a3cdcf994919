"""Fills a workspace of the product for a measurement, straight into its tables, and signs in.

    python -m benchmarks.load.fill '{"people": 1000, "rooms": 1, "messages": 40, "signed_in": 16}'

Run with the product's own environment (INSTANCE_PATH, DATABASE_URL). Prints one line of JSON: the
room's id, and a cookie and CSRF token for each of the first `signed_in` people. Hashing passwords
and rendering markdown 10,000,000 times would take days: every row is what the verbs would have
stored, made once and varied.
"""

import json
import secrets
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha1, sha256
from typing import Any

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, text

from chatapp import create_app
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, SignInSession, User, Workspace
from chatapp.models.columns import now
from chatapp.text.markdown import to_html
from chatapp.text.names import name_key

CHUNK = 5_000
WORDS = "release build lunch design review idea coffee deploy branch ticket window paper".split()


def main() -> None:
    """Fill as the arguments say and print what a client needs."""
    wanted = {"people": 10, "rooms": 1, "messages": 40, "signed_in": 10} | json.loads(sys.argv[1])
    app = create_app()
    with app.app_context():
        db.session.begin()
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("PRAGMA synchronous = OFF"))
        _insert(Workspace, [_workspace()])
        people = range(1, wanted["people"] + 1)
        _insert(User, ({"id": n} | _person(n) for n in people))
        rooms = range(1, wanted["rooms"] + 1)
        _insert(Room, (_room(n, wanted) for n in rooms))
        _insert(Membership, _memberships(wanted))
        _insert(Message, _messages(wanted))
        _index_search(wanted)
        tokens = [secrets.token_urlsafe(32) for _ in range(wanted["signed_in"])]
        _insert(SignInSession, (_sign_in(n, token) for n, token in enumerate(tokens, 1)))
        _set_counters()
        db.session.commit()
    print(json.dumps({"room": 1, "clients": [_client(app, token) for token in tokens]}))


def _insert(model: type, rows: Iterable[dict[str, Any]]) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            db.session.execute(insert(model.__table__), chunk)
            chunk = []
    if chunk:
        db.session.execute(insert(model.__table__), chunk)


def _workspace() -> dict[str, Any]:
    return {
        "id": 1,
        "name": "Benchmark",
        "registration": "closed",
        "invite_code": secrets.token_hex(8),
        "epoch": secrets.token_hex(8),
        "head_seq": 0,
    }


def _person(n: int) -> dict[str, Any]:
    name = f"person{n}"
    return {
        "user_name": name,
        "user_name_key": name_key(name),
        "display_name": f"Person {n}",
        "display_name_key": name_key(f"Person {n}"),
        "password_hash": "none",
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
    began = now() - timedelta(days=30)
    bodies = [_body(n) for n in range(997)]
    rendered = [to_html(body) for body in bodies]
    step = timedelta(days=29) / max(1, wanted["messages"])
    number = dict.fromkeys(range(1, wanted["rooms"] + 1), 0)
    rooms = [1] * wanted["messages"] + list(range(2, wanted["rooms"] + 1))
    for message_id, room in enumerate(rooms, 1):
        number[room] += 1
        kind, author = message_id % 997, message_id % min(wanted["people"], 100) + 1
        yield {
            "id": message_id,
            "room_id": room,
            "author_id": author,
            "client_key": f"fill-{message_id:012d}",
            "fingerprint": sha256(str(message_id).encode()).digest(),
            "number": number[room],
            "posted_seq": number[room],
            "seq": number[room],
            "source": bodies[kind],
            "html": rendered[kind],
            "posted_at": began + step * message_id,
        }


def _body(n: int) -> str:
    picked = [WORDS[(n * k + k) % len(WORDS)] for k in range(1, 12)]
    return f"**{picked[0].title()}** {' '.join(picked[1:])}, `{n}`.\n\nSee number{n} for more."


def _index_search(_wanted: dict[str, int]) -> None:
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("INSERT INTO message_search(message_search) VALUES('rebuild')"))
        return
    db.session.execute(
        text(
            "INSERT INTO message_search (message_id, room_id, document) "
            "SELECT id, room_id, to_tsvector('simple', source) FROM messages"
        )
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


def _client(app: Flask, token: str) -> dict[str, str]:
    """The cookie that a sign-in would have set, and a CSRF token that goes with it."""
    with app.test_request_context():
        from flask import session

        session["csrf_token"] = sha1(secrets.token_bytes(32), usedforsecurity=False).hexdigest()
        csrf = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)  # ty: ignore[unresolved-attribute]
        content = {"_user_id": token, "_fresh": True, "csrf_token": session["csrf_token"]}
        return {
            "cookie": f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(content)}",
            "csrf": csrf,
        }


if __name__ == "__main__":
    main()
