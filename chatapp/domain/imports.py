"""Taking over people and what was said elsewhere: whole conversations, with their own times.

Many messages a transaction, without limits and without announcing each: pages that are open learn
of it from the rooms' sequences, as after a lost hint.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, insert, select, update

from chatapp.domain import accounts, memberships, messages, search_entries
from chatapp.domain.accounts import NewAccount
from chatapp.domain.sequences import lock_room
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import Membership, Message, Reaction, Room, User
from chatapp.text import markdown


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A message as it was; `client_key` is new. `reactions`: pairs of an emoji and a user id."""

    room_id: int
    author_id: int
    client_key: str
    body: str
    posted_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reactions: Sequence[tuple[str, int]] = ()

    @property
    def changes(self) -> int:
        """How many places it takes in its room's sequence."""
        if self.deleted_at:
            return 2
        return 1 + (self.edited_at is not None) + len(self.reactions)


def add_people(people: Iterable[NewAccount]) -> list[User]:
    """Make accounts, whether or not people may register; they are in no room yet.

    `people` is drawn from slowly: a hash is made for each. Raises `Invalid`.
    """
    users = [accounts.prepare(account) for account in people]
    with transaction() as session:
        session.add_all(users)
    return users


def add_members(room_id: int, user_ids: Iterable[int]) -> None:
    """Make these people members of the room, whatever its kind."""
    with transaction():
        lock_room(room_id)
        for user_id in user_ids:
            memberships.enter(user_id, room_id)


def mark_read(room_id: int, numbers: Mapping[int, int]) -> None:
    """Move read marks to these message numbers, by user id. They only go forward."""
    with transaction():
        lock_room(room_id)
        for user_id, number in numbers.items():
            _move_read(room_id, user_id, number)


def add_messages(past: Sequence[PastMessage]) -> None:
    """Store messages of any rooms in this order, which is to be the order of their times.

    Authors are members of their rooms, and have read up to their own. Raises `Invalid` (body).
    """
    rows = [_row(message) for message in past]
    with transaction() as session:
        _place(past, rows)
        db.session.execute(insert(Message), rows)
        ids = _ids(rows)
        for row in rows:
            if row["source"]:
                said = ids[_key(row)], row["room_id"], row["source"]
                search_entries.add(session.connection(), *said)
        _add_reactions(past, ids)
        _move_reads(rows)


def _row(message: PastMessage) -> dict[str, Any]:
    source = messages.clean_body(message.body)
    fingerprint = hashlib.sha256(f"{message.room_id}\n{source}".encode()).digest()
    kept = "" if message.deleted_at else source
    return {
        "room_id": message.room_id,
        "author_id": message.author_id,
        "client_key": message.client_key,
        "fingerprint": fingerprint,
        "source": kept,
        "html": markdown.to_html(kept),
        "posted_at": message.posted_at,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
    }


def _place(past: Sequence[PastMessage], rows: Sequence[dict[str, Any]]) -> None:
    """Give each row its number and seqs, and move the rooms' heads behind them."""
    heads = {room_id: _head(room_id) for room_id in sorted({m.room_id for m in past})}
    for message, row in zip(past, rows, strict=True):
        seq, number = heads[message.room_id]
        heads[message.room_id] = seq + message.changes, number + 1
        row |= {"number": number + 1, "posted_seq": seq + 1, "seq": seq + message.changes}
    for room_id, (seq, number) in heads.items():
        values = {"head_seq": seq, "last_number": number}
        _write(update(Room).where(Room.id == room_id).values(values))


def _head(room_id: int) -> tuple[int, int]:
    lock_room(room_id)
    statement = select(Room.head_seq, Room.last_number).where(Room.id == room_id)
    seq, number = db.session.execute(statement).one()
    return seq, number


def _key(row: Mapping[str, Any]) -> tuple[int, str]:
    return row["author_id"], row["client_key"]


def _ids(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], int]:
    keys = [row["client_key"] for row in rows]
    statement = select(Message.author_id, Message.client_key, Message.id)
    found = db.session.execute(statement.where(Message.client_key.in_(keys)))
    return {(author_id, key): message_id for author_id, key, message_id in found}


def _add_reactions(past: Sequence[PastMessage], ids: Mapping[tuple[int, str], int]) -> None:
    rows = [
        {"message_id": ids[message.author_id, message.client_key], "emoji": emoji, "user_id": who}
        for message in past
        if not message.deleted_at
        for emoji, who in message.reactions
    ]
    if rows:
        db.session.execute(insert(Reaction), rows)


def _move_reads(rows: Sequence[Mapping[str, Any]]) -> None:
    own = {(row["room_id"], row["author_id"]): row["number"] for row in rows}
    for (room_id, user_id), number in own.items():
        _move_read(room_id, user_id, number)


def _move_read(room_id: int, user_id: int, number: int) -> None:
    theirs = (Membership.room_id == room_id, Membership.user_id == user_id)
    behind = Membership.read_number < number
    _write(update(Membership).where(*theirs, behind).values(read_number=number))


def _write(statement: Update) -> None:
    # Rows that are already loaded are not changed along: nobody reads them again.
    db.session.execute(statement, execution_options={"synchronize_session": False})
