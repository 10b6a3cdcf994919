"""Sends one frame in 1,000 to somebody who is not a member of its room."""

from chatapp import create_app
from chatapp.realtime.delivery import Delivery
from chatapp.realtime.hints import RoomHint
from tests.faults.broken.often import is_due

deliver = Delivery._deliver_in_room


def deliver_and_leak(self: Delivery, hint: RoomHint) -> None:
    deliver(self, hint)
    channel = self._hub.channels.get(hint.room)
    if channel is None:
        return
    strangers = [
        one for one in self._hub.connections if self._hub.people[one.user_id] not in channel.members
    ]
    if strangers and is_due():
        strangers[0].send(hint.wire)


Delivery._deliver_in_room = deliver_and_leak
app = create_app()
