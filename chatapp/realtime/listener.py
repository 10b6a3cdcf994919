"""What a browser says, and what follows from it."""

import time
from typing import TYPE_CHECKING

from chatapp.logs import structured
from chatapp.realtime.hints import TypingHint
from chatapp.realtime.hub import VIEWED_ROOMS
from chatapp.realtime.protocol import (
    BAD_DATA,
    BrowserFrame,
    Error,
    SetPresence,
    StartTyping,
    Subscribe,
    Subscribed,
    Typing,
    Unsubscribe,
    decode_frame,
    encode_frame,
)

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection
    from chatapp.realtime.service import Realtime

log = structured(__name__)

# Browsers say it every few seconds while somebody writes; more is not passed on.
TYPING_EVERY_SECONDS = 1.0


class Listener:
    """Hears all connections of a process; each message in order, outside the loop."""

    def __init__(self, realtime: "Realtime"):
        self._realtime = realtime

    def heard(self, connection: "Connection", message: str | bytes) -> None:
        """One whole message from the browser. Never raises."""
        if isinstance(message, bytes):
            connection.close(BAD_DATA, "text only")
            return
        try:
            frame = decode_frame(message)
        except ValueError as error:
            connection.send(encode_frame(Error("bad_frame", str(error))))
            return
        self.follow(connection, frame)

    def follow(self, connection: "Connection", frame: BrowserFrame) -> None:
        """Do what it says. May wait; never raises."""
        try:
            self._act(connection, frame)
        except Exception:
            log.exception("A frame could not be followed")
            room = getattr(frame, "room", None)
            connection.send(encode_frame(Error("failed", "Try again.", room)))

    def left(self, connection: "Connection") -> None:
        """The connection has ended: one line says whose it was, and how it went."""
        self._realtime.forget(connection)
        log.info(
            "socket",
            user=connection.user_id,
            session=connection.session_id,
            seconds=round(time.monotonic() - connection.opened_at, 1),
            frames_in=connection.frames_in,
            frames_out=connection.frames_out,
            code=int(connection.close_code),
        )

    def _act(self, connection: "Connection", frame: BrowserFrame) -> None:
        match frame:
            case Subscribe():
                self._subscribe(connection, frame)
            case Unsubscribe():
                self._realtime.hub.unsubscribe(connection, frame.room)
            case StartTyping():
                self._typing(connection, frame.room)
            case SetPresence():
                connection.state = frame.state
                self._realtime.presence.update(connection.user_id)

    def _subscribe(self, connection: "Connection", asked: Subscribe) -> None:
        room_id = asked.room
        if len(connection.viewing) >= VIEWED_ROOMS and room_id not in connection.viewing:
            connection.send(encode_frame(Error("too_many_rooms", "Unsubscribe first.", room_id)))
            return
        hub = self._realtime.hub
        channel = hub.subscribe(connection, room_id)
        if channel is None:
            # Perhaps they joined in another process a moment ago.
            self._realtime.catch_up()
            channel = hub.subscribe(connection, room_id)
        if channel is None:
            connection.send(encode_frame(Error("not_found", "There is no such room.", room_id)))
            return
        missed = self._realtime.missed.frame_for(asked, channel.seq)
        # That may have waited: who lost the right to it meanwhile was told so, and left the set.
        if connection not in hub.viewers(room_id):
            return
        # What is missing in twenty rooms would be too much for the outbox of a slow reader.
        if missed and not connection.is_behind:
            connection.send(missed)
        connection.send(encode_frame(Subscribed(room_id, channel.seq)))

    def _typing(self, connection: "Connection", room_id: int) -> None:
        now = time.monotonic()
        person = self._realtime.hub.people.get(connection.user_id)
        if person is None or room_id not in connection.viewing:
            return
        # From whichever of their sockets.
        if now - person.typed_at.get(room_id, float("-inf")) < TYPING_EVERY_SECONDS:
            return
        person.typed_at[room_id] = now
        wire = encode_frame(Typing(room_id, person.id, person.name))
        place = self._realtime.heads.workspace_seq
        self._realtime.relay.publish(TypingHint(room_id, person.id, wire, place))
