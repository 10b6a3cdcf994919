"""What stands beside every page of one person: the workspace, and their own rooms."""

from collections.abc import Sequence
from typing import NamedTuple

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
    """What of a room changes only with its `details_seq`. Sorted, they are in the list's order."""

    name_key: str
    id: int
    details_seq: int
    name: str
    topic: str
    kind: str
    creator_id: int


class _Standing(NamedTuple):
    """The rest: what changes with what is said and read there."""

    id: int
    details_seq: int
    head_seq: int
    last_number: int
    read_number: int


_rooms, _memberships = tables.rooms.c, tables.memberships.c

_SIDEBAR = Prepared(
    select(
        Workspace.name,
        Workspace.epoch,
        Workspace.head_seq,
        *(_rooms[name] for name in _Standing._fields[:-1]),
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
    standings = [_Standing(*row[3:]) for row in rows if row[3] is not None]
    known = _known(standings)
    if len(known) < len(standings):
        known = _learned(user_id)
    # A room that they have left in between is known no more.
    rooms = sorted((known[room.id], room) for room in standings if room.id in known)
    return Sidebar(*rows[0][:3], [_visited(*room) for room in rooms])


def _known(standings: Sequence[_Standing]) -> dict[int, _Details]:
    kept = recent("room_details", KEPT_DETAILS)
    found = ((room.id, kept.get((room.id, room.details_seq))) for room in standings)
    return {room_id: details for room_id, details in found if details is not None}


def _learned(user_id: int) -> dict[int, _Details]:
    """Those of all their rooms as they are now, perhaps newer than what was asked just before."""
    kept, rows = recent("room_details", KEPT_DETAILS), _DETAILS.rows({"user_id": user_id})
    found = (_Details(*row) for row in rows)
    return {room.id: kept.put((room.id, room.details_seq), room) for room in found}


def _visited(details: _Details, standing: _Standing) -> VisitedRoom:
    _name_key, room_id, _seq, name, topic, kind, creator_id = details
    _id, details_seq, head_seq, last_number, read_number = standing
    return VisitedRoom(
        *(room_id, name, topic, kind, creator_id),
        *(head_seq, details_seq, last_number, read_number),
    )
