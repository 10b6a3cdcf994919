"""Taking the next place in a sequence, under the row lock that makes commit order its order.

Whoever needs several takes a person's row first, then their sign-ins, a room's, and the workspace's
last: one order, no deadlock.
"""

from sqlalchemy import insert, select, update

from chatapp.extensions import db
from chatapp.models import Room, SignInSession, User, Workspace, WorkspaceChange

# Rows already loaded in this session are not searched and changed along: nobody reads them again.
_PLAIN = {"synchronize_session": False}


def lock_room(room_id: int) -> None:
    """Hold the room's row until the running transaction ends, before looking at what to change.

    SQLite's writer already has the whole database to itself.
    """
    statement = select(Room.id).where(Room.id == room_id).with_for_update()
    # Fetched, for an unfinished statement would keep its connection at today's state of the data.
    db.session.execute(statement).all()


def lock_person(user_id: int) -> None:
    """Hold a person's row and their sign-ins until the running transaction ends.

    For whoever changes those after the workspace's row, which all who end a sign-in take last.
    """
    # Whoever posts refers to the person's row, and need not wait.
    person = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    theirs = select(SignInSession.id).where(SignInSession.user_id == user_id).with_for_update()
    for statement in (person, theirs):
        db.session.execute(statement).all()


def next_room_seq(room_id: int, *, details: bool = False) -> int:
    """The room's next seq. `details`: the change is one of name, topic or members.

    Locks the room until the running transaction ends.
    """
    values: dict[str, object] = {"head_seq": Room.head_seq + 1}
    if details:
        values["details_seq"] = Room.head_seq + 1
    statement = update(Room).where(Room.id == room_id).values(values).returning(Room.head_seq)
    return db.session.execute(statement, execution_options=_PLAIN).scalar_one()


def note_workspace_change(
    kind: str, user_id: int, *, room_id: int | None = None, session_id: int | None = None
) -> int:
    """Keep a fact that every process must learn (see CHANGE_KINDS); returns its workspace seq."""
    statement = (
        update(Workspace).values(head_seq=Workspace.head_seq + 1).returning(Workspace.head_seq)
    )
    seq = db.session.execute(statement, execution_options=_PLAIN).scalar_one()
    values: dict[str, object] = {"seq": seq, "kind": kind, "user_id": user_id}
    values |= {"room_id": room_id, "session_id": session_id}
    db.session.execute(insert(WorkspaceChange).values(values))
    return seq
