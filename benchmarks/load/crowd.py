"""Thousands of people with a page open, in one thread: they listen, lose the server and come back.

Each behaves as the product's page does: a socket with its own sign-in, whose address says what
it has; pongs; after a 1012 a return within 3 s, after a refusal a longer wait; and, when the room
stands further than the socket has told, a catch-up by HTTP whose content is checked.
"""

import contextlib
import heapq
import random
import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count

import msgspec

from benchmarks.load.frames import HEARD, Frame, Onlooker
from benchmarks.load.http_clients import WrongAnswerError, body_of
from benchmarks.load.speaker import HANDSHAKE
from benchmarks.product import Client as Person

# The waits of chatapp/static/js/socket.js,
SPREAD_SECONDS, FIRST_WAIT_SECONDS, SOON_SECONDS, LONGEST_WAIT_SECONDS = 3.0, 1.5, 4.0, 30.0
LATER_SECONDS, PATIENCE = 5.0, 15
# and of clock.js, for requests.
REQUEST_WAIT_SECONDS = 2.0
RESTARTING, TOO_SLOW, TOO_MUCH, LOST = 1012, 1013, (1008, 1009), 1006
# Connecting all at once would measure the listen queue.
OPENING_AT_ONCE = 64
RECEIVE_BYTES = 262_144


class Listener:
    """One person's page."""

    __slots__ = (
        *("attempt", "epoch", "have", "line", "lost_at", "page", "person"),
        *("received", "request", "state", "told"),
    )

    def __init__(self, person: Person, page: "Listener | None" = None):
        """A page, or, where one is given, its catch-up by HTTP."""
        self.person, self.page = person, page or self
        self.state, self.have, self.attempt = "away", 0, 0
        self.lost_at, self.told = 0.0, False
        self.request = self.received = b""
        self.line: socket.socket | None = None
        self.epoch = ""


class Crowd:
    """All of them. `wanted`: what the catch-up must contain, set before they come back."""

    def __init__(self, port: int, room: int, people: list[Person]):
        self.port, self.room = port, room
        self.people = [Listener(person) for person in people]
        self.wanted = b""
        # What the first of them is shown of who is online.
        self.onlooker = Onlooker()
        # How those who have what was wanted came by it: "live", "missed" or "http".
        self.ways: Counter[str] = Counter()
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

    @property
    def caught_up(self) -> int:
        """How many have what was wanted."""
        return self.ways.total()

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
            has = f"&since={one.have}&epoch={one.epoch}" if one.epoch else ""
            path = f"/ws?room={self.room}{has}"
            shake = HANDSHAKE.format(path=path, port=self.port)
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
        self._wait(one, LOST)

    def _wait(self, one: Listener, code: int) -> None:
        self._drop(one)
        now = time.monotonic()
        one.lost_at = one.lost_at or now
        self._at(now + _wait_seconds(one, code, now), one)
        one.attempt += 1

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
            self._wait(one, int.from_bytes(payload[:2], "big"))
            return False
        if opcode == 9:
            self._say(one, 10, payload)
        elif opcode == 1:
            if payload.startswith(HEARD):
                self._take_frame(one, payload)
            if one is self.people[0]:
                self.onlooker.hear(payload)
        return True

    def _take_frame(self, one: Listener, payload: bytes) -> None:
        frame = _frames.decode(payload)
        match frame.type:
            case "welcome":
                one.epoch = frame.epoch
                one.have = one.have or frame.rooms[self.room].seq
            case "missed" if frame.since <= one.have < frame.seq:
                self._got(one, frame.seq, payload, "missed")
            case "message" if frame.seq == one.have + 1:
                self._got(one, frame.seq, payload, "live")
            case "subscribed":
                one.state = "live"
                if frame.seq > one.have:
                    self._fetch(one)
            case "beat":
                one.attempt, one.lost_at = 0, 0.0

    def _got(self, one: Listener, seq: int, told: bytes, way: str) -> None:
        one.have = max(one.have, seq)
        # By its socket and by HTTP at once is still one who has it.
        if self.wanted and self.wanted in told and not one.told:
            one.told = True
            self.ways[way] += 1

    def _say(self, one: Listener, opcode: int, payload: bytes) -> None:
        with contextlib.suppress(OSError):
            one.line.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)

    # Catching up

    def _fetch(self, one: Listener) -> None:
        request = Listener(one.person, page=one)
        request.state, request.have, request.epoch = "fetching", one.have, one.epoch
        self._connect(request)

    def _take_changes(self, request: Listener) -> None:
        head, end, rest = request.received.partition(b"\r\n\r\n")
        body = body_of(head, bytearray(rest), 0) if end else None
        if body is None:
            return
        if b" 200 " not in head[:15] or self.wanted not in body:
            raise WrongAnswerError(f"a catch-up was answered with {head[:15]!r} {body[:100]!r}")
        self._got(request.page, _frames.decode(body).seq, body, "http")
        self._drop(request)


def _wait_seconds(one: Listener, code: int, now: float) -> float:
    if one.state == "fetching":
        return random.random() * min(SOON_SECONDS, REQUEST_WAIT_SECONDS * 2**one.attempt)
    if one.attempt == 0 and code == TOO_SLOW:
        return 0.0
    most = max(SOON_SECONDS, (now - one.lost_at) / PATIENCE)
    if one.attempt == 0:
        most = SPREAD_SECONDS if code == RESTARTING else FIRST_WAIT_SECONDS
    later = LATER_SECONDS if code in TOO_MUCH else 0.0
    return later + random.random() * min(LONGEST_WAIT_SECONDS, most)


_frames = msgspec.json.Decoder(Frame)
