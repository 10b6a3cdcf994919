"""What was said in a room, a page at a time. Pages are cut by number, never by time."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam

from chatapp.extensions import db
from chatapp.models import Message
from chatapp.models.columns import AnyRow
from chatapp.models.message import shown_messages

PAGE = 40
# A number that no message reaches.
_END = 2**62

_in_room = shown_messages().where(Message.room_id == bindparam("room_id"))
_OLDER = (
    _in_room.where(Message.number < bindparam("number"))
    .order_by(Message.number.desc())
    .limit(bindparam("limit"))
)
_NEWER = (
    _in_room.where(Message.number >= bindparam("number"))
    .order_by(Message.number)
    .limit(bindparam("limit"))
)


class Page(NamedTuple):
    """Messages in their order (rows of `shown_messages`), and whether there are more either way."""

    rows: Sequence[AnyRow]
    more_before: bool
    more_after: bool

    @property
    def first(self) -> int | None:
        return self.rows[0].number if self.rows else None

    @property
    def last(self) -> int | None:
        return self.rows[-1].number if self.rows else None


def latest(room_id: int) -> Page:
    """The newest messages."""
    rows, more = _older(room_id, _END, PAGE)
    return Page(rows, more, more_after=False)


def before(room_id: int, number: int) -> Page:
    """The messages just before that number."""
    rows, more = _older(room_id, number, PAGE)
    return Page(rows, more, more_after=True)


def after(room_id: int, number: int) -> Page:
    """The messages just after that number."""
    rows, more = _newer(room_id, number + 1, PAGE)
    return Page(rows, more_before=True, more_after=more)


def around(message: Message) -> Page:
    """The message in its place, with about as many before it as after it."""
    older, more_before = _older(message.room_id, message.number, PAGE // 2)
    newer, more_after = _newer(message.room_id, message.number, PAGE // 2)
    return Page([*older, *newer], more_before, more_after)


def _older(room_id: int, number: int, limit: int) -> tuple[Sequence[AnyRow], bool]:
    values = {"room_id": room_id, "number": number, "limit": limit + 1}
    rows = db.session.execute(_OLDER, values).all()
    return rows[:limit][::-1], len(rows) > limit


def _newer(room_id: int, number: int, limit: int) -> tuple[Sequence[AnyRow], bool]:
    values = {"room_id": room_id, "number": number, "limit": limit + 1}
    rows = db.session.execute(_NEWER, values).all()
    return rows[:limit], len(rows) > limit
