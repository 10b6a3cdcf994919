"""Tells a room's pages that something was said, and leaves it to them to ask what."""

from msgspec.structs import replace

from chatapp import create_app
from chatapp.realtime.delivery import Delivery
from chatapp.realtime.hints import RoomHint
from chatapp.realtime.protocol import Head, encode_frame

deliver = Delivery._deliver_in_room


def deliver_head(self: Delivery, hint: RoomHint) -> None:
    head = encode_frame(Head(hint.room, hint.seq, hint.number, hint.author))
    deliver(self, replace(hint, wire=head))


setattr(Delivery, "_deliver_in_room", deliver_head)  # noqa: B010  It is private.
app = create_app()
