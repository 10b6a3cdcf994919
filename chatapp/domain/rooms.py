"""Opening a room, renaming it, and finding one's rooms."""

from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import and_, insert, select, update

from chatapp.domain import memberships, rates
from chatapp.domain.errors import Forbidden, Invalid
from chatapp.domain.sequences import lock_room, next_room_seq
from chatapp.domain.sidebar import sidebar_of
from chatapp.domain.transaction import record, transaction
from chatapp.events import RoomChanged
from chatapp.extensions import db
from chatapp.models import Membership, Room, User, tables
from chatapp.models.room import ROOM_KINDS
from chatapp.text import names
from chatapp.text.source import clean

MAX_TOPIC = 250


class ListedRoom(NamedTuple):
    """A room that a person may know of; `joined`: they are a member."""

    id: int
    name: str
    kind: str
    topic: str
    joined: bool


def create(user: User, name: str, topic: str = "", kind: str = "open") -> int:
    """Open a room with this person as its first member; returns its id.

    Raises `Invalid` (name, topic, kind), `TooMany` (making a room counts as posting), `NotFound`
    (barred meanwhile).
    """
    rates.spend("POST", f"user:{user.id}")
    with transaction():
        memberships.require_active(user)
        return add_room(user, name, topic, kind)


def add_room(user: User, name: str, topic: str = "", kind: str = "open") -> int:
    """`create` inside a transaction that is already running (the first run's)."""
    values = _checked(name, topic)
    if kind not in ROOM_KINDS:
        raise Invalid({"kind": _("A room is open or closed.")})
    statement = insert(Room).values(kind=kind, creator_id=user.id, **values).returning(Room.id)
    room_id = db.session.execute(statement).scalar_one()
    memberships.enter(user.id, room_id)
    return room_id


def rename(user: User, room: Room, name: str, topic: str) -> None:
    """Give a room another name and topic. The same ones change nothing.

    Raises `Forbidden` (neither its creator nor an admin), `Invalid` (name, topic), `TooMany`,
    `NotFound` (not a member any more).
    """
    if not room.is_run_by(user):
        raise not_yours()
    rates.spend("CHANGE", f"user:{user.id}")
    values = _checked(name, topic, room.name)
    with transaction() as session:
        lock_room(room.id)
        memberships.require_member(user, room.id)
        stored = session.execute(select(Room.name, Room.topic).where(Room.id == room.id)).one()
        if (stored.name, stored.topic) == (values["name"], values["topic"]):
            return
        seq = next_room_seq(room.id, details=True)
        session.execute(update(tables.rooms).where(Room.id == room.id).values(values))
        record(RoomChanged(room.id, seq, renamed=stored.name != values["name"]))


def not_yours() -> Forbidden:
    """What a member hears who may not change the room."""
    return Forbidden(_("Only the person who made this room, or an admin, can change it."))


def listed(user: User, after: int = 0, limit: int = 100) -> list[ListedRoom]:
    """The rooms a person may know of, oldest first, from those with a higher id than `after`."""
    own = and_(Membership.room_id == Room.id, Membership.user_id == user.id)
    joined = Membership.user_id.is_not(None)
    statement = (
        select(Room.id, Room.name, Room.kind, Room.topic, joined)
        .outerjoin(Membership, own)
        .where(Room.id > after, (Room.kind == "open") | joined)
        .order_by(Room.id)
        .limit(limit)
    )
    return [ListedRoom(*row) for row in db.session.execute(statement)]


def start_room(user: User, last: int | None = None) -> int | None:
    """The room to begin with: the `last` one, if they are still in it, else the first by name
    with something unread, else the first.
    """
    rooms = list(sidebar_of(user.id).rooms)
    known = [room for room in rooms if room.id == last]
    unread = [room for room in rooms if room.unread]
    return next((room.id for room in known + unread + rooms), None)


def _checked(name: str, topic: str, present: str = "") -> dict[str, str]:
    """As they are kept. The present name stays, whatever rule was made since it was chosen."""
    name, topic = names.tidy_name(name), names.tidy_name(clean(topic))
    problem = None if present and name == present else _name_problem(name)
    problems = {"name": problem, "topic": _topic_problem(topic)}
    if any(problems.values()):
        raise Invalid({field: text for field, text in problems.items() if text})
    return {"name": name, "name_key": names.name_key(name), "topic": topic}


def _name_problem(name: str) -> str | None:
    if not name:
        return _("Give the room a name.")
    match names.check_name(name):
        case None:
            return None
        case "too_long":
            most = names.SHOWN_NAME_LENGTHS[-1]
            return _("Use at most %(most)s characters.", most=most)
        case _problem:
            return _("Use plain letters, digits and spaces.")


def _topic_problem(topic: str) -> str | None:
    if len(topic) > MAX_TOPIC:
        return _("Use at most %(most)s characters.", most=MAX_TOPIC)
    return None
