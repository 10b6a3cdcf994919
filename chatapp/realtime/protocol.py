"""Every frame of the socket, both ways: JSON text, its kind in `type`. Pure.

`docs/protocol.md` says what each one means to a client.
"""

from typing import Literal

import msgspec

from chatapp.realtime.frames import text_frame

# Close codes of our own; the rest are the standard's.
SIGNED_OUT = 4001
BARRED = 4003
WENT_AWAY = 1001
BAD_DATA = 1003
TOO_FAST = 1008
TOO_BIG = 1009
RESTARTING = 1012
TOO_SLOW = 1013
# Never sent, only logged: a close frame without a code, and no close frame at all.
NO_CODE = 1005
CUT = 1006

State = Literal["online", "away", "offline"]
# Whether the person is at one browser.
PageState = Literal["active", "away"]


class ServerFrame(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """The parent of every frame that the server sends."""


class RoomMark(msgspec.Struct, frozen=True):
    """Where a room stands, and how far the person has read it."""

    seq: int
    number: int
    read: int


class Welcome(ServerFrame, frozen=True):
    """The first frame: who the socket belongs to and where everything stands."""

    epoch: str
    user: int
    workspace: int
    rooms: dict[int, RoomMark]
    # {"online": [ids], "away": [ids]}, encoded once a second for everybody.
    presence: msgspec.Raw


class Subscribed(ServerFrame, frozen=True):
    """The answer to `subscribe`: the room's head at this moment."""

    room: int
    seq: int


class Missed(ServerFrame, frozen=True):
    """All that changed in a room after `since`, up to `seq`: nothing but messages."""

    room: int
    since: int
    seq: int
    # As in the HTTP catch-up, encoded once for all who missed the same.
    messages: msgspec.Raw


class Message(ServerFrame, frozen=True):
    """A message of a viewed room is new, or changed."""

    room: int
    seq: int
    id: int
    number: int
    author: int
    change: Literal["posted", "edited", "deleted", "reacted"]
    html: str


class Member(ServerFrame, frozen=True):
    """A person joined or left a viewed room; `html` is their row in the people list, or empty."""

    room: int
    seq: int
    change: Literal["joined", "left"]
    user: int
    html: str


class Room(ServerFrame, frozen=True):
    """A viewed room has another name or topic."""

    room: int
    seq: int
    name: str
    topic: str


class Head(ServerFrame, frozen=True):
    """Where a room stands. `author` of the newest message, null where the server doesn't say."""

    room: int
    seq: int
    number: int
    author: int | None = None


class Presence(ServerFrame, frozen=True):
    """Who came online, went away or left since the last such frame."""

    online: list[int]
    away: list[int]
    offline: list[int]


class Typing(ServerFrame, frozen=True):
    """Somebody is writing in a viewed room, right now."""

    room: int
    user: int
    name: str


class Read(ServerFrame, frozen=True):
    """The person's own read mark of a room moved, in this tab or another."""

    room: int
    number: int


class Rooms(ServerFrame, frozen=True):
    """The person's own list of rooms changed; `shared`: as did that of all who are in a room."""

    shared: bool


class Person(ServerFrame, frozen=True):
    """Somebody shows another display name."""

    workspace: int
    user: int
    name: str
    initials: str


class Beat(ServerFrame, frozen=True):
    """The server is there."""


class Error(ServerFrame, frozen=True):
    """Something the browser sent could not be done: `bad_frame`, `not_found`, `too_many_rooms` or,
    when nobody knows why, `failed`.
    """

    code: str
    detail: str
    room: int | None = None


class Subscribe(msgspec.Struct, frozen=True, tag_field="type", tag="subscribe"):
    """The page on screen shows this room: send its changes.

    It has everything up to `since`, in the history `epoch`.
    """

    room: int
    since: int | None = None
    epoch: str = ""


class Unsubscribe(msgspec.Struct, frozen=True, tag_field="type", tag="unsubscribe"):
    """It no longer does."""

    room: int


class StartTyping(msgspec.Struct, frozen=True, tag_field="type", tag="typing"):
    """The person is writing in this room."""

    room: int


class SetPresence(msgspec.Struct, frozen=True, tag_field="type", tag="presence"):
    """Whether the person is at this browser."""

    state: PageState


BrowserFrame = Subscribe | Unsubscribe | StartTyping | SetPresence

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(BrowserFrame)


def encode_frame(frame: ServerFrame) -> bytes:
    """The bytes on the wire, the same for every receiver: encode once, send to all."""
    return text_frame(_encoder.encode(frame))


def decode_frame(text: str) -> BrowserFrame:
    """What a browser said. Raises `ValueError` when it is none of the known frames."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        # What nobody asked for may be nested as deeply as 64 KiB allow.
        raise ValueError(str(error)) from error
