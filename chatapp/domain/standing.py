"""Where rooms and the workspace stand: what the listeners of a process are kept true by."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User, Workspace, WorkspaceChange

# Asking for more rooms than this by id costs more than reading the narrow columns of all.
NAMED_ROOMS = 400
CHANGES_A_PAGE = 500


class Standing(NamedTuple):
    """What one person's new socket starts from. `rooms`: (head_seq, last_number, read_number)."""

    epoch: str
    workspace_seq: int
    name: str
    rooms: Mapping[int, tuple[int, int, int]]


def of_person(user_id: int) -> Standing | None:
    """This person's standing, or None when there is no such active person.

    The workspace's seq is read first: whatever changes while the rest is read comes after it.
    """
    workspace = of_workspace()
    name = select(User.display_name).where(User.id == user_id, User.status == "active")
    found = db.session.execute(name).scalar_one_or_none()
    if workspace is None or found is None:
        return None
    statement = (
        select(Room.id, Room.head_seq, Room.last_number, Membership.read_number)
        .join(Membership, Membership.room_id == Room.id)
        .where(Membership.user_id == user_id)
    )
    rooms = {row.id: (row[1], row[2], row[3]) for row in db.session.execute(statement)}
    return Standing(workspace.epoch, workspace.head_seq, found, rooms)


def of_workspace() -> Row[Any] | None:
    """`epoch` and `head_seq` of the workspace, or None before the first run."""
    return db.session.execute(select(Workspace.epoch, Workspace.head_seq)).one_or_none()


def of_rooms(room_ids: Collection[int]) -> Sequence[Row[Any]]:
    """`id`, `head_seq` and `last_number` of these rooms (of all, when they are many)."""
    statement = select(Room.id, Room.head_seq, Room.last_number)
    if len(room_ids) <= NAMED_ROOMS:
        statement = statement.where(Room.id.in_(room_ids))
    return db.session.execute(statement).all()


def author_of(room_id: int, number: int) -> int | None:
    """Who wrote the message with that number."""
    statement = select(Message.author_id).where(
        Message.room_id == room_id, Message.number == number
    )
    return db.session.execute(statement).scalar_one_or_none()


def changes_after(seq: int) -> Sequence[Row[Any]]:
    """The workspace's changes after that place, oldest first, at most CHANGES_A_PAGE."""
    columns = WorkspaceChange.__table__.c
    statement = select(columns).where(columns.seq > seq).order_by(columns.seq)
    return db.session.execute(statement.limit(CHANGES_A_PAGE)).all()


def person(user_id: int) -> User | None:
    """This person's row as it is now."""
    statement = select(User).where(User.id == user_id)
    return db.session.execute(
        statement, execution_options={"populate_existing": True}
    ).scalar_one_or_none()
