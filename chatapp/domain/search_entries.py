"""What the full-text index knows of each message; kept in step inside the verbs' transactions.

SQLite's FTS5 holds no text of its own: to forget an entry it must be told what it was made from.
PostgreSQL gets the folded words, so that both databases find the same.
"""

from sqlalchemy import Connection, select, text

from chatapp.domain.prepared import Prepared
from chatapp.extensions import db
from chatapp.models import Message
from chatapp.text import words

_SQLITE_ADD = Prepared(
    text("INSERT INTO message_search (rowid, source, room_id) VALUES (:id, :source, :room_id)")
)
_SQLITE_REMOVE = text(
    "INSERT INTO message_search (message_search, rowid, source, room_id)"
    " VALUES ('delete', :id, :source, :room_id)"
)
_POSTGRESQL_ADD = text(
    "INSERT INTO message_search (message_id, room_id, document)"
    " VALUES (:id, :room_id, array_to_tsvector(CAST(:words AS text[])))"
)
_POSTGRESQL_REPLACE = text(
    "UPDATE message_search SET document = array_to_tsvector(CAST(:words AS text[]))"
    " WHERE message_id = :id"
)

_SQLITE_REBUILD = text("INSERT INTO message_search (message_search) VALUES ('rebuild')")
REBUILT_AT_ONCE = 500


def add(connection: Connection, message_id: int, room_id: int, source: str) -> None:
    """Have this message found by its words."""
    values: dict[str, object] = {"id": message_id, "room_id": room_id}
    if connection.dialect.name == "sqlite":
        _SQLITE_ADD.run(connection, values | {"source": source})
    else:
        connection.execute(_POSTGRESQL_ADD, values | {"words": words.folded(source)})


def replace(message_id: int, room_id: int, old: str, new: str) -> None:
    """Have it found by other words; `old` is the text it was found by until now.

    A deleted message keeps an entry without words: the index is what its rows would make it.
    """
    if _is_sqlite():
        values = {"id": message_id, "room_id": room_id, "source": old}
        db.session.execute(_SQLITE_REMOVE, values)
        _SQLITE_ADD.run(db.session.connection(), values | {"source": new})
    else:
        values = {"id": message_id, "words": words.folded(new)}
        db.session.execute(_POSTGRESQL_REPLACE, values)


def rebuild(connection: Connection) -> None:
    """Make the whole index anew from the messages' rows, where it stands empty."""
    if connection.dialect.name == "sqlite":
        connection.execute(_SQLITE_REBUILD)
        return
    said = select(Message.id, Message.room_id, Message.source)
    said = said.execution_options(yield_per=REBUILT_AT_ONCE)
    for part in connection.execute(said).partitions():
        values = [
            {"id": row.id, "room_id": row.room_id, "words": words.folded(row.source)}
            for row in part
        ]
        connection.execute(_POSTGRESQL_ADD, values)


def _is_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"
