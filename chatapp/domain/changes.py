"""What a page has missed since a place in its room's sequence: the catch-up."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select

from chatapp.domain.access import no_room
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User, Workspace, WorkspaceChange
from chatapp.models.columns import AnyRow
from chatapp.models.message import shown_messages

PAGE = 100

_HEAD = (
    select(
        Room.name,
        Room.topic,
        Room.head_seq,
        Room.details_seq,
        Room.last_number,
        Membership.read_number,
        Workspace.epoch,
        Workspace.head_seq.label("workspace_seq"),
    )
    .join(Membership, Membership.room_id == Room.id)
    .join(Workspace, Workspace.id == 1)
    .where(Room.id == bindparam("room_id"), Membership.user_id == bindparam("user_id"))
)
_CHANGED = (
    shown_messages()
    .where(Message.room_id == bindparam("room_id"))
    .where(Message.seq > bindparam("since"), Message.seq <= bindparam("head"))
    .order_by(Message.seq)
    .limit(PAGE + 1)
)


class Changes(NamedTuple):
    """A page of changes, up to `seq`. `reset`: another history; nothing else is filled in."""

    epoch: str
    reset: bool = False
    seq: int = 0
    more: bool = False
    # The changed messages as they are now (rows of `shown_messages`), in the order of their seq.
    messages: Sequence[AnyRow] = ()
    # Its name and topic, when they or its members have changed.
    room: AnyRow | None = None
    workspace: int = 0
    # `id` and `display_name` of those who show another name.
    persons: Sequence[AnyRow] = ()
    read_number: int = 0
    last_number: int = 0


def since(user: User, room_id: int, seq: int, workspace_seq: int, epoch: str) -> Changes:
    """Everything that changed on the room's page after `seq`, 100 messages at a time.

    Raises `NotFound` for whoever is not a member.
    """
    head = _head(user.id, room_id)
    # A page that knows more than there is has seen a history that a restore took back.
    if epoch != head.epoch or seq > head.head_seq:
        return Changes(head.epoch, reset=True)
    rows = _messages(room_id, seq, head.head_seq)
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Changes(
        epoch=head.epoch,
        seq=rows[-1].seq if more else head.head_seq,
        more=more,
        messages=rows,
        room=head if head.details_seq > seq else None,
        workspace=head.workspace_seq,
        persons=_persons(workspace_seq) if head.workspace_seq > workspace_seq else (),
        read_number=head.read_number,
        last_number=head.last_number,
    )


def _head(user_id: int, room_id: int) -> AnyRow:
    row = db.session.execute(_HEAD, {"room_id": room_id, "user_id": user_id}).one_or_none()
    if row is None:
        raise no_room()
    return row


def _messages(room_id: int, seq: int, head_seq: int) -> Sequence[AnyRow]:
    return db.session.execute(_CHANGED, {"room_id": room_id, "since": seq, "head": head_seq}).all()


def _persons(workspace_seq: int) -> Sequence[AnyRow]:
    changed = select(WorkspaceChange.user_id).where(
        WorkspaceChange.seq > workspace_seq, WorkspaceChange.kind == "person_changed"
    )
    statement = select(User.id, User.display_name).where(User.id.in_(changed)).order_by(User.id)
    return db.session.execute(statement).all()
