"""One WebSocket that speaks, and waits for its own echo: so many messages in flight, no more."""

import socket
import struct
import time
from collections.abc import Callable

PATIENCE_SECONDS = 60
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Speaker:
    """A client of a peer that repeats to everybody, the speaker too."""

    def __init__(self, port: int, path: str, hello: str, wrap: Callable[[str], str]):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wrap, self.tail = wrap, b""
        self.socket.sendall(HANDSHAKE.format(path=path, port=port).encode())
        if b" 101 " not in self.socket.recv(4096):
            raise ConnectionError("the peer refused the handshake")
        if hello:
            self._say(hello)

    def speak(self, count: int, size: int, in_flight: int) -> None:
        """Say `count` marked texts of `size` bytes, `in_flight` of them at a time.

        Raises `TimeoutError` where not all of them are repeated, `ConnectionError` where it closes.
        """
        said = heard = 0
        end = time.monotonic() + PATIENCE_SECONDS
        while heard < count:
            # A peer that has dropped one may still send pings.
            if time.monotonic() > end:
                raise TimeoutError(f"{heard} of {count} came back within {PATIENCE_SECONDS} s")
            while said < count and said - heard < in_flight:
                said += 1
                self._say(self.wrap(marked(said, size)))
            heard += self._hear()

    def _say(self, text: str) -> None:
        payload = text.encode()
        length = len(payload)
        head = (
            bytes([0x81, 0x80 | length])
            if length < 126
            else bytes([0x81, 0xFE]) + struct.pack(">H", length)
        )
        self.socket.sendall(head + b"\0\0\0\0" + payload)

    def _hear(self) -> int:
        received = self.socket.recv(262144)
        if not received:
            raise ConnectionError("the peer closed the socket of whoever speaks")
        data = self.tail + received
        self.tail = data[-5:]
        # A mark that lies across two reads is counted once: with the read that completes it.
        return data.count(b"bench:") - self.tail.count(b"bench:")


def marked(number: int, size: int) -> str:
    """A text of `size` characters that carries its number and the moment it was said."""
    return f"bench:{number}:{time.monotonic_ns()};".ljust(size, "x")
