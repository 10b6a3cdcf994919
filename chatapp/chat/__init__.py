"""The blueprint for the conversation: rooms, members, messages, reactions, reads, searches."""

from flask import Blueprint

chat = Blueprint("chat", __name__)

# The views register themselves on the blueprint, and so come after it.
from chatapp.chat import (  # noqa: E402
    changes,
    health,
    members,
    messages,
    reactions,
    reads,
    rooms,
    searches,
    sidebar,
    visits,
)

__all__ = [
    "changes",
    "chat",
    "health",
    "members",
    "messages",
    "reactions",
    "reads",
    "rooms",
    "searches",
    "sidebar",
    "visits",
]
