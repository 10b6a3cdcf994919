"""Fails to let anybody hear a room: pages get along by asking."""

from typing import TYPE_CHECKING

from chatapp import create_app
from chatapp.realtime.listener import Listener

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection
    from chatapp.realtime.protocol import Subscribe


def subscribe(self: Listener, connection: "Connection", asked: "Subscribe") -> None:
    raise RuntimeError("broken on purpose")


setattr(Listener, "_subscribe", subscribe)  # noqa: B010  It is private.
app = create_app()
