"""Putting an emoji under a message, and taking it back."""

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select

from chatapp.domain import messages, rates
from chatapp.domain.errors import Conflict, Invalid
from chatapp.domain.transaction import record, transaction
from chatapp.events import ReactionsChanged
from chatapp.extensions import db
from chatapp.models import Message, Reaction, User, tables
from chatapp.text.emoji import is_emoji

MAX_DIFFERENT = 20
# So many of those who reacted in the same way are named, the first of them.
NAMED = 12


def add(user: User, message: Message, emoji: str) -> int:
    """React to a message; returns its seq. The same reaction twice changes nothing.

    Raises `Invalid` (emoji), `Conflict` (deleted, or too many different ones), `TooMany`,
    `NotFound`.
    """
    if not is_emoji(emoji):
        raise Invalid({"emoji": _("Choose an emoji from the list.")})
    rates.spend("REACT", f"user:{user.id}")
    with transaction() as session:
        stored = messages.locked(user, message)
        if stored.deleted_at is not None:
            raise Conflict(_("This message was deleted meanwhile."))
        if emoji in _own(user, message):
            return stored.seq
        _refuse_too_many(message, emoji)
        values = {"message_id": message.id, "emoji": emoji, "user_id": user.id}
        session.execute(insert(Reaction).values(values))
        return _changed(message)


def take_back(user: User, message: Message, emoji: str) -> int:
    """Take one's reaction back; returns the message's seq. What is not there changes nothing.

    Raises `TooMany`, `NotFound`.
    """
    rates.spend("REACT", f"user:{user.id}")
    with transaction() as session:
        stored = messages.locked(user, message)
        if emoji not in _own(user, message):
            return stored.seq
        session.execute(
            delete(tables.reactions).where(
                Reaction.message_id == message.id,
                Reaction.emoji == emoji,
                Reaction.user_id == user.id,
            )
        )
        return _changed(message)


def names(message: Message) -> dict[int, str]:
    """What those are called who reacted to it, by their ids: the first NAMED of each emoji."""
    place = func.row_number().over(
        partition_by=Reaction.emoji, order_by=(Reaction.created_at, Reaction.user_id)
    )
    placed = (
        select(Reaction.user_id, place.label("place"))
        .where(Reaction.message_id == message.id)
        .subquery()
    )
    statement = (
        select(User.id, User.display_name)
        .join(placed, placed.c.user_id == User.id)
        .where(placed.c.place <= NAMED)
        .distinct()
    )
    return {row.id: row.display_name for row in db.session.execute(statement)}


def _own(user: User, message: Message) -> set[str]:
    statement = select(Reaction.emoji).where(
        Reaction.message_id == message.id, Reaction.user_id == user.id
    )
    return set(db.session.execute(statement).scalars())


def _refuse_too_many(message: Message, emoji: str) -> None:
    statement = select(Reaction.emoji).where(Reaction.message_id == message.id).distinct()
    different = set(db.session.execute(statement).scalars())
    if len(different | {emoji}) > MAX_DIFFERENT:
        most = MAX_DIFFERENT
        raise Conflict(_("A message has at most %(most)s different emoji.", most=most))


def _changed(message: Message) -> int:
    seq = messages.changed(message)
    record(ReactionsChanged(message.room_id, seq, message.id))
    return seq
