"""What the full-text index knows of each message; kept in step inside the verbs' transactions.

Both databases get the same terms (`search_terms`), so both find the same. SQLite's FTS5 holds no
text: to forget an entry it must be told what it was made from.
"""

from typing import Any

from sqlalchemy import Connection, select, text

from chatapp.domain import search_terms
from chatapp.domain.prepared import Direct, Prepared
from chatapp.extensions import db
from chatapp.models import Message

_SQLITE_INSERT = text("INSERT INTO message_search (rowid, terms) VALUES (:id, :terms)")
_SQLITE_ADD = Prepared(_SQLITE_INSERT)
_SQLITE_REMOVE = Prepared(
    text("INSERT INTO message_search (message_search, rowid, terms) VALUES ('delete', :id, :terms)")
)
_POSTGRESQL_INSERT = text(
    "INSERT INTO message_search (message_id, room_id, document)"
    " VALUES (:id, :room_id, array_to_tsvector(CAST(:terms AS text[])))"
)
_POSTGRESQL_REPLACE = text(
    "UPDATE message_search SET document = array_to_tsvector(CAST(:terms AS text[]))"
    " WHERE message_id = :id"
)

# FTS5 writes an index in pieces and puts them together with later writes, some ten megabytes at a
# time. What was made in one go is put together at once: posts would stop for it, again and again.
_SQLITE_MERGE = text("INSERT INTO message_search (message_search) VALUES ('optimize')")

REBUILT_AT_ONCE = 500


def add(connection: Connection, message_id: int, room_id: int, source: str) -> None:
    """Have this message found by its words."""
    if connection.dialect.name == "sqlite":
        add_on_sqlite(Direct.of(connection), message_id, room_id, source)
    else:
        connection.execute(_POSTGRESQL_INSERT, _values(connection, message_id, room_id, source))


def add_on_sqlite(connection: Direct, message_id: int, room_id: int, source: str) -> None:
    """`add`, for who has no more than a direct connection."""
    _SQLITE_ADD.run(connection, _values(connection, message_id, room_id, source))


def replace(message_id: int, room_id: int, old: str, new: str) -> None:
    """Have it found by other words; `old` is the text it was found by until now."""
    connection = db.session.connection()
    values = _values(connection, message_id, room_id, new)
    if connection.dialect.name == "sqlite":
        direct = Direct.of(connection)
        _SQLITE_REMOVE.run(direct, _values(connection, message_id, room_id, old))
        _SQLITE_ADD.run(direct, values)
    else:
        connection.execute(_POSTGRESQL_REPLACE, values)


def rebuild(connection: Connection) -> None:
    """Make the whole index anew from the messages' rows, where it stands empty."""
    is_sqlite = connection.dialect.name == "sqlite"
    statement = _SQLITE_INSERT if is_sqlite else _POSTGRESQL_INSERT
    said = select(Message.id, Message.room_id, Message.source).order_by(Message.id)
    said = said.execution_options(yield_per=REBUILT_AT_ONCE)
    for part in connection.execute(said).partitions():
        connection.execute(statement, [_values(connection, *row) for row in part])
    if is_sqlite:
        connection.execute(_SQLITE_MERGE)


def _values(
    connection: Connection | Direct, message_id: int, room_id: int, source: str
) -> dict[str, Any]:
    terms = search_terms.of_message(message_id, room_id, source)
    if connection.dialect.name == "sqlite":
        return {"id": message_id, "terms": " ".join(terms)}
    return {"id": message_id, "room_id": room_id, "terms": terms}
