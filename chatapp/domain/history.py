"""What was said in a room, a page at a time. Pages are cut by number, never by time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row

from chatapp.extensions import db
from chatapp.models import Message
from chatapp.models.message import shown_messages

PAGE = 40


class Page(NamedTuple):
    """Messages in their order (rows of `shown_messages`), and whether there are more either way."""

    rows: Sequence[Row[Any]]
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
    rows, more = _older(room_id, None, PAGE)
    return Page(rows, more, more_after=False)


def before(room_id: int, number: int) -> Page:
    """The messages just before that number."""
    rows, more = _older(room_id, Message.number < number, PAGE)
    return Page(rows, more, more_after=True)


def after(room_id: int, number: int) -> Page:
    """The messages just after that number."""
    rows, more = _newer(room_id, Message.number > number, PAGE)
    return Page(rows, more_before=True, more_after=more)


def around(message: Message) -> Page:
    """The message in its place, with as many before it as after it."""
    number = message.number
    older, more_before = _older(message.room_id, Message.number < number, PAGE // 2)
    newer, more_after = _newer(message.room_id, Message.number >= number, PAGE // 2)
    return Page([*older, *newer], more_before, more_after)


def _older(
    room_id: int, condition: ColumnElement[bool] | None, limit: int
) -> tuple[Sequence[Row[Any]], bool]:
    statement = shown_messages().where(Message.room_id == room_id)
    if condition is not None:
        statement = statement.where(condition)
    rows = db.session.execute(statement.order_by(Message.number.desc()).limit(limit + 1)).all()
    return rows[:limit][::-1], len(rows) > limit


def _newer(
    room_id: int, condition: ColumnElement[bool], limit: int
) -> tuple[Sequence[Row[Any]], bool]:
    statement = shown_messages().where(Message.room_id == room_id, condition)
    rows = db.session.execute(statement.order_by(Message.number).limit(limit + 1)).all()
    return rows[:limit], len(rows) > limit
