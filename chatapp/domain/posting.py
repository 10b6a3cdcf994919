"""Storing what is posted: on SQLite, several messages with one commit.

There one writer writes at a time, and each commit waits for the disk. So whoever has the turn takes
along all that wait for it (flat combining), and commits once for all of them: with 16 people who
post at the same moment, a post costs a sixteenth of a commit. PostgreSQL does as much by itself.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from flask import current_app
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql

from chatapp.domain import search_entries
from chatapp.domain.errors import DomainError
from chatapp.domain.prepared import Prepared
from chatapp.domain.transaction import (
    PATIENCE_SECONDS,
    busy,
    direct_transaction,
    record,
    transaction,
)
from chatapp.events import MessagePosted
from chatapp.extensions import db
from chatapp.models import tables
from chatapp.models.columns import now
from chatapp.models.message import ShownMessage

# A transaction stays short: others wait for their turn, too.
AT_ONCE = 64

Values = Mapping[str, Any]

_TAKE_PLACE = Prepared(
    update(tables.rooms)
    .where(tables.rooms.c.id == bindparam("room_id"))
    .values(head_seq=tables.rooms.c.head_seq + 1, last_number=tables.rooms.c.last_number + 1)
    .returning(tables.rooms.c.head_seq, tables.rooms.c.last_number)
)
_name = select(tables.users.c.display_name).where(tables.users.c.id == bindparam("author_id"))
_MARK_READ = Prepared(
    update(tables.memberships)
    .where(tables.memberships.c.room_id == bindparam("in_room"))
    .where(tables.memberships.c.user_id == bindparam("author_id"))
    .values(read_number=bindparam("number"))
    .returning(_name.scalar_subquery())
)
_COLUMNS = "room_id author_id client_key fingerprint source html number seq posted_seq posted_at"
# Both databases know this clause in the same words. Postgres waits here for another transaction
# that stores the same key, then does nothing.
_INSERT = Prepared(
    postgresql.insert(tables.messages)
    .values({name: bindparam(name) for name in _COLUMNS.split()})
    .on_conflict_do_nothing(index_elements=["author_id", "client_key"])
    .returning(tables.messages.c.id)
)
_used = select(tables.messages.c.id).where(
    tables.messages.c.author_id == bindparam("author_id"),
    tables.messages.c.client_key == bindparam("client_key"),
)
_MAY_POST = Prepared(
    select(_used.exists()).where(
        tables.memberships.c.room_id == bindparam("room_id"),
        tables.memberships.c.user_id == bindparam("author_id"),
    )
)


class NotThereError(Exception):
    """There is no such room, or the author is not in it."""


class StoredBeforeError(Exception):
    """This author has used this client key before."""


def store(values: Values) -> ShownMessage:
    """Give a message its place in its room and keep it, by now for good.

    `values`: room_id, author_id, client_key, fingerprint, source and html. Raises `NotThereError`,
    `StoredBeforeError`, `Busy`.
    """
    if db.engine.dialect.name == "sqlite":
        turns = current_app.extensions.setdefault("chatapp.posting", _Turns())
        return turns.store(values)
    with transaction() as session:
        connection = session.connection()
        shown = _write(connection, values)
        _announce(connection, shown, values, record)
    return shown


class _Post:
    """One message on its way: what becomes of it is known once its batch is committed."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.outcome: ShownMessage | Exception | None = None


class _Turns:
    """The posts of this process that wait, and whose turn it is to store them."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._waiting: deque[_Post] = deque()

    def store(self, values: Values) -> ShownMessage:
        post, deadline = _Post(values), time.monotonic() + PATIENCE_SECONDS
        self._waiting.append(post)
        try:
            if not self._turn.acquire(timeout=PATIENCE_SECONDS):
                raise busy()
            try:
                # Another's turn may have taken it along.
                if post.outcome is None:
                    self._take_turn(post, deadline)
            finally:
                self._turn.release()
        finally:
            with suppress(ValueError):
                self._waiting.remove(post)
        if isinstance(post.outcome, ShownMessage):
            return post.outcome
        raise post.outcome or busy()

    def _take_turn(self, own: _Post, deadline: float) -> None:
        batch: list[_Post] = []
        try:
            self._store_all(own, batch, deadline)
        except DomainError:
            # Busy: the others have time left of their own.
            raise
        except Exception:
            if len(batch) == 1:
                raise
            # Whoever spoilt it spoils it for themselves only: each goes alone now.
            self._store_all(own, [own], deadline)

    def _store_all(self, own: _Post, batch: list[_Post], deadline: float) -> None:
        with direct_transaction(max(0.0, deadline - time.monotonic())) as (connection, events):
            if not batch:
                batch += self._taken_along(own)
            outcomes = [_attempt(connection, post.values) for post in batch]
            # The entries come last, together: between two of them, each change of another table
            # would have FTS5 write down what it has gathered.
            for post, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, ShownMessage):
                    _announce(connection, outcome, post.values, events.append)
        for post, outcome in zip(batch, outcomes, strict=True):
            post.outcome = outcome

    def _taken_along(self, own: _Post) -> list[_Post]:
        try:
            self._waiting.remove(own)
        except ValueError:
            # It was taken along before, and that batch came to nothing.
            return [own]
        return [own, *(self._waiting.popleft() for _ in range(self._room()))]

    def _room(self) -> int:
        return min(len(self._waiting), AT_ONCE - 1)


def _attempt(connection: Connection, values: Values) -> ShownMessage | Exception:
    """Store one of several, or say why not before anything is changed: nobody else writes now."""
    found = _MAY_POST.run(connection, values).fetchone()
    if found is None:
        return NotThereError()
    return StoredBeforeError() if found[0] else _write(connection, values)


def _write(connection: Connection, values: Values) -> ShownMessage:
    place = _TAKE_PLACE.run(connection, values).fetchone()
    if place is None:
        raise NotThereError
    seq, number = place
    row: dict[str, Any] = {
        **values,
        "number": number,
        "seq": seq,
        "posted_seq": seq,
        "posted_at": now(),
    }
    # Who posts has read. No row to move: not a member. The room's lock is held by now, and
    # whoever removes a member needs it, so nobody posts after their removal.
    author = _MARK_READ.run(connection, {**row, "in_room": row["room_id"]}).fetchone()
    if author is None:
        raise NotThereError
    stored = _INSERT.run(connection, row).fetchone()
    if stored is None:
        raise StoredBeforeError
    return ShownMessage.posted(stored[0], author[0], row)


def _announce(
    connection: Connection, shown: ShownMessage, values: Values, tell: Callable[[object], None]
) -> None:
    """Have it found by its words, and told of once it is committed."""
    search_entries.add(connection, shown.id, shown.room_id, values["source"])
    tell(MessagePosted(shown.room_id, shown.seq, shown.id, shown))
