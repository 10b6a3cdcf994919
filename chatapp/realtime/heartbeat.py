"""The pulse of a process: one ticker, not one timer a socket. Touches no database."""

import logging
import threading
import time
from collections.abc import Callable

from chatapp.offload import give_way
from chatapp.realtime import frames
from chatapp.realtime.connection import Connection, Phase
from chatapp.realtime.delivery import TURN
from chatapp.realtime.hub import Hub
from chatapp.realtime.protocol import CUT, TOO_FAST, Beat, Head, encode_frame

log = logging.getLogger(__name__)

BEAT_SECONDS = 6.0
SLICES = 12
# Every beat is answered with a pong: without two of them at the third, nobody is there. Others see
# it some two seconds later at most, and a pulled cable is to be seen within 30.
SILENT_SECONDS = 17.0
# A message is whole so long after it began: what has come of it is kept.
MESSAGE_SECONDS = 10.0
# A process that stood still for so long could not hear anybody: their silence proves nothing.
ASLEEP_SECONDS = 2.0

_BEAT = frames.ping_frame() + encode_frame(Beat())


class Heartbeat:
    """Every half second a twelfth of the sockets gets its beat, so that no moment gets them all."""

    def __init__(self, hub: Hub, gone: Callable[[int], None]):
        self._hub = hub
        # Called with a person who fell silent here: that they are gone is sure, without grace.
        self._gone = gone
        # Cuts the sockets whose deadline has passed: set when the worker's kind is known.
        self.expire: Callable[[float], None] = _nothing
        self._expired: set[Connection] = set()
        self._slice = 0
        self._ticked_at = self._awake_since = time.monotonic()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Beat until `stop`, on a steady clock."""
        due = time.monotonic()
        while not self._stopped.is_set():
            try:
                self.tick(time.monotonic())
            except Exception:
                log.exception("The heartbeat missed a beat")
            due = max(due + BEAT_SECONDS / SLICES, time.monotonic())
            self._stopped.wait(due - time.monotonic())

    def stop(self) -> None:
        self._stopped.set()

    def take_expired(self) -> set[Connection]:
        """Those whose sign-in had run out when it was last looked at."""
        expired, self._expired = self._expired, set()
        return expired

    def tick(self, now: float) -> None:
        """One slice: cut the silent and the overdue, beat for the others."""
        self.expire(now)
        if now - self._ticked_at > ASLEEP_SECONDS:
            self._awake_since = now
        self._ticked_at = now
        self._slice = (self._slice + 1) % SLICES
        heads: dict[frozenset[int], bytes] = {}
        everyone = tuple(self._hub.connections)
        mine = [one for one in everyone if id(one) // 64 % SLICES == self._slice]
        for count, connection in enumerate(mine, 1):
            self._beat(connection, now, heads)
            if count % TURN == 0:
                give_way()

    def _beat(self, connection: Connection, now: float, heads: dict[frozenset[int], bytes]) -> None:
        if connection.phase is not Phase.OPEN:
            return
        if now - max(connection.heard_at, self._awake_since) > SILENT_SECONDS:
            self._hub.exit(connection)
            connection.close_code = CUT
            connection.expire()
            self._gone(connection.user_id)
        elif now - max(connection.unfinished_since, self._awake_since) > MESSAGE_SECONDS:
            connection.close(TOO_FAST, "unfinished")
        else:
            if now > connection.expires:
                self._expired.add(connection)
            viewing = connection.viewing
            if viewing not in heads:
                heads[viewing] = _BEAT + b"".join(self._head(room_id) for room_id in viewing)
            connection.send(heads[viewing])

    def _head(self, room_id: int) -> bytes:
        channel = self._hub.channels.get(room_id)
        return encode_frame(Head(room_id, channel.seq, channel.number)) if channel else b""


def _nothing(_now: float) -> None:
    """No socket yet, no deadline."""
