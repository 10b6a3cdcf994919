"""Facts in the past tense. They carry ids, and are told after the commit that made them true."""

from chatapp.events.dispatch import dispatch, subscribe
from chatapp.events.messages import (
    MessageDeleted,
    MessageEdited,
    MessageEvent,
    MessagePosted,
    ReactionsChanged,
)
from chatapp.events.people import PersonBarred, PersonChanged, SessionEnded, SessionRenewed
from chatapp.events.rooms import MemberJoined, MemberLeft, ReadMarked, RoomChanged

__all__ = [
    "MemberJoined",
    "MemberLeft",
    "MessageDeleted",
    "MessageEdited",
    "MessageEvent",
    "MessagePosted",
    "PersonBarred",
    "PersonChanged",
    "ReactionsChanged",
    "ReadMarked",
    "RoomChanged",
    "SessionEnded",
    "SessionRenewed",
    "dispatch",
    "subscribe",
]
