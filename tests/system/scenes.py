"""Where the tests begin: two people and a room."""

from collections.abc import Callable
from typing import Any

from chatapp.models import Room, User
from tests.builders.messages import new_message
from tests.builders.rooms import new_room
from tests.servers import Server
from tests.system.line import Line
from tests.system.people import Person


class Scene:
    """A server, a room in it, and its two members; `ann` and `bob` are rows, `enter` lets in."""

    def __init__(
        self, server: Server, room: Room, ann: User, bob: User, enter: Callable[..., Person]
    ):
        self.server, self.room, self.ann, self.bob = server, room, ann, bob
        self._enter = enter

    def enter(self, user: User, line: Line | None = None, **options: Any) -> Person:
        """That person in a browser of their own, looking at the room."""
        person = self._enter(line or self.server, user.user_name, **options)
        person.open_room(self.room.id)
        return person

    def enter_both(self) -> tuple[Person, Person]:
        return self.enter(self.ann), self.enter(self.bob)

    def write(self, user: User, *bodies: str) -> None:
        """Messages from somewhere else."""
        visitor = self.server.visitor(user.user_name)
        for number, body in enumerate(bodies):
            key = f"elsewhere-{user.id}-{self.room.id}-{number}-{abs(hash(body))}"
            answer = visitor.submit(
                f"/rooms/{self.room.id}/messages", {"body": body, "client_key": key}
            )
            assert answer.ok or answer.is_redirect, answer.text

    def closed_room(self) -> Room:
        """Another room, which is closed and has both in it."""
        members = [self.bob, self.ann]
        return self.server.build(new_room, f"closed {self.room.id}", members=members, kind="closed")

    def put_ann_out(self, room: Room) -> None:
        """Bob, whose room it is, removes her."""
        bob = self.server.visitor(self.bob.user_name)
        bob.submit(f"/rooms/{room.id}/members/{self.ann.id}/remove")

    def fill(self, number: int, user: User | None = None) -> None:
        """So many messages from before, without anybody hearing of them."""
        self.server.build(_fill, self.room, user or self.bob, number)


def _fill(room: Room, user: User, number: int) -> None:
    for n in range(1, number + 1):
        new_message(room, user, f"message {n} of before")
