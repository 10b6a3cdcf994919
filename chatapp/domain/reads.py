"""How far a person has read."""

from sqlalchemy import bindparam, select, update

from chatapp.domain.access import no_room
from chatapp.domain.prepared import Prepared
from chatapp.domain.transaction import record, transaction
from chatapp.events import ReadMarked
from chatapp.models import Membership, Room, User, tables

# A message in a large room is read by many at once: who waits for the turn to say so holds nothing.
_PLACE = Prepared(
    select(Membership.read_number, Room.last_number)
    .join(Room, Room.id == Membership.room_id)
    .where(Membership.room_id == bindparam("room"), Membership.user_id == bindparam("user"))
)


def mark(user: User, room_id: int, number: int) -> int:
    """Move one's read mark to that message number; returns where it stands now.

    It only goes forward, and never past the newest message. Raises `NotFound`.
    """
    found = _PLACE.rows({"room": room_id, "user": user.id})
    if not found:
        raise no_room()
    read, last = found[0]
    number = min(number, last)
    if number <= read:
        return read
    return _move(user.id, room_id, number)


def _move(user_id: int, room_id: int, number: int) -> int:
    # Two tabs may race: the lower one of them changes nothing.
    statement = (
        update(tables.memberships)
        .where(
            Membership.room_id == room_id,
            Membership.user_id == user_id,
            Membership.read_number < number,
        )
        .values(read_number=number)
        .returning(Membership.read_number)
    )
    with transaction() as session:
        if session.execute(statement).one_or_none() is not None:
            record(ReadMarked(room_id, user_id, number))
    return number
