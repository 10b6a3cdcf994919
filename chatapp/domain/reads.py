"""How far a person has read.

A message in a large room is read by all who look at it, within the same second. So on SQLite the
marks that wait for their turn at the same moment are moved with one commit, as posts are stored.
"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from chatapp.contexts import app_context
from chatapp.domain.access import no_room
from chatapp.domain.gathering import Turns
from chatapp.domain.prepared import Prepared
from chatapp.domain.transaction import direct_transaction, in_one_go
from chatapp.events import ReadMarked, dispatch
from chatapp.extensions import db
from chatapp.models import Membership, Room, User, tables

# Who waits for the turn to move a mark holds nothing.
_PLACE = Prepared(
    select(Membership.read_number, Room.last_number)
    .join(Room, Room.id == Membership.room_id)
    .where(Membership.room_id == bindparam("room_id"), Membership.user_id == bindparam("user_id"))
)
# Two tabs may race: the lower one of them changes nothing.
_MOVE = Prepared(
    update(tables.memberships)
    .where(
        tables.memberships.c.room_id == bindparam("in_room"),
        tables.memberships.c.user_id == bindparam("reader_id"),
        tables.memberships.c.read_number < bindparam("number"),
    )
    .values(read_number=bindparam("number"))
)
# The same in one go. Commits of single marks wait for the disk together there by themselves, and
# nobody's mark waits for another's.
_MOVE_ON_POSTGRESQL = """
UPDATE memberships SET read_number = %(number)s
WHERE room_id = %(in_room)s AND user_id = %(reader_id)s AND read_number < %(number)s
RETURNING read_number
"""


class _Mark(NamedTuple):
    """A message number that a reader has come to."""

    in_room: int
    reader_id: int
    number: int


def mark(user: User, room_id: int, number: int) -> int:
    """Move one's read mark to that message number; returns how far it stands now, at least.

    It only goes forward, and never past the newest message. Raises `NotFound`, `Busy`.
    """
    found = _PLACE.rows({"room_id": room_id, "user_id": user.id})
    if not found:
        raise no_room()
    read, last = found[0]
    number = min(number, last)
    if number <= read:
        return read
    _move(_Mark(room_id, user.id, number))
    return number


def _move(one: _Mark) -> None:
    if db.engine.dialect.name == "sqlite":
        _waiting().do(one)
    elif in_one_go(lambda: [(_MOVE_ON_POSTGRESQL, one._asdict())]):
        dispatch(_fact(one))


def _waiting() -> Turns[_Mark, bool]:
    """Where this process's marks gather."""
    kept = app_context().app.extensions
    turns = kept.get("chatapp.reads")
    return turns or kept.setdefault("chatapp.reads", Turns(_move_on_sqlite, lambda _mark: 0))


def _move_on_sqlite(take: Callable[[], list[_Mark]], patience: float) -> list[bool | Exception]:
    """Whether each was moved."""
    with direct_transaction(patience) as (connection, events):
        batch = take()
        moved = [_MOVE.run(connection, one._asdict()).rowcount == 1 for one in batch]
        events.extend(_fact(one) for one, is_moved in zip(batch, moved, strict=True) if is_moved)
    return [*moved]


def _fact(one: _Mark) -> ReadMarked:
    return ReadMarked(one.in_room, one.reader_id, one.number)
