"""Who is in which room: joining, leaving, adding and removing people."""

from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select

from chatapp.domain import rates
from chatapp.domain.access import no_room
from chatapp.domain.errors import Conflict, Forbidden, Invalid
from chatapp.domain.sequences import lock_room, next_room_seq, note_workspace_change
from chatapp.domain.transaction import record, transaction
from chatapp.events import MemberJoined, MemberLeft
from chatapp.extensions import db
from chatapp.models import Membership, Room, User, tables
from chatapp.models.user import hue_of, initials_of
from chatapp.text import names

# So many stand in a room's people pane; the others have a page of their own.
SHOWN = 50


class Person(NamedTuple):
    """A member as the people pane shows them."""

    id: int
    display_name: str

    @property
    def hue(self) -> int:
        return hue_of(self.id)

    @property
    def initials(self) -> str:
        return initials_of(self.display_name)


def join(user: User, room: Room) -> None:
    """Become a member of an open room. Joining twice changes nothing.

    Raises `NotFound` (a closed room is not there for whoever is not in it), `TooMany`.
    """
    _spend(user)
    with transaction():
        lock_room(room.id)
        if room.is_open:
            require_active(user)
        else:
            require_member(user, room.id)
        enter(user.id, room.id)


def leave(user: User, room: Room) -> None:
    """Stop being a member. Leaving twice changes nothing.

    Raises `Conflict` (the last member of a closed room), `TooMany`.
    """
    _spend(user)
    with transaction():
        lock_room(room.id)
        _exit(user.id, room)


def add(user: User, room: Room, user_name: str) -> int:
    """Make another person a member of one's room; returns that person's id.

    Raises `NotFound` (one is not a member), `Invalid` (user_name), `TooMany`.
    """
    _spend(user)
    person_id = _person_named(user_name)
    with transaction():
        lock_room(room.id)
        require_member(user, room.id)
        enter(person_id, room.id)
    return person_id


def remove(user: User, room: Room, person_id: int) -> None:
    """Take another person out of the room. Whoever is not in it: nothing changes.

    Raises `NotFound` (one is not a member), `Forbidden` (neither its creator nor an admin),
    `Conflict` (oneself, the last member of a closed room), `TooMany`.
    """
    _spend(user)
    if not (room.is_run_by(user) or person_id == user.id):
        raise Forbidden(_("Only the person who made this room, or an admin, can remove people."))
    with transaction():
        lock_room(room.id)
        require_member(user, room.id)
        _exit(person_id, room)


def _spend(user: User) -> None:
    """Each coming and going is told to everybody, and has a row for ever."""
    rates.spend("CHANGE", f"user:{user.id}")


def join_first_rooms(user: User) -> None:
    """Make a new person a member of the oldest open room, so that they do not arrive nowhere.

    Runs inside the transaction that makes the account.
    """
    statement = select(Room.id).where(Room.kind == "open").order_by(Room.id).limit(1)
    room_id = db.session.execute(statement).scalar_one_or_none()
    if room_id is not None:
        lock_room(room_id)
        enter(user.id, room_id)


def enter(user_id: int, room_id: int) -> None:
    """Make a person a member, inside a transaction that holds the room. Twice changes nothing.

    What was said before counts as read: nobody arrives to a thousand unread messages.
    """
    if is_member(user_id, room_id):
        return
    seq = next_room_seq(room_id, details=True)
    last_number = select(Room.last_number).where(Room.id == room_id).scalar_subquery()
    values = {"room_id": room_id, "user_id": user_id, "read_number": last_number}
    db.session.execute(insert(Membership).values(values))
    workspace_seq = note_workspace_change("member_joined", user_id, room_id=room_id)
    record(MemberJoined(room_id, seq, user_id, workspace_seq))


def people(room_id: int, after: int = 0, limit: int = SHOWN + 1) -> list[Person]:
    """Members in the order of their accounts, from those with a higher id than `after`."""
    statement = (
        select(User.id, User.display_name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.room_id == room_id, Membership.user_id > after)
        .order_by(Membership.user_id)
        .limit(limit)
    )
    return [Person(*row) for row in db.session.execute(statement)]


def count(room_id: int) -> int:
    """How many members the room has."""
    statement = select(func.count()).where(Membership.room_id == room_id)
    return db.session.execute(statement).scalar_one()


def _exit(user_id: int, room: Room) -> None:
    if not is_member(user_id, room.id):
        return
    if not room.is_open and not _has_others(user_id, room.id):
        # Only a member can let anybody in: all that was said there would be lost.
        raise Conflict(_("You are the last one here. Bring somebody else in before you leave."))
    seq = next_room_seq(room.id, details=True)
    ours = (Membership.room_id == room.id, Membership.user_id == user_id)
    db.session.execute(delete(tables.memberships).where(*ours))
    workspace_seq = note_workspace_change("member_left", user_id, room_id=room.id)
    record(MemberLeft(room.id, seq, user_id, workspace_seq))


def _has_others(user_id: int, room_id: int) -> bool:
    """Whether somebody else is in the room who can sign in."""
    other = (Membership.room_id == room_id, Membership.user_id != user_id, User.status == "active")
    statement = select(User.id).join(Membership, Membership.user_id == User.id).where(*other)
    return db.session.execute(statement.limit(1)).first() is not None


def require_member(user: User, room_id: int) -> None:
    """Refuse whoever is not in the room, or was barred meanwhile, where its row is locked.

    Raises `NotFound`.
    """
    theirs = Membership.room_id == room_id, Membership.user_id == user.id, User.status == "active"
    statement = select(User.id).join(Membership, Membership.user_id == User.id).where(*theirs)
    if db.session.execute(statement).one_or_none() is None:
        raise no_room()


def require_active(user: User) -> None:
    """Refuse whoever was barred meanwhile, within a transaction: raises `NotFound`."""
    statement = select(User.id).where(User.id == user.id, User.status == "active")
    if db.session.execute(statement).one_or_none() is None:
        raise no_room()


def is_member(user_id: int, room_id: int) -> bool:
    """Whether they are in the room: true until the commit where its row is locked."""
    statement = select(Membership.user_id).where(
        Membership.room_id == room_id, Membership.user_id == user_id
    )
    return db.session.execute(statement).one_or_none() is not None


def _person_named(user_name: str) -> int:
    key = names.name_key(user_name)
    statement = select(User.id).where(User.user_name_key == key, User.status == "active")
    person_id = db.session.execute(statement).scalar_one_or_none()
    if person_id is None:
        raise Invalid({"user_name": _("Nobody here has that user name.")})
    return person_id
