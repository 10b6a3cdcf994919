"""What the database holds, read straight from it: the truth that everything else must equal."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

MESSAGES = (
    "SELECT id, room_id, author_id, client_key, number, posted_seq, seq, source, "
    "deleted_at IS NOT NULL FROM messages ORDER BY room_id, number"
)
ROOMS = "SELECT id, head_seq, last_number FROM rooms"
REACTIONS = "SELECT message_id, emoji, user_id FROM reactions"
MEMBERS = "SELECT room_id, user_id, read_number FROM memberships"


@dataclass(slots=True)
class Message:
    """A row of the messages table."""

    id: int
    room: int
    author: int
    key: str
    number: int
    posted_seq: int
    seq: int
    source: str
    deleted: bool


@dataclass
class Stored:
    """The tables that the contract speaks of."""

    messages: list[Message]
    heads: dict[int, tuple[int, int]]
    reactions: set[tuple[int, str, int]]
    members: dict[tuple[int, int], int]

    def of_room(self, room: int) -> list[Message]:
        """The room's messages in the store's order."""
        return [message for message in self.messages if message.room == room]


def read_store(url: str) -> Stored:
    """Read everything from the database at a SQLAlchemy URL."""
    with connect(url) as rows:
        return Stored(
            messages=[Message(*row[:8], deleted=bool(row[8])) for row in rows(MESSAGES)],
            heads={room: (head, last) for room, head, last in rows(ROOMS)},
            reactions=set(rows(REACTIONS)),
            members={(room, user): read for room, user, read in rows(MEMBERS)},
        )


@contextmanager
def connect(url: str) -> Generator[Any]:
    """A function that runs a query and returns all its rows."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as connection:
            yield lambda query: connection.execute(query).fetchall()
    else:
        plain = url.replace("postgresql+psycopg:", "postgresql:")
        with psycopg.connect(plain) as connection:
            yield lambda query: _fetch(connection, query)


def _fetch(connection: psycopg.Connection[Any], query: str) -> Sequence[Any]:
    return connection.execute(query.encode()).fetchall()
