from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """Something about a message that its room's page shows; `seq` is its place in the room."""

    room_id: int
    seq: int
    message_id: int


@dataclass(frozen=True, slots=True)
class MessagePosted(MessageEvent):
    """A new message is in the room. `shown`: its row, so that nobody reads what was just written.

    None where it was stored in another way than by posting. `workspace_seq`: where the workspace
    stood when it was stored.
    """

    shown: Any = field(default=None, compare=False, repr=False)
    workspace_seq: int = field(default=0, compare=False)


class MessageEdited(MessageEvent):
    """Its author changed the text."""


class MessageDeleted(MessageEvent):
    """Its author or an admin took it back."""


class ReactionsChanged(MessageEvent):
    """Somebody put an emoji under it, or took theirs away."""
