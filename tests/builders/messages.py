"""Messages, through the verb: the room's sequence and the search index are right by it."""

import secrets

from chatapp.models import Message, Room, User


def new_message(
    room: Room, author: User, body: str = "Good morning.", *, client_key: str | None = None
) -> Message:
    """A message posted to the room by one of its members."""
    from chatapp.domain import messages

    return messages.post(author, room, body, client_key or secrets.token_hex(8))
