"""A browser's socket for the tests: a client of its own, so that it can also misbehave."""

import base64
import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.visitors import Visitor


class HandshakeRefusedError(Exception):
    """The server answered with an HTTP status instead of 101."""

    def __init__(self, status: int, head: str):
        super().__init__(head)
        self.status, self.head = status, head


class EndedError(Exception):
    """The server closed the socket; `code` is 1006 when it did so without a close frame."""

    def __init__(self, code: int, reason: str = ""):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


# Every open socket of the running test: a fixture closes them.
open_browsers: list["Browser"] = []


class Browser:
    """One socket. `frames` keeps what came and was not yet asked for."""

    def __init__(self, visitor: Visitor, path: str = "/ws", **headers: str):
        self.pongs = True
        self._said_goodbye = False
        self.frames: list[dict[str, Any]] = []
        self.all: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}
        self._buffer = b""
        address = urlsplit(visitor.origin)
        self.sock = socket.create_connection((address.hostname, address.port), timeout=10)
        open_browsers.append(self)
        lines = {
            "Host": address.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Origin": visitor.origin,
            "Cookie": visitor.cookie,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        self.sock.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
        self._finish_handshake()

    def _finish_handshake(self) -> None:
        while b"\r\n\r\n" not in self._buffer:
            data = self.sock.recv(65536)
            if not data:
                raise HandshakeRefusedError(0, "closed")
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        self.head = head.decode()
        if status != 101:
            self.sock.close()
            raise HandshakeRefusedError(status, self.head)

    # Sending

    def say(self, kind: str, **values: Any) -> None:
        self.send(json.dumps({"type": kind, **values}).encode())

    def send(self, payload: bytes, opcode: int = 1, *, final: bool = True) -> None:
        self._said_goodbye = self._said_goodbye or opcode == 8
        self.sock.sendall(masked(payload, opcode, final=final))

    def leave(self, code: int = 1000) -> None:
        """Close cleanly, and wait for the answer."""
        self.send(struct.pack("!H", code), 8)
        with contextlib.suppress(EndedError):
            while True:
                self.hear(5)

    def drop(self) -> None:
        """Be gone without a word."""
        self.sock.close()

    # Hearing

    def hear(self, seconds: float = 5.0) -> dict[str, Any]:
        """The next frame. Raises `EndedError`, or TimeoutError after that time."""
        deadline = time.monotonic() + seconds
        while True:
            opcode, payload = self._frame(deadline)
            if opcode == 1:
                frame = json.loads(payload)
                self.all.append(frame)
                return frame
            if opcode == 9 and self.pongs:
                with contextlib.suppress(OSError):
                    self.send(payload, 10)
            if opcode == 8:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                if not self._said_goodbye:
                    with contextlib.suppress(OSError):
                        self.send(payload[:2], 8)
                raise EndedError(code, payload[2:].decode())

    def expect(self, kind: str, seconds: float = 5.0, **values: Any) -> dict[str, Any]:
        """The next frame of that kind with those values; others before it are kept."""
        wanted = {"type": kind, **values}
        for at, frame in enumerate(self.frames):
            if wanted.items() <= frame.items():
                return self.frames.pop(at)
        deadline = time.monotonic() + seconds
        while True:
            try:
                frame = self.hear(deadline - time.monotonic())
            except TimeoutError:
                raise AssertionError(f"No {wanted}; heard {self.frames}") from None
            if wanted.items() <= frame.items():
                return frame
            self.frames.append(frame)

    def listen(self, seconds: float) -> list[dict[str, Any]]:
        """Everything that comes within that time, and what came before."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(TimeoutError):
            while True:
                self.frames.append(self.hear(deadline - time.monotonic()))
        heard, self.frames = self.frames, []
        return heard

    def expect_end(self, seconds: float = 5.0) -> EndedError:
        """How the server ends this socket."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                self.frames.append(self.hear(deadline - time.monotonic()))
        except EndedError as end:
            return end

    def _frame(self, deadline: float) -> tuple[int, bytes]:
        first, second = self._take(2, deadline)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(self._take(2, deadline), "big")
        elif size == 127:
            size = int.from_bytes(self._take(8, deadline), "big")
        return first & 15, self._take(size, deadline)

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self.sock.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self.sock.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                raise EndedError(1006)
            self._buffer += data
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


def masked(payload: bytes, opcode: int = 1, *, final: bool = True) -> bytes:
    """A frame as browsers send it."""
    key = os.urandom(4)
    size = len(payload)
    if size < 126:
        head = bytes([opcode | (0x80 if final else 0), 0x80 | size])
    elif size < 65536:
        head = struct.pack("!BBH", opcode | (0x80 if final else 0), 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", opcode | (0x80 if final else 0), 0x80 | 127, size)
    mask = (key * (size // 4 + 1))[:size]
    body = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return head + key + body.to_bytes(size, "big")


def eventually(check: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.02)
