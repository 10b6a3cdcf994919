"""Storing what is posted: several messages with one commit.

Each commit waits for the disk, and meanwhile others wait for a lock: on SQLite all writers of the
database, on PostgreSQL all that post into the same room. So what waits is gathered: with 16 people
who post at the same moment, a post costs a sixteenth of a commit.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatapp.contexts import app_context
from chatapp.domain import posting_postgresql, search_entries
from chatapp.domain.gathering import Turns
from chatapp.domain.posting_postgresql import Found
from chatapp.domain.prepared import Direct, Prepared
from chatapp.domain.transaction import Statements, direct_transaction, in_one_go
from chatapp.events import MessagePosted, dispatch
from chatapp.extensions import db
from chatapp.models import tables
from chatapp.models.columns import now
from chatapp.models.message import ShownMessage

Values = Mapping[str, Any]
Outcome = ShownMessage | Exception
Take = Callable[[], list[Values]]
# By room: the last (seq, number) taken by this batch.
Places = dict[int, tuple[int, int]]

_PLACE = Prepared(
    select(tables.rooms.c.head_seq, tables.rooms.c.last_number).where(
        tables.rooms.c.id == bindparam("room_id")
    )
)
_KEEP_PLACE = Prepared(
    update(tables.rooms)
    .where(tables.rooms.c.id == bindparam("room_id"))
    .values(head_seq=bindparam("seq"), last_number=bindparam("number"))
)
_name = select(tables.users.c.display_name).where(
    tables.users.c.id == bindparam("author_id"), tables.users.c.status == "active"
)
_used = select(tables.messages.c.id).where(
    tables.messages.c.author_id == bindparam("author_id"),
    tables.messages.c.client_key == bindparam("client_key"),
)
# Who posts has read. Nothing is changed, and nothing found, where they may not post this.
_MARK_READ = Prepared(
    update(tables.memberships)
    .where(tables.memberships.c.room_id == bindparam("in_room"))
    .where(tables.memberships.c.user_id == bindparam("author_id"))
    .where(_name.exists())
    .where(~_used.exists())
    .values(read_number=bindparam("number"))
    .returning(_name.scalar_subquery())
)
_MEMBERSHIP = Prepared(
    select(tables.memberships.c.user_id).where(
        tables.memberships.c.room_id == bindparam("room_id"),
        tables.memberships.c.user_id == bindparam("author_id"),
        _name.exists(),
    )
)
_WORKSPACE = Prepared(select(tables.workspace.c.head_seq))
_COLUMNS = "room_id author_id client_key fingerprint source html number seq posted_seq posted_at"
_INSERT = Prepared(
    insert(tables.messages).values({name: bindparam(name) for name in _COLUMNS.split()})
)

_looking = threading.Lock()


class NotThereError(Exception):
    """There is no such room, or the author is not in it, or barred."""


class StoredBeforeError(Exception):
    """This author has used this client key before."""


def store(values: Values) -> ShownMessage:
    """Give a message its place in its room and keep it, by now for good.

    `values`: room_id, author_id, client_key, fingerprint, source and html. Raises `NotThereError`,
    `StoredBeforeError`, `Busy`.
    """
    return _turns_of(values["room_id"]).do(values)


def _turns_of(room_id: int) -> Turns[Values, ShownMessage]:
    """Where posts of this room gather; kept for as long as one is on its way."""
    app = app_context().app
    is_sqlite = db.engine.dialect.name == "sqlite"
    # On PostgreSQL a room that is held up holds up no other.
    key, store_all = (0, _store_on_sqlite) if is_sqlite else (room_id, _store_on_postgresql)
    kept = app.extensions.get("chatapp.posting")
    turns = kept.get(key) if kept is not None else None
    if turns is not None:
        return turns
    with _looking:
        kept = app.extensions.setdefault("chatapp.posting", WeakValueDictionary())
        turns = kept.get(key)
        if turns is None:
            turns = kept[key] = Turns(store_all, _size_of)
    return turns


def _size_of(values: Values) -> int:
    return len(values["source"]) + len(values["html"])


def _store_on_sqlite(take: Take, patience: float) -> list[Outcome]:
    with direct_transaction(patience) as (connection, events):
        batch, places = take(), Places()
        outcomes = [_attempt(connection, places, values) for values in batch]
        for room_id, (seq, number) in places.items():
            _KEEP_PLACE.run(connection, {"room_id": room_id, "seq": seq, "number": number})
        # The entries come last, together: between two of them, each change of another table
        # would have FTS5 write down what it has gathered.
        for values, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, ShownMessage):
                search_entries.add_on_sqlite(
                    connection, outcome.id, outcome.room_id, values["source"]
                )
        events.extend(_facts(outcomes, _WORKSPACE.run(connection, {}).fetchone()[0]))
    return outcomes


def _attempt(connection: Direct, places: Places, values: Values) -> Outcome:
    """Store one of several, or say why not before anything is changed: nobody else writes now."""
    room_id = values["room_id"]
    place = places.get(room_id) or _PLACE.run(connection, values).fetchone()
    if place is None:
        return NotThereError()
    seq, number = place[0] + 1, place[1] + 1
    row = _row(values, number, seq, now())
    author = _MARK_READ.run(connection, {**row, "in_room": room_id}).fetchone()
    if author is None:
        is_member = _MEMBERSHIP.run(connection, values).fetchone()
        return StoredBeforeError() if is_member else NotThereError()
    message_id = _INSERT.run(connection, row).lastrowid
    places[room_id] = seq, number
    return ShownMessage.posted(message_id, author[0], row)


def _store_on_postgresql(take: Take, _patience: float) -> list[Outcome]:
    """The same for posts of one room. The server itself ends what waits for a lock too long."""
    batch: list[Values] = []
    moment = now()

    def asked() -> Statements:
        batch.extend(take())
        return posting_postgresql.statements(batch, moment)

    try:
        rows = in_one_go(asked)
    except IntegrityError:
        if len(batch) > 1:
            raise
        # Another worker stored the same key in another room, at this very moment.
        return [StoredBeforeError()]
    found = [Found(*row) for row in rows]
    outcomes = [_outcome(values, one, moment) for values, one in zip(batch, found, strict=True)]
    for event in _facts(outcomes, found[0].workspace_seq):
        dispatch(event)
    return outcomes


def _outcome(values: Values, found: Found, moment: datetime) -> Outcome:
    if found.author_name is None:
        return NotThereError()
    if found.id is None:
        return StoredBeforeError()
    row = _row(values, found.number, found.seq, moment)
    return ShownMessage.posted(found.id, found.author_name, row)


def _row(values: Values, number: int, seq: int, moment: datetime) -> dict[str, Any]:
    return {**values, "number": number, "seq": seq, "posted_seq": seq, "posted_at": moment}


def _facts(outcomes: Sequence[Outcome], workspace_seq: int) -> list[MessagePosted]:
    shown = (outcome for outcome in outcomes if isinstance(outcome, ShownMessage))
    return [MessagePosted(one.room_id, one.seq, one.id, one, workspace_seq) for one in shown]
