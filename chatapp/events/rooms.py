from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The room has another name (`renamed`), or only another topic."""

    room_id: int
    seq: int
    renamed: bool


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """A person is now a member of the room (its creator too)."""

    room_id: int
    seq: int
    user_id: int
    workspace_seq: int


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A person left, or was removed: from now on they hear nothing of the room."""

    room_id: int
    seq: int
    user_id: int
    workspace_seq: int


@dataclass(frozen=True, slots=True)
class ReadMarked:
    """A person has read the room up to that message number."""

    room_id: int
    user_id: int
    number: int
