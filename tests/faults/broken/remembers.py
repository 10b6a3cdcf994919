"""Goes on telling people of the rooms they were put out of, for as long as they listen."""

from typing import TYPE_CHECKING

from chatapp import create_app
from chatapp.realtime.hub import Hub

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection

leave = Hub.leave


def remember(self: Hub, user_id: int, room_id: int) -> "list[Connection]":
    return [] if self.connections_of(user_id) else leave(self, user_id, room_id)


setattr(Hub, "leave", remember)  # noqa: B010  A type checker keeps methods as they are.
app = create_app()
