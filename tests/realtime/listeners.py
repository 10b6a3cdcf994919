"""Connections that only write down what they are sent."""

from collections.abc import Iterable

from chatapp.realtime.hub import Hub


class Listening:
    """Stands for a connection."""

    def __init__(self, user_id: int, session_id: int = 0):
        self.user_id, self.session_id = user_id, session_id
        self.viewing: frozenset[int] = frozenset()
        self.state = "active"
        self.workspace_seq = 0
        self.is_behind = False
        self.unfinished_since = float("inf")
        self.heard: list[bytes] = []
        self.closed: int | None = None

    def send(self, wire: bytes, count: int = 1) -> None:
        self.heard.append(wire)

    def close(self, code: int, reason: str = "") -> None:
        self.closed = code


def enter(hub: Hub, user_id: int, rooms: Iterable[int] = (), *, views: int | None = None):
    """A new connection of that person, a member of these rooms."""
    connection = Listening(user_id)
    hub.enter(connection, f"Person {user_id}")  # ty: ignore[invalid-argument-type]
    for room in rooms:
        hub.join(user_id, room)
    if views is not None:
        assert hub.subscribe(connection, views)  # ty: ignore[invalid-argument-type]
    return connection
