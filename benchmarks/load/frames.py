"""What the server says on a page's socket, as far as the crowd of a measurement needs it."""

import msgspec

# The rest is no use to them: presence is taken by one, for all.
HEARD = tuple(
    b'{"type":"%s"' % kind for kind in (b"welcome", b"missed", b"message", b"subscribed", b"beat")
)
_WELCOME, _PRESENCE = b'{"type":"welcome"', b'{"type":"presence"'


class RoomMark(msgspec.Struct):
    """Where a room stands, in a welcome."""

    seq: int


class Frame(msgspec.Struct):
    """What a listener needs of any frame."""

    type: str = ""
    epoch: str = ""
    since: int = 0
    seq: int = 0
    rooms: dict[int, RoomMark] = {}


class Presence(msgspec.Struct):
    """Whose state is now this, in a welcome or later."""

    online: list[int] = []
    away: list[int] = []
    offline: list[int] = []


class Welcome(msgspec.Struct):
    """What a welcome says of who is there."""

    presence: Presence


class Onlooker:
    """Somebody who looks who is online: `online` are the ids that their page shows so."""

    def __init__(self) -> None:
        self.online: set[int] = set()

    def hear(self, payload: bytes) -> None:
        """Take whatever their socket was told."""
        if payload.startswith(_WELCOME):
            self.online = set(_welcomes.decode(payload).presence.online)
        elif payload.startswith(_PRESENCE):
            changed = _changes.decode(payload)
            self.online.update(changed.online)
            self.online.difference_update(changed.away, changed.offline)


_welcomes = msgspec.json.Decoder(Welcome)
_changes = msgspec.json.Decoder(Presence)
