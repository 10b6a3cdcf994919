"""What processes tell each other: encoded frames and whom they are for. Pure.

Hints may be lost, doubled or late; what they say can be read from the database, too.
"""

import msgspec


class RoomHint(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """A change that a room's page shows: `wire` for its viewers.

    `head`: for the members who don't view it, when the number of messages grew; else empty.
    `workspace`: where the workspace's sequence stood when that was true. Who may hear it is known
    by whoever has applied that much. `author`: whose message it is, where there is a head.
    """

    room: int
    seq: int
    number: int
    wire: bytes
    head: bytes = b""
    workspace: int = 0
    author: int = 0


class TypingHint(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """`wire` for the viewers of a room, but not for that person's own. `workspace`: as above."""

    room: int
    user: int
    wire: bytes
    workspace: int = 0


class PersonHint(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """`wire` for all sockets of one person."""

    user: int
    wire: bytes


class RoomListHint(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """The room's line in its members' lists changed: `wire` for every member."""

    room: int
    wire: bytes


class WorkspaceHint(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """The workspace's sequence has reached this place: read what changed."""

    seq: int


class PresenceHint(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """A process has written who is online there: read it."""

    process: str


class HeadHint(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """The room stands here, and how it got there was not heard: `wire` for every member.

    `author`: whose message has that number, 0 where there is none. Only said within a process:
    each asks the database itself.
    """

    room: int
    seq: int
    number: int
    wire: bytes
    author: int = 0


Hint = RoomHint | TypingHint | PersonHint | RoomListHint | WorkspaceHint | PresenceHint | HeadHint
