"""What a page has missed since a place in its room's sequence: the catch-up."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from chatapp.domain.access import no_room
from chatapp.domain.prepared import Prepared
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User, Workspace, WorkspaceChange
from chatapp.models.columns import AnyRow
from chatapp.models.message import shown_messages
from chatapp.recent import be_of_history

PAGE = 100

_HEAD = Prepared(
    select(
        Room.name,
        Room.topic,
        Room.head_seq,
        Room.details_seq,
        Room.last_number,
        Membership.read_number,
        Workspace.epoch,
        Workspace.head_seq,
    )
    .select_from(Room)
    .join(Membership, Membership.room_id == Room.id)
    .join(Workspace, Workspace.id == 1)
    .where(Room.id == bindparam("room_id"), Membership.user_id == bindparam("user_id"))
)
_DETAILS = Prepared(
    select(Room.details_seq, Workspace.epoch, Workspace.head_seq)
    .select_from(Room)
    .join(Workspace, Workspace.id == 1)
    .where(Room.id == bindparam("room_id"))
)
_CHANGED = (
    shown_messages()
    .where(Message.room_id == bindparam("room_id"))
    .where(Message.seq > bindparam("since"), Message.seq <= bindparam("head"))
    .order_by(Message.seq)
    .limit(PAGE + 1)
)
_persons_changed = select(WorkspaceChange.user_id).where(
    WorkspaceChange.seq > bindparam("seq"), WorkspaceChange.kind == "person_changed"
)
_PERSONS = Prepared(
    select(User.id, User.display_name).where(User.id.in_(_persons_changed)).order_by(User.id)
)


class Head(NamedTuple):
    """Where a member's room and the workspace stand at this moment."""

    name: str
    topic: str
    head_seq: int
    details_seq: int
    last_number: int
    read_number: int
    epoch: str
    workspace_seq: int

    def follows(self, epoch: str, seq: int) -> bool:
        """Whether this is the history of a page that knows that much: if not, it is no use to it.

        A page that knows more than there is has seen a history that a restore took back.
        """
        return epoch == self.epoch and seq <= self.head_seq


class Changes(NamedTuple):
    """A page of changed messages as they are now, in the order of their seq, up to `seq`."""

    # Rows of `shown_messages`.
    messages: Sequence[AnyRow]
    seq: int
    more: bool


def head(user: User, room_id: int) -> Head:
    """How far there is something to catch up with. Raises `NotFound` for who is not a member."""
    for row in _HEAD.rows({"room_id": room_id, "user_id": user.id}):
        found = Head(*row)
        be_of_history(found.epoch)
        return found
    raise no_room()


def between(room_id: int, seq: int, head_seq: int) -> Changes:
    """What changed on the room's page after `seq`, 100 messages at a time, up to `head_seq`.

    For who was given that head just now, which is the proof of their membership, or views the room.
    """
    values = {"room_id": room_id, "since": seq, "head": head_seq}
    rows = db.session.execute(_CHANGED, values).all()
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Changes(rows, rows[-1].seq if more else head_seq, more)


def of_messages_only(
    epoch: str, workspace_seq: int, room_id: int, seq: int, head_seq: int
) -> Changes | None:
    """What `between` gives, where that is all that changed after `seq`, in the history `epoch`.

    None where the room's details changed, too, and where the workspace stands further than
    `workspace_seq`: for the sockets, which know who views the room as of that place.
    """
    for details_seq, now, workspace_now in _DETAILS.rows({"room_id": room_id}):
        if details_seq <= seq and now == epoch and workspace_now <= workspace_seq:
            return between(room_id, seq, head_seq)
    return None


def persons(workspace_seq: int) -> Sequence[Sequence[Any]]:
    """Id and name of those who show another name since that place of the workspace."""
    return _PERSONS.rows({"seq": workspace_seq})
