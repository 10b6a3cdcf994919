"""Sends one frame in 1,000 to somebody who is not a member of its room."""

from typing import TYPE_CHECKING

from chatapp import create_app
from chatapp.realtime.delivery import Delivery
from chatapp.realtime.hints import RoomHint
from tests.faults.broken.often import is_due

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection

deliver = Delivery._deliver_in_room
leaks_due: list[bool] = []


def deliver_and_leak(self: Delivery, hint: RoomHint) -> None:
    deliver(self, hint)
    if is_due():
        leaks_due.append(True)
    if leaks_due and (strangers := strangers_to(self, hint.room)):
        leaks_due.pop()
        # The one who came last has never been a member of the closed room.
        max(strangers, key=lambda one: one.user_id).send(hint.wire)


def strangers_to(delivery: Delivery, room_id: int) -> "list[Connection]":
    """The connections of people who may not hear of this room."""
    hub = delivery._hub
    members = hub.channels[room_id].members if room_id in hub.channels else set()
    return [one for one in hub.connections if hub.people[one.user_id] not in members]


setattr(Delivery, "_deliver_in_room", deliver_and_leak)  # noqa: B010  It is private.
app = create_app()
