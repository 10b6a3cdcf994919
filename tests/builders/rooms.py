"""Rooms and who is in them, through the rows: verbs have tests of their own."""

from collections.abc import Sequence
from itertools import count

from chatapp.domain.sequences import next_room_seq
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import Membership, Room, User
from chatapp.text.names import name_key
from tests.builders.people import new_user

_numbers = count(1)


def new_room(
    name: str | None = None,
    *,
    members: Sequence[User] = (),
    creator: User | None = None,
    kind: str = "open",
    topic: str = "",
) -> Room:
    """A room with these members. Its creator is the first of them unless another is named."""
    name = name or f"room {next(_numbers)}"
    creator = creator or (members[0] if members else new_user())
    people = {person.id: person for person in (creator, *members)}
    with transaction() as session:
        room = Room(
            name=name, name_key=name_key(name), kind=kind, topic=topic, creator_id=creator.id
        )
        session.add(room)
        session.flush()
        for person in people.values():
            _add(room, person)
    db.session.refresh(room)
    return room


def new_member(room: Room, user: User) -> Membership:
    """Let that person into the room."""
    with transaction():
        return _add(room, user)


def _add(room: Room, user: User) -> Membership:
    next_room_seq(room.id, details=True)
    membership = Membership(room_id=room.id, user_id=user.id, read_number=room.last_number)
    db.session.add(membership)
    return membership
