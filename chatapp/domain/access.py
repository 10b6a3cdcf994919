"""The only doors to a row by its id. What is absent and what is forbidden look the same."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from chatapp.domain.errors import NotFound
from chatapp.domain.prepared import Prepared
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User, tables
from chatapp.models.room import VisitedRoom

_rooms, _memberships = tables.rooms.c, tables.memberships.c
_VISIT = Prepared(
    select(
        *(_rooms[name] for name in VisitedRoom._fields if name in _rooms), _memberships.read_number
    )
    .outerjoin(
        tables.memberships,
        (_memberships.room_id == _rooms.id) & (_memberships.user_id == bindparam("user")),
    )
    .where(_rooms.id == bindparam("room"))
)


def room_for(user: User, room_id: int) -> Room:
    """A room this person may know of: an open one, or one they are a member of.

    Raises `NotFound`.
    """
    room = db.session.get(Room, room_id)
    if room is None or not (room.is_open or membership_of(user, room_id)):
        raise no_room()
    return room


def visit(user: User, room_id: int, own: Iterable[VisitedRoom] = ()) -> VisitedRoom:
    """`room_for`, with how far this person has read in it. Raises `NotFound`.

    `own`: their rooms, as they were read just now. One query for a room that is not among them.
    """
    for room in own:
        if room.id == room_id:
            return room
    for row in _VISIT.rows({"room": room_id, "user": user.id}):
        room = VisitedRoom(*row)
        if room.is_open or room.read_number is not None:
            return room
    raise no_room()


def joined_room_for(user: User, room_id: int) -> Room:
    """A room this person is a member of: the door to everything said in it.

    Raises `NotFound`.
    """
    statement = (
        select(Room)
        .join(Membership, Membership.room_id == Room.id)
        .where(Room.id == room_id, Membership.user_id == user.id)
    )
    room = db.session.execute(statement).scalar_one_or_none()
    if room is None:
        raise no_room()
    return room


def membership_of(user: User, room_id: int) -> Membership | None:
    """This person's membership of that room, if they have one."""
    return db.session.get(Membership, (room_id, user.id))


def message_for(user: User, message_id: int) -> Message:
    """A message in a room this person is a member of, deleted ones included.

    Raises `NotFound`.
    """
    statement = (
        select(Message)
        .join(Membership, Membership.room_id == Message.room_id)
        .where(Message.id == message_id, Membership.user_id == user.id)
    )
    message = db.session.execute(statement).scalar_one_or_none()
    if message is None:
        raise no_message()
    return message


def no_room() -> NotFound:
    """The one answer for a room that is not there and one that is not theirs."""
    return NotFound(_("There is no such room, or it is not for you to see."))


def no_message() -> NotFound:
    """The one answer for a message that is not there and one that is not theirs."""
    return NotFound(_("There is no such message, or it is not for you to see."))
