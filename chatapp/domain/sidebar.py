"""What stands beside every page of one person: the workspace, and their own rooms."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from chatapp.domain.prepared import Prepared
from chatapp.models import Membership, Workspace, tables
from chatapp.models.room import VisitedRoom
from chatapp.recent import be_of_history, recent

# About half a kilobyte each: 4 MB.
KEPT_DETAILS = 8192


class Sidebar(NamedTuple):
    """The workspace, and a person's rooms by name; `workspace_seq` is its head at that moment."""

    workspace_name: str
    epoch: str
    workspace_seq: int
    rooms: Sequence[VisitedRoom]


class _Details(NamedTuple):
    """What of a room changes only with its `details_seq`."""

    name_key: str
    id: int
    details_seq: int
    name: str
    topic: str
    kind: str
    creator_id: int


# The rest, in this order: what changes with what is said and read there.
_STANDING = ("id", "details_seq", "head_seq", "last_number")


class _Placed(NamedTuple):
    """A room as somebody finds it. Sorted, theirs are in the list's order."""

    name_key: str
    id: int
    room: VisitedRoom


_rooms, _memberships = tables.rooms.c, tables.memberships.c

_SIDEBAR = Prepared(
    select(
        Workspace.name,
        Workspace.epoch,
        Workspace.head_seq,
        *(_rooms[name] for name in _STANDING),
        _memberships.read_number,
    )
    .select_from(Workspace)
    .outerjoin(Membership, Membership.user_id == bindparam("user_id"))
    .outerjoin(tables.rooms, _rooms.id == Membership.room_id)
)
_DETAILS = Prepared(
    select(*(_rooms[name] for name in _Details._fields))
    .join(tables.memberships, _memberships.room_id == _rooms.id)
    .where(_memberships.user_id == bindparam("user_id"))
)


def sidebar_of(user_id: int) -> Sidebar:
    """The workspace and a person's own rooms, in one query of numbers.

    Half of what a room's page asked the database for was names, which hardly ever change, and their
    order: those are remembered, and read by a second query where one has changed.
    """
    rows = _SIDEBAR.rows({"user_id": user_id})
    be_of_history(rows[0][1])
    standings = [row[3:] for row in rows if row[3] is not None]
    kept = recent("placed_rooms", KEPT_DETAILS)
    # Most rooms are as they were when somebody was asked last.
    placed: list[Any] = [kept.get(standing) for standing in standings]
    if None in placed:
        known = _details_of(user_id, standings)
        # A room that they have left in between is known no more.
        there = (standing for standing in standings if standing[0] in known)
        placed = [
            kept.get(room) or kept.put(room, _placed(known[room[0]], *room)) for room in there
        ]
    placed.sort()
    return Sidebar(*rows[0][:3], [room for _key, _id, room in placed])


def _details_of(user_id: int, standings: Sequence[Any]) -> dict[int, _Details]:
    """By their ids; where not all are remembered as of their seq, as they are now."""
    kept = recent("room_details", KEPT_DETAILS)
    found: list[Any] = [kept.get(standing[:2]) for standing in standings]
    if None in found:
        rows = (_Details(*row) for row in _DETAILS.rows({"user_id": user_id}))
        found = [kept.put((room.id, room.details_seq), room) for room in rows]
    return {room.id: room for room in found}


def _placed(details: _Details, room_id: int, details_seq: int, *standing: int) -> _Placed:
    head_seq, last_number, read_number = standing
    about = details.name, details.topic, details.kind, details.creator_id
    room = VisitedRoom(room_id, *about, head_seq, details_seq, last_number, read_number)
    return _Placed(details.name_key, room_id, room)
