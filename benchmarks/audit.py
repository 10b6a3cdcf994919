"""After a run: is everything that was acknowledged really there, once, in order, and found?"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.load.posters import Acknowledged
from chatapp.domain.search_terms import window_of, word_term
from chatapp.text.words import fold

_STORED = (
    "SELECT id, room_id, seq, posted_seq, number, source, html FROM messages"
    " WHERE author_id = ? AND client_key = ?"
)
_FOUND = "SELECT rowid FROM message_search WHERE message_search MATCH ?"
SHAPE = (
    "SELECT count(*), count(DISTINCT number), min(number), max(number),"
    " count(DISTINCT posted_seq), max(posted_seq) FROM messages WHERE room_id = ? AND number >= ?"
)
HEAD = "SELECT head_seq, last_number FROM rooms WHERE id = ?"


class AuditError(Exception):
    """Something acknowledged is missing, doubled, changed or out of order: there is no result."""


def audit(database: Path, room: int, by_client: Sequence[Sequence[Acknowledged]]) -> int:
    """Compare what each client was told, in the order it was told, with the store.

    Returns how many messages were audited; raises `AuditError`.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as store:
        for acknowledged in by_client:
            in_order(acknowledged)
            for message in acknowledged:
                _stored_as_posted(store, room, message)
        _dense(store, room, min(message.number for one in by_client for message in one))
    return sum(map(len, by_client))


def audited(
    environment: Mapping[str, str], room: int, by_client: Sequence[Sequence[Acknowledged]]
) -> int:
    """`audit` of what is served with that environment."""
    return audit(database_of(environment), room, by_client)


def database_of(environment: Mapping[str, str]) -> Path:
    """The SQLite file of what is served with that environment."""
    return Path(environment["INSTANCE_PATH"]) / "chatapp.sqlite3"


def in_order(acknowledged: Sequence[Acknowledged]) -> None:
    """Raises `AuditError` unless one person's messages stand as they were told one by one."""
    for name in ("id", "seq", "number"):
        places = [getattr(message, name) for message in acknowledged]
        if places != sorted(set(places)):
            raise AuditError(f"one person's messages are not in the order of their {name}")


def _stored_as_posted(store: sqlite3.Connection, room: int, message: Acknowledged) -> None:
    rows = store.execute(_STORED, (message.author, message.key)).fetchall()
    if len(rows) != 1:
        raise AuditError(f"{message.key} is stored {len(rows)} times")
    expected = (message.id, room, message.seq, message.seq, message.number, message.body)
    if rows[0][:6] != expected:
        raise AuditError(f"{message.key} is stored as {rows[0][:6]}, not {expected}")
    if message.key not in rows[0][6]:
        raise AuditError(f"{message.key} is not in its own HTML")
    term = word_term(window_of(message.id), fold(message.key))
    found = [row[0] for row in store.execute(_FOUND, (f'"{term}"',))]
    if found != [message.id]:
        raise AuditError(f"searching for {message.key} finds {found}, not {message.id}")


def _dense(store: sqlite3.Connection, room: int, first: int) -> None:
    shape = store.execute(SHAPE, (room, first)).fetchone()
    head = store.execute(HEAD, (room,)).fetchone()
    without_holes(shape, head)


def without_holes(shape: Sequence[int], head: Sequence[int]) -> None:
    """Raises `AuditError` unless what `SHAPE` and `HEAD` give has each place taken, once."""
    count, numbers, least, most, seqs, last_seq = shape
    if not count == numbers == seqs == most - least + 1 or tuple(head) != (last_seq, most):
        raise AuditError(f"the room's order has holes: {shape}, {head}")
