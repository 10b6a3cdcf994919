"""A small WebSocket client: masked text frames out, whole messages in, pings answered."""

import base64
import json
import os
import socket
import struct
from contextlib import suppress
from typing import Any

from gevent.socket import create_connection

from tests.faults.harness.wire import Address, parse_head

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class ClosedError(ConnectionError):
    """The socket is gone. `code` is the close code, 1006 when there was no close frame."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason}")
        self.code = code


class NotUpgradedError(ConnectionError):
    """The handshake was answered with something else than 101."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        super().__init__(f"the handshake was answered with {status}")
        self.status = status
        self.headers = headers


class WebSocket:
    """One open socket. Raises `NotUpgradedError`, or OSError when there is nobody."""

    def __init__(
        self, address: Address, headers: dict[str, str], path: str = "/ws", timeout: float = 15.0
    ) -> None:
        self.socket = create_connection(address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = bytearray()
        self.reading = True
        try:
            self._shake_hands(address, headers, path)
        except BaseException:
            self.socket.close()
            raise

    def _shake_hands(self, address: Address, headers: dict[str, str], path: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {"Host": f"{address[0]}:{address[1]}", "Upgrade": "websocket"}
        fields |= {"Connection": "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
        fields |= headers
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while (end := self._data.find(b"\r\n\r\n")) < 0:
            self._fill()
        answer = parse_head(bytes(self._data[:end]))
        del self._data[: end + 4]
        if answer.status != 101:
            raise NotUpgradedError(answer.status, answer.headers)

    def send(self, frame: dict[str, Any]) -> None:
        """Send one JSON text frame."""
        self.send_bytes(json.dumps(frame).encode())

    def send_bytes(self, payload: bytes, opcode: int = TEXT) -> None:
        self.socket.sendall(encode(opcode, payload))

    def receive(self, timeout: float = 20.0) -> bytes:
        """The next whole text message. Raises `ClosedError`, 1006 after `timeout` of silence."""
        self.socket.settimeout(timeout)
        while True:
            opcode, payload = self._frame()
            if opcode == PING:
                self.send_bytes(payload, PONG)
            elif opcode == CLOSE:
                self._answer_close(payload)
            elif opcode in (TEXT, BINARY):
                return payload

    def _answer_close(self, payload: bytes) -> None:
        code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
        with suppress(OSError):
            self.send_bytes(payload[:2], CLOSE)
        self.close()
        raise ClosedError(code, payload[2:].decode(errors="replace"))

    def _frame(self) -> tuple[int, bytes]:
        """One frame; the server sends whole messages, so FIN is always set."""
        head = self._take(2)
        opcode, size = head[0] & 15, head[1] & 127
        if not head[0] & 128 or head[1] & 128 or head[0] & 112:
            raise ClosedError(1002, f"a broken frame: {head!r}")
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        return opcode, self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self._data) < size:
            self._fill()
        found = bytes(self._data[:size])
        del self._data[:size]
        return found

    def _fill(self) -> None:
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise ClosedError(1006, repr(error)) from error
        if not data:
            raise ClosedError(1006)
        self._data += data

    def close(self, code: int | None = None) -> None:
        """Close: with a close frame when a code is given, else just the connection."""
        if code is not None:
            with suppress(OSError):
                self.send_bytes(struct.pack(">H", code), CLOSE)
        self.socket.close()


def encode(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """One masked frame (the mask is zero: it protects proxies, and there is none here)."""
    first = opcode | (128 if final else 0)
    size = len(payload)
    if size < 126:
        head = struct.pack(">BB", first, 128 | size)
    elif size < 65536:
        head = struct.pack(">BBH", first, 128 | 126, size)
    else:
        head = struct.pack(">BBQ", first, 128 | 127, size)
    return head + bytes(4) + payload
