"""One socket, once its handshake is done: what comes in, what goes out, how it ends.

Nothing here waits. Sending writes straight to the socket while it takes the bytes; what it does
not take stands in a bounded outbox until the socket is writable again. Everything that goes out
(messages, pongs, closes) takes this one way, so frames are always whole.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from chatapp.realtime import frames
from chatapp.realtime.allowance import Allowance, Allowances
from chatapp.realtime.frames import FrameReader, ProtocolError
from chatapp.realtime.outbox import Outbox
from chatapp.realtime.protocol import CUT, NO_CODE, TOO_FAST, TOO_SLOW

# How long a peer may take nothing, or leave our close frame unanswered.
SEND_SECONDS = 10.0
CLOSE_SECONDS = 2.0
# What is sent at first, in one piece: the welcome, and what fits in beside it.
FIRST_BYTES = 64 * 1024
# While closing, what still arrives is thrown away, up to here.
DISCARD_BYTES = 1 << 20


class Limits(NamedTuple):
    """What one socket may cost."""

    message_bytes: int = 64 * 1024
    outbox_frames: int = 256
    outbox_bytes: int = 1 << 20
    # Frames of any kind from the browser: a bucket of this size, refilled at this rate a second.
    burst: int = 60
    frames_a_second: float = 10.0


class Phase(IntEnum):
    OPENING = 0  # Known to the hub; frames wait for the welcome to go first.
    OPEN = 1
    CLOSING = 2  # Our close frame is on its way or unanswered.
    CLOSED = 3


class Then(IntEnum):
    """What follows once our close frame is out."""

    WAIT = 0  # For the peer's own close frame.
    HANG_UP = 1  # Stop sending; the peer broke the protocol, so only its end is waited for.
    END = 2  # Nothing: it was the answer to the peer's.


class Sockets(Protocol):
    """How this kind of worker reads and writes sockets: see `sockets.py`."""

    lock: Callable[[], Any]

    def watch_writable(self, connection: "Connection") -> None:
        """Call `connection.drain()` when the socket takes bytes again."""

    def watch_deadline(self, connection: "Connection") -> None:
        """Call `connection.expire()` once `connection.deadline` has passed."""

    def hand_over(self, connection: "Connection", message: str | bytes) -> None:
        """Have the connection's owner hear this message, outside the loop, in order."""

    def release(self, connection: "Connection") -> None:
        """Stop watching and close the socket; then tell the owner."""


class Connection:
    """A browser that is listening. Holds ids only; see `Phase` for its life."""

    __slots__ = (
        *("_discarded", "_limits", "_lock", "_outbox", "_reader", "_sockets"),
        *("_then", "allowances", "close_code", "deadline", "expires", "frames_in"),
        *("frames_out", "heard_at", "inbox", "opened_at", "owner", "phase", "session_id", "sock"),
        *("state", "user_id", "viewing", "watchers", "workspace_seq"),
    )

    def __init__(self, sockets: Sockets, owner: Any, limits: Limits):
        self._sockets, self.owner, self._limits = sockets, owner, limits
        # Set when the handshake is done, before `open`.
        self.sock: socket.socket
        self.user_id = self.session_id = 0
        # The place of the workspace as of which it was let in.
        self.workspace_seq = 0
        self.viewing: frozenset[int] = frozenset()
        self.state = "active"
        self.phase = Phase.OPENING
        self.close_code = CUT
        self.opened_at = self.heard_at = time.monotonic()
        self.expires = self.deadline = float("inf")
        self.frames_in = self.frames_out = 0
        self.inbox: list[str | bytes] | None = None
        self.watchers: list[Any] | None = None
        self._lock = sockets.lock()
        self._reader = FrameReader(limits.message_bytes)
        # While it is opening, this holds what is sent: the welcome goes first.
        self._outbox: Outbox | None = None
        self._discarded = 0
        self._then = Then.WAIT
        own = Allowance(limits.burst, limits.frames_a_second, self.opened_at)
        self.allowances = Allowances(own)

    @property
    def unfinished_since(self) -> float:
        """When the message began of which the rest has not come; infinity while there is none."""
        return self._reader.began

    @property
    def is_behind(self) -> bool:
        """Whether the browser, once it hears, has not taken everything yet."""
        return self.phase is not Phase.OPENING and bool(self._outbox)

    # Going out

    def open(self, first: bytes) -> None:
        """Send this first (the handshake's answer, the welcome), then all that waits by now."""
        with self._lock:
            if self.phase is not Phase.OPENING:
                # Sent off while it was opening.
                self._sockets.release(self)
                return
            self.phase = Phase.OPEN
            waiting, self._outbox = [*(self._outbox or ())], None
            # One write for what is small: thousands open at the same moment. A piece that has begun
            # to leave leaves whole, whatever comes: so it must not be all that waits.
            count = 1
            while waiting and len(first) + len(waiting[0][0]) <= FIRST_BYTES:
                wire, more = waiting.pop(0)
                first, count = first + wire, count + more
            self._push(first, count)
            for wire, count in waiting:
                if self.phase is not Phase.OPEN:
                    # It was too much: our close frame is the last one.
                    break
                self._push(wire, count)

    def send(self, wire: bytes, count: int = 1) -> None:
        """Hand over so many whole frames; never waits. Whoever reads too slowly is sent off."""
        with self._lock:
            if self.phase is Phase.OPEN:
                self._push(wire, count)
            elif self.phase is Phase.OPENING:
                if self._outbox is None:
                    self._outbox = Outbox()
                self._queue(self._outbox, wire, count)

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye and end; what still waited in the outbox is not sent any more."""
        with self._lock:
            self._say_goodbye(code, frames.close_frame(code, reason), Then.WAIT)

    def drain(self) -> bool:
        """Write what waits. True when nothing is left to write."""
        with self._lock:
            while self._outbox:
                first = self._outbox.first
                rest = self._write(first)
                if self._outbox is None:
                    break
                self._outbox.wrote(rest)
                if len(rest) < len(first) and self.phase is Phase.OPEN:
                    # It reads, however slowly.
                    self._set_deadline(SEND_SECONDS)
                if rest:
                    return False
            self._emptied()
            return True

    def expire(self) -> None:
        """Its time is over (see `deadline`), or the peer is gone: cut the connection."""
        with self._lock:
            if self.phase is Phase.OPEN and self._outbox:
                self.close_code = TOO_SLOW
            self._end()

    def _push(self, wire: bytes, count: int) -> None:
        self.frames_out += count
        if self._outbox:
            self._queue(self._outbox, wire, count)
        elif rest := self._write(wire):
            self._outbox = Outbox()
            self._outbox.add(wire, count)
            self._outbox.wrote(rest)
            if self.phase is Phase.OPEN:
                self._set_deadline(SEND_SECONDS)
            self._sockets.watch_writable(self)

    def _queue(self, outbox: Outbox, wire: bytes, count: int) -> None:
        outbox.add(wire, count)
        limits = self._limits
        if outbox.exceeds(limits.outbox_frames, limits.outbox_bytes):
            self._say_goodbye(TOO_SLOW, frames.close_frame(TOO_SLOW, "too slow"), Then.WAIT)

    def _write(self, wire: bytes) -> bytes:
        """Write what the socket takes now; returns the rest. A dead socket takes everything."""
        try:
            sent = self.sock.send(wire, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return wire
        except OSError:
            self._end()
            return b""
        return wire[sent:]

    def _say_goodbye(self, code: int, wire: bytes, then: Then) -> None:
        if self.phase is Phase.OPENING:
            self.phase, self.close_code = Phase.CLOSED, code
        if self.phase in (Phase.CLOSING, Phase.CLOSED):
            return
        self.phase, self.close_code, self._then = Phase.CLOSING, code, then
        if self._outbox:
            self._outbox.drop_unbegun()
        self._push(wire, 1)
        self._set_deadline(SEND_SECONDS if code == TOO_SLOW else CLOSE_SECONDS)
        if not self._outbox:
            self._emptied()

    def _emptied(self) -> None:
        self._outbox = None
        if self.phase is Phase.OPEN:
            self.deadline = float("inf")
        elif self._then is Then.END:
            self._end()
        elif self._then is Then.HANG_UP:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_WR)

    def _set_deadline(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self._sockets.watch_deadline(self)

    def _end(self) -> None:
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.CLOSED
            self._outbox = None
            self._sockets.release(self)

    # Coming in

    def feed(self, data: bytes) -> None:
        """The browser sent these bytes; empty means that it is gone."""
        if not data:
            self.expire()
        elif self.phase is Phase.CLOSING:
            self._discard(data)
        else:
            self.heard_at = time.monotonic()
            if self.allowances.take_bytes(len(data), self.heard_at):
                self._read(data)
            else:
                self._fail(TOO_FAST, "too fast")

    def _read(self, data: bytes) -> None:
        try:
            for opcode, payload in self._reader.feed(data, self.heard_at):
                self._hear(opcode, payload)
                if self.phase >= Phase.CLOSING:
                    return
        except ProtocolError as error:
            self._fail(error.code, error.reason)

    def _hear(self, opcode: int, payload: Any) -> None:
        self.frames_in += 1
        if not self.allowances.take_frame(self.heard_at):
            self._fail(TOO_FAST, "too fast")
        elif opcode in (frames.TEXT, frames.BINARY):
            self._sockets.hand_over(self, payload)
        elif opcode == frames.PING:
            self.send(frames.pong_frame(payload))
        elif opcode == frames.CLOSE:
            with self._lock:
                self._say_goodbye(payload or NO_CODE, frames.close_frame(payload), Then.END)

    def _fail(self, code: int, reason: str) -> None:
        # What follows can't be told apart any more: we stop sending, it hangs up.
        with self._lock:
            self._say_goodbye(code, frames.close_frame(code, reason), Then.HANG_UP)

    def _discard(self, data: bytes) -> None:
        """Our close frame is out: only the peer's own matters, and that it doesn't go on for ever.

        Closing with unread bytes would reset the connection and lose our frame on its way.
        """
        self._discarded += len(data)
        if self._discarded > DISCARD_BYTES or (self._then is Then.WAIT and self._has_close(data)):
            self.expire()

    def _has_close(self, data: bytes) -> bool:
        try:
            return any(opcode == frames.CLOSE for opcode, _ in self._reader.feed(data))
        except ProtocolError:
            self._then = Then.HANG_UP
            return False
