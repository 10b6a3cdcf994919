"""Each fact becomes a frame, rendered and encoded once, for whoever may hear it.

Called after the commit, in the request that made it true.
"""

from typing import Any

from flask import Flask
from sqlalchemy import select

from chatapp import events
from chatapp.domain import standing
from chatapp.extensions import db
from chatapp.models import Message as MessageRow
from chatapp.models import Room as RoomRow
from chatapp.models import Workspace
from chatapp.models.columns import AnyRow
from chatapp.models.message import ShownMessage, shown_messages
from chatapp.realtime.hints import PersonHint, RoomHint, RoomListHint, WorkspaceHint
from chatapp.realtime.protocol import Head, Member, Message, Read, Room, Rooms, encode_frame
from chatapp.realtime.service import realtime
from chatapp.rendering.messages import articles
from chatapp.rendering.people import person_row

CHANGES = {
    events.MessagePosted: "posted",
    events.MessageEdited: "edited",
    events.MessageDeleted: "deleted",
    events.ReactionsChanged: "reacted",
}
# Read after the commit, it is where the workspace stood then, or further.
_WORKSPACE = select(Workspace.head_seq).scalar_subquery().label("workspace_seq")


def init_app(app: Flask) -> None:
    """Have every fact heard."""
    for kind in CHANGES:
        events.subscribe(app, kind, on_message)
    for kind in (events.MemberJoined, events.MemberLeft):
        events.subscribe(app, kind, on_member)
    for kind in (
        events.SessionEnded,
        events.SessionRenewed,
        events.PersonBarred,
        events.PersonChanged,
    ):
        events.subscribe(app, kind, on_workspace_change)
    events.subscribe(app, events.RoomChanged, on_room)
    events.subscribe(app, events.ReadMarked, on_read)


def on_message(event: events.MessageEvent) -> None:
    """A message is new, or changed."""
    if not realtime().is_heard(event.room_id):
        return
    row, workspace_seq = _shown(event)
    if row is None:
        return
    frame = Message(
        room=event.room_id,
        seq=event.seq,
        id=row.id,
        number=row.number,
        author=row.author_id,
        change=CHANGES[type(event)],  # ty: ignore[invalid-argument-type]
        html=str(articles([row])[0]),
    )
    head = b""
    if frame.change == "posted":
        head = encode_frame(Head(event.room_id, event.seq, row.number, row.author_id))
    wire = encode_frame(frame)
    about = RoomHint(event.room_id, event.seq, row.number, wire, head, workspace_seq, row.author_id)
    realtime().publish(about)


def _shown(event: events.MessageEvent) -> tuple[AnyRow | ShownMessage | None, int]:
    """What its article is made of, and where the workspace stood then, or later."""
    if isinstance(event, events.MessagePosted) and event.shown:
        return event.shown, event.workspace_seq
    statement = shown_messages().add_columns(_WORKSPACE).where(MessageRow.id == event.message_id)
    row = db.session.execute(statement).one_or_none()
    return row, row.workspace_seq if row else 0


def on_member(event: events.MemberJoined | events.MemberLeft) -> None:
    """Somebody joined or left. Who may hear what changes before anything else is said."""
    on_workspace_change(event)
    joined = isinstance(event, events.MemberJoined)
    person = standing.person(event.user_id) if joined else None
    frame = Member(
        room=event.room_id,
        seq=event.seq,
        change="joined" if joined else "left",
        user=event.user_id,
        html=str(person_row(person)) if person else "",
    )
    wire = encode_frame(frame)
    realtime().publish(RoomHint(event.room_id, event.seq, 0, wire, workspace=event.workspace_seq))


def on_room(event: events.RoomChanged) -> None:
    """The room has another name, which its members' lists show, too, or another topic."""
    statement = select(RoomRow.name, RoomRow.topic, _WORKSPACE).where(RoomRow.id == event.room_id)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return
    wire = encode_frame(Room(event.room_id, event.seq, row.name, row.topic))
    realtime().publish(RoomHint(event.room_id, event.seq, 0, wire, workspace=row.workspace_seq))
    if event.renamed:
        realtime().publish(RoomListHint(event.room_id, encode_frame(Rooms(shared=True))))


def on_read(event: events.ReadMarked) -> None:
    """Somebody has read a room, in one of their tabs."""
    wire = encode_frame(Read(event.room_id, event.number))
    realtime().publish(PersonHint(event.user_id, wire))


def on_workspace_change(event: Any) -> None:
    """Here it holds when the request is answered, elsewhere a moment later."""
    try:
        if realtime().heads.known:
            realtime().heads.catch_up()
    finally:
        realtime().publish(WorkspaceHint(event.workspace_seq))
