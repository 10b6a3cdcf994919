"""Thousands of people with a page open, in one thread: they listen, lose the server and come back.

Each behaves as the product's page does: a socket with its own sign-in, `subscribe`, pongs; after a
1012 a return within 3 s, after a refusal a growing wait; and, when the room stands at a later place
than the page has, a catch-up by HTTP whose content is checked.
"""

import contextlib
import heapq
import random
import select
import socket
import time
from collections.abc import Callable, Iterator
from itertools import count

import msgspec

from benchmarks.load.http_clients import WrongAnswerError, body_of
from benchmarks.load.speaker import HANDSHAKE
from benchmarks.product import Client as Person

# chatapp/static/js/socket.js and backoff.js.
SPREAD_SECONDS, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 3.0, 2.0, 30.0
# Connecting all at once would measure the listen queue.
OPENING_AT_ONCE = 64
SUBSCRIBE = b'{"type":"subscribe","room":%d}'
RECEIVE_BYTES = 262_144


class RoomMark(msgspec.Struct):
    """Where a room stands, in a welcome."""

    seq: int


class Frame(msgspec.Struct):
    """A welcome or the answer to `subscribe`, as far as a listener needs it."""

    type: str
    epoch: str = ""
    seq: int = 0
    rooms: dict[int, RoomMark] = {}


class Listener:
    """One person's page."""

    __slots__ = ("attempt", "epoch", "have", "line", "person", "received", "request", "state")

    def __init__(self, person: Person):
        self.person = person
        self.state, self.have, self.attempt = "away", 0, 0
        self.request = self.received = b""
        self.line: socket.socket | None = None
        self.epoch = ""


class Crowd:
    """All of them. `wanted`: what the catch-up must contain, set before they come back."""

    def __init__(self, port: int, room: int, people: list[Person]):
        self.port, self.room = port, room
        self.people = [Listener(person) for person in people]
        self.wanted = b""
        self.caught_up = 0
        self.refusals = 0
        self._poll = select.epoll()
        self._by_file: dict[int, Listener] = {}
        self._returns: list[tuple[float, int, Listener]] = []
        self._order: Iterator[int] = count()
        self._spread = 0.0

    @property
    def live(self) -> int:
        """How many are welcomed, subscribed and have everything."""
        return sum(one.state == "live" for one in self.people)

    def open(self, patience: float) -> None:
        """Have everybody come, a few at a time. Raises `TimeoutError`."""
        waiting = iter(self.people)
        end = time.monotonic() + patience
        while self.live < len(self.people):
            opening = sum(one.state in ("shaking", "welcomed") for one in self._by_file.values())
            for _ in range(OPENING_AT_ONCE - opening):
                if one := next(waiting, None):
                    self._connect(one)
            self.listen(0.05)
            if time.monotonic() > end:
                raise TimeoutError(f"{self.live} of {len(self.people)} came in {patience} s")

    def listen(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Hear and answer for so long, or until that is true."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not until():
            self._return_those_who_are_due()
            wait = min(left, self._returns[0][0] - time.monotonic() if self._returns else left)
            for file, _event in self._poll.poll(max(0.0, min(0.2, wait)), 1024):
                if one := self._by_file.get(file):
                    self._ask(one) if one.request else self._hear(one)

    def close(self) -> None:
        for one in self.people:
            self._drop(one)

    # Coming

    def _return_those_who_are_due(self) -> None:
        while self._returns and self._returns[0][0] <= time.monotonic():
            self._connect(heapq.heappop(self._returns)[2])

    def _connect(self, one: Listener) -> None:
        if one.state == "fetching":
            request = one.person.get(
                f"/rooms/{self.room}/changes?since={one.have}&workspace=0&epoch={one.epoch}",
                accept="application/json",
            )
        else:
            one.state = "shaking"
            extra = f"Cookie: {one.person.cookie}\r\n\r\n"
            shake = HANDSHAKE.format(path="/ws", port=self.port)
            request = (shake.removesuffix("\r\n") + extra).encode()
        one.line = socket.socket()
        one.line.setblocking(False)
        one.request, one.received = request, b""
        self._by_file[one.line.fileno()] = one
        self._poll.register(one.line.fileno(), select.EPOLLOUT)
        # A full listen queue must keep nobody else waiting.
        one.line.connect_ex(("127.0.0.1", self.port))

    def _ask(self, one: Listener) -> None:
        """Connected, or refused: ask, in one write that an empty buffer takes whole."""
        try:
            one.line.sendall(one.request)
        except OSError:
            self._come_later(one)
            return
        one.request = b""
        self._poll.modify(one.line.fileno(), select.EPOLLIN)

    def _come_later(self, one: Listener) -> None:
        self.refusals += 1
        self._drop(one)
        most = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**one.attempt)
        one.attempt += 1
        self._at(time.monotonic() + random.random() * most, one)

    def _at(self, moment: float, one: Listener) -> None:
        heapq.heappush(self._returns, (moment, next(self._order), one))

    def _drop(self, one: Listener) -> None:
        if one.line is not None:
            self._by_file.pop(one.line.fileno(), None)
            one.line.close()
            one.line = None
        if one.state != "fetching":
            one.state = "away"

    # Hearing

    def _hear(self, one: Listener) -> None:
        try:
            data = one.line.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._come_later(one)
            return
        one.received += data
        if one.state == "fetching":
            self._take_changes(one)
        elif one.state == "shaking":
            self._take_handshake(one)
        else:
            self._take_frames(one)

    def _take_handshake(self, one: Listener) -> None:
        head, end, rest = one.received.partition(b"\r\n\r\n")
        if not end:
            return
        if b" 101 " not in head:
            self._come_later(one)
            return
        one.state, one.received = "welcomed", rest
        self._take_frames(one)

    def _take_frames(self, one: Listener) -> None:
        data, at = one.received, 0
        while len(data) - at >= 2:
            head, length = 2, data[at + 1]
            if length >= 126:
                head = 4 if length == 126 else 10
                length = int.from_bytes(data[at + 2 : at + head], "big")
            if len(data) - at < head + length:
                break
            payload, opcode = data[at + head : at + head + length], data[at] & 15
            at += head + length
            if not self._take(one, opcode, payload):
                return
        one.received = data[at:]

    def _take(self, one: Listener, opcode: int, payload: bytes) -> bool:
        if opcode == 8:
            self._drop(one)
            restarting = payload[:2] == (1012).to_bytes(2, "big")
            wait = SPREAD_SECONDS if restarting else FIRST_WAIT_SECONDS
            self._at(time.monotonic() + random.random() * wait, one)
            return False
        if opcode == 9:
            self._say(one, 10, payload)
        elif opcode == 1 and one.state == "welcomed":
            self._take_first_frames(one, payload)
        elif opcode == 1 and self.wanted and self.wanted in payload:
            # It came live: this one was back before it was said.
            self.caught_up += 1
        return True

    def _take_first_frames(self, one: Listener, payload: bytes) -> None:
        if payload.startswith(b'{"type":"welcome"'):
            welcome = _frames.decode(payload)
            one.epoch = welcome.epoch
            one.have = one.have or welcome.rooms[self.room].seq
            self._say(one, 1, SUBSCRIBE % self.room)
        elif payload.startswith(b'{"type":"subscribed"'):
            one.attempt = 0
            one.state = "live"
            if _frames.decode(payload).seq > one.have:
                self._fetch(one)

    def _say(self, one: Listener, opcode: int, payload: bytes) -> None:
        with contextlib.suppress(OSError):
            one.line.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)

    # Catching up

    def _fetch(self, one: Listener) -> None:
        page = Listener(one.person)
        page.state, page.have, page.epoch = "fetching", one.have, one.epoch
        self._connect(page)

    def _take_changes(self, page: Listener) -> None:
        head, end, rest = page.received.partition(b"\r\n\r\n")
        body = body_of(head, bytearray(rest), 0) if end else None
        if body is None:
            return
        if b" 200 " not in head[:15] or self.wanted not in body:
            raise WrongAnswerError(f"a catch-up was answered with {head[:15]!r} {body[:100]!r}")
        self.caught_up += 1
        self._drop(page)


_frames = msgspec.json.Decoder(Frame)
