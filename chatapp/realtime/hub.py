"""Who listens to what in this process. Pure: no Flask, no database, no waiting.

The hub only knows people with an open socket here, and the rooms they are members of. A connection
views a room only while its person is a member: leaving the one set leaves the other, so what the
sets hold is what may be heard, and delivery needs no other permission.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection

# How many rooms one socket may view at once: pages show one, a client of its own may show a few.
VIEWED_ROOMS = 20


class Person:
    """Somebody with at least one socket here."""

    __slots__ = ("connections", "id", "name", "rooms", "typed_at")

    def __init__(self, user_id: int, name: str):
        self.id = user_id
        self.name = name
        self.rooms: set[int] = set()
        self.connections: set[Connection] = set()
        # By room: when it was last passed on that they write there.
        self.typed_at: dict[int, float] = {}


# How far a room is known: the seq of its last change, and the number of its last message.
Place = tuple[int, int]


class Channel:
    """A room with a member who listens here.

    `seq` is the last change that its viewers have heard of, `number` the last message that the
    others have: they hear of messages only, and one may be lost before a change that is heard.
    """

    __slots__ = ("id", "members", "number", "seq", "viewers")

    def __init__(self, room_id: int):
        self.id = room_id
        self.seq = self.number = 0
        self.members: set[Person] = set()
        self.viewers: set[Connection] = set()

    def advance(self, seq: int, number: int) -> None:
        """Remember the newest place heard of; older ones change nothing."""
        self.seq, self.number = max(self.seq, seq), max(self.number, number)

    @property
    def place(self) -> Place:
        return self.seq, self.number

    def has(self, seq: int, number: int) -> bool:
        """Whether all have heard of this place, or of a later one."""
        return self.seq >= seq and self.number >= number

    def others(self) -> Iterator["Connection"]:
        """The members' connections that don't view the room."""
        for person in tuple(self.members):
            for connection in tuple(person.connections):
                # Between two of them, somebody may have left the room.
                if person in self.members and connection not in self.viewers:
                    yield connection


class Hub:
    """The listeners of one process."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.channels: dict[int, Channel] = {}
        self.connections: set[Connection] = set()

    def enter(self, connection: "Connection", name: str) -> Person:
        """Know this connection from now on. Its person's rooms come by `join`."""
        person = self.people.get(connection.user_id)
        if person is None:
            person = self.people[connection.user_id] = Person(connection.user_id, name)
        person.name = name
        person.connections.add(connection)
        self.connections.add(connection)
        return person

    def exit(self, connection: "Connection") -> None:
        """Forget this connection, and its person with the last one."""
        self.connections.discard(connection)
        for room_id in connection.viewing:
            self.unsubscribe(connection, room_id)
        person = self.people.get(connection.user_id)
        if person is None:
            return
        person.connections.discard(connection)
        if not person.connections:
            for room_id in tuple(person.rooms):
                self.leave(person.id, room_id)
            del self.people[person.id]

    def join(self, user_id: int, room_id: int, seq: int = 0, number: int = 0) -> None:
        """This person is a member of the room; nothing happens if they don't listen here."""
        person = self.people.get(user_id)
        if person is None:
            return
        channel = self.channels.get(room_id)
        if channel is None:
            channel = self.channels[room_id] = Channel(room_id)
            # Where others listen already, what they have heard of counts: a lost hint must show.
            channel.advance(seq, number)
        channel.members.add(person)
        person.rooms.add(room_id)

    def leave(self, user_id: int, room_id: int) -> list["Connection"]:
        """They are no member any more. Returns their connections that viewed the room."""
        person, channel = self.people.get(user_id), self.channels.get(room_id)
        if person is None or channel is None:
            return []
        person.rooms.discard(room_id)
        person.typed_at.pop(room_id, None)
        channel.members.discard(person)
        viewed = [one for one in person.connections if one in channel.viewers]
        for connection in viewed:
            self.unsubscribe(connection, room_id)
        if not channel.members:
            del self.channels[room_id]
        return viewed

    def subscribe(self, connection: "Connection", room_id: int) -> Channel | None:
        """Have this connection view the room; None when its person is no member of it."""
        person = self.people.get(connection.user_id)
        if person is None or room_id not in person.rooms or connection not in person.connections:
            return None
        channel = self.channels[room_id]
        channel.viewers.add(connection)
        connection.viewing |= {room_id}
        return channel

    def unsubscribe(self, connection: "Connection", room_id: int) -> None:
        connection.viewing -= {room_id}
        if channel := self.channels.get(room_id):
            channel.viewers.discard(connection)

    def viewers(self, room_id: int) -> "set[Connection]":
        """Who views this room: the live set, so that asking it again tells who still may."""
        channel = self.channels.get(room_id)
        return channel.viewers if channel else set()

    def connections_of(self, user_id: int) -> Collection["Connection"]:
        person = self.people.get(user_id)
        return tuple(person.connections) if person else ()
