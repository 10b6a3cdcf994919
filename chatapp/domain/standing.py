"""Where rooms and the workspace stand: what the listeners of a process are kept true by."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from chatapp.domain.paging import pages
from chatapp.domain.prepared import Prepared
from chatapp.extensions import db
from chatapp.models import SignInSession, User, tables
from chatapp.models.columns import AnyRow, as_instant, now

# Asking for more rooms than this by id costs more than reading the narrow columns of all.
NAMED_ROOMS = 400
# Reading so many takes some 3 ms.
ROOMS_A_PAGE = 2000
CHANGES_A_PAGE = 500
# Of so many messages it is asked who wrote them: seldom are more said in a room within a second.
NEWEST_MESSAGES = 20


class Standing(NamedTuple):
    """What one person's new socket starts from. `rooms`: (head_seq, last_number, read_number)."""

    user_id: int
    session_id: int
    epoch: str
    workspace_seq: int
    name: str
    # How long the sign-in lasts if it is not used again.
    seconds_left: float
    rooms: Mapping[int, tuple[int, int, int]]


_rooms, _memberships, _messages = tables.rooms.c, tables.memberships.c, tables.messages.c
_users, _workspace, _sign_ins = tables.users.c, tables.workspace.c, tables.sessions.c

# Made once: after a restart, thousands of browsers ask this at the same moment.
_OF_SIGN_IN = Prepared(
    select(
        _users.id,
        _sign_ins.id,
        _workspace.epoch,
        _workspace.head_seq,
        _users.display_name,
        _sign_ins.expires_at,
        _rooms.id,
        _rooms.head_seq,
        _rooms.last_number,
        _memberships.read_number,
    )
    .select_from(tables.users)
    .join(tables.sessions, _sign_ins.user_id == _users.id)
    .join(tables.workspace, _workspace.id == 1)
    .outerjoin(tables.memberships, _memberships.user_id == _users.id)
    .outerjoin(tables.rooms, _rooms.id == _memberships.room_id)
    .where(
        _sign_ins.token_hash == bindparam("token_hash"),
        _sign_ins.expires_at > bindparam("moment"),
        _users.status == "active",
    )
)
_OF_ROOMS = select(_rooms.id, _rooms.head_seq, _rooms.last_number)
_OF_WORKSPACE = select(_workspace.epoch, _workspace.head_seq)


def of_sign_in(token_hash: bytes) -> Standing | None:
    """The standing of the person behind a sign-in; None when it is over, or they are barred.

    One statement, so all of it is true at one moment: that of `workspace_seq`.
    """
    moment = now()
    values = {"token_hash": token_hash, "moment": moment}
    rows = _OF_SIGN_IN.rows(values)
    if not rows:
        return None
    *who, epoch, workspace_seq, name, expires_at = rows[0][:6]
    seconds_left = (as_instant(expires_at) - moment).total_seconds()
    rooms = {row[6]: (row[7], row[8], row[9]) for row in rows if row[6] is not None}
    return Standing(*who, epoch, workspace_seq, name, seconds_left, rooms)


def of_workspace() -> AnyRow | None:
    """`epoch` and `head_seq` of the workspace, or None before the first run."""
    return db.session.execute(_OF_WORKSPACE).one_or_none()


def of_rooms(room_ids: Collection[int]) -> Sequence[AnyRow]:
    """`id`, `head_seq` and `last_number` of these rooms: at most NAMED_ROOMS."""
    return db.session.execute(_OF_ROOMS.where(_rooms.id.in_(room_ids))).all()


def pages_of_rooms() -> Iterator[Sequence[AnyRow]]:
    """The same of all rooms, ROOMS_A_PAGE at a time."""
    return pages(_OF_ROOMS, [_rooms.id], [0], ROOMS_A_PAGE)


def with_authors(room_ids: Collection[int]) -> Sequence[AnyRow]:
    """The same of these rooms (at most NAMED_ROOMS), once for each `author_id` of the
    NEWEST_MESSAGES, with the `number` of their newest, the room's newest last.

    A room without messages is there once, with 0 and no author.
    """
    number = func.coalesce(func.max(_messages.number), 0)
    statement = (
        _OF_ROOMS.add_columns(_messages.author_id, number.label("number"))
        .outerjoin(
            tables.messages,
            (_messages.room_id == _rooms.id)
            & (_messages.number > _rooms.last_number - NEWEST_MESSAGES),
        )
        .where(_rooms.id.in_(room_ids))
        .group_by(_rooms.id, _messages.author_id)
        .order_by(number)
    )
    return db.session.execute(statement).all()


def changes_after(seq: int) -> Sequence[AnyRow]:
    """The workspace's changes after that place, oldest first, at most CHANGES_A_PAGE."""
    place = tables.workspace_changes.c.seq
    statement = select(tables.workspace_changes).where(place > seq).order_by(place)
    return db.session.execute(statement.limit(CHANGES_A_PAGE)).all()


def sign_ins_left(session_ids: Collection[int]) -> dict[int, float]:
    """How many seconds each of these sign-ins has left; those that are over are not in it."""
    if not session_ids:
        return {}
    moment = now()
    statement = select(SignInSession.id, SignInSession.expires_at).where(
        SignInSession.id.in_(session_ids), SignInSession.expires_at > moment
    )
    rows = db.session.execute(statement)
    return {row.id: (row.expires_at - moment).total_seconds() for row in rows}


def person(user_id: int) -> User | None:
    """This person's row as it is now."""
    statement = select(User).where(User.id == user_id)
    return db.session.execute(
        statement, execution_options={"populate_existing": True}
    ).scalar_one_or_none()
