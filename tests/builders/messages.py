"""Messages, through the verb: the room's sequence and the search index are right by it."""

import secrets

from chatapp.domain import messages
from chatapp.extensions import db
from chatapp.models import Message, Room, User


def new_message(
    room: Room, author: User, body: str = "Good morning.", *, client_key: str | None = None
) -> Message:
    """A message posted to the room by one of its members."""
    posted = messages.post(author, room.id, body, client_key or secrets.token_hex(8))
    return db.session.get_one(Message, posted.id, populate_existing=True)
