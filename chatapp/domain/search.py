"""Finding messages by their words, in the rooms that a person is in. Newest first."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple, cast

from sqlalchemy import select, text

from chatapp.domain import rates
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User
from chatapp.models.columns import AnyRow
from chatapp.offload import offload
from chatapp.text import words

PAGE = 30
# Further words would hardly narrow it down, and each costs a walk through the index.
MAX_WORDS = 10
# An id that no message reaches.
_NEWEST = 2**62

_SQLITE = (
    "SELECT rowid FROM message_search WHERE message_search MATCH ? AND rowid < ?"
    " ORDER BY rowid DESC LIMIT ?"
)
_POSTGRESQL = text(
    "SELECT message_id FROM message_search"
    " WHERE document @@ CAST(:words AS tsquery) AND room_id = ANY(:rooms) AND message_id < :before"
    " ORDER BY message_id DESC LIMIT :limit"
)


class Hits(NamedTuple):
    """A page of hits: `id`, `room_id`, `author_id`, `client_key`, `source`, `posted_at`,
    `author_name` and `room_name` of each message. `more`: ask again `before` the last one's id.
    """

    rows: Sequence[AnyRow]
    more: bool
    words: Sequence[str]


def find(user: User, query: str, before: int | None = None) -> Hits:
    """Messages that have all these words, or words that begin with them; 30 at a time.

    Whatever is typed is only words: there is no syntax to get wrong. Raises `TooMany`.
    """
    terms = words.split(query)[:MAX_WORDS]
    if not terms:
        return Hits((), more=False, words=())
    rates.spend("SEARCH", f"user:{user.id}")
    rooms = select(Membership.room_id).where(Membership.user_id == user.id)
    room_ids = list(db.session.execute(rooms).scalars())
    found = _found(terms, room_ids, before or _NEWEST) if room_ids else []
    return Hits(_rows(user, found[:PAGE]), len(found) > PAGE, terms)


def _found(terms: list[str], room_ids: list[int], before: int) -> list[int]:
    if db.session.get_bind().dialect.name == "postgresql":
        values = {"words": _tsquery(terms), "rooms": room_ids, "before": before, "limit": PAGE + 1}
        return list(db.session.execute(_POSTGRESQL, values).scalars())
    connection = cast("sqlite3.Connection", db.session.connection().connection.dbapi_connection)
    return offload(_sqlite_found, connection, (_match(terms, room_ids), before, PAGE + 1))


def _sqlite_found(connection: sqlite3.Connection, values: tuple[str, int, int]) -> list[int]:
    return [row[0] for row in connection.execute(_SQLITE, values)]


def _match(terms: list[str], room_ids: list[int]) -> str:
    # Every term is quoted, and holds only letters and digits: nothing in it can be an operator.
    said = " AND ".join(f'"{term}"{_star(term, " *")}' for term in terms)
    rooms = " OR ".join(f'"{room_id}"' for room_id in room_ids)
    return f"source : ({said}) AND room_id : ({rooms})"


def _tsquery(terms: list[str]) -> str:
    folded = filter(None, map(words.fold, terms))
    return " & ".join(f"'{term}'{_star(term, ':*')}" for term in folded)


def _star(term: str, star: str) -> str:
    # One Latin letter or digit begins half of all words: it only stands for itself.
    return "" if len(term) == 1 and term.isascii() else star


def _rows(user: User, ids: list[int]) -> Sequence[AnyRow]:
    # The membership is asked for once more: the index is no door.
    statement = (
        select(
            Message.id,
            Message.room_id,
            Message.author_id,
            Message.client_key,
            Message.source,
            Message.posted_at,
            User.display_name.label("author_name"),
            Room.name.label("room_name"),
        )
        .join(Membership, Membership.room_id == Message.room_id)
        .join(Room, Room.id == Message.room_id)
        .join(User, User.id == Message.author_id)
        .where(Membership.user_id == user.id, Message.id.in_(ids), Message.deleted_at.is_(None))
        .order_by(Message.id.desc())
    )
    return db.session.execute(statement).all()
