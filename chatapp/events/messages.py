from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """Something about a message that its room's page shows; `seq` is its place in the room."""

    room_id: int
    seq: int
    message_id: int


class MessagePosted(MessageEvent):
    """A new message is in the room."""


class MessageEdited(MessageEvent):
    """Its author changed the text."""


class MessageDeleted(MessageEvent):
    """Its author or an admin took it back."""


class ReactionsChanged(MessageEvent):
    """Somebody put an emoji under it, or took theirs away."""
