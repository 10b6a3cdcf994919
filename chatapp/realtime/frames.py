"""WebSocket frames on the wire (RFC 6455), the server's side: bytes to messages and back. Pure."""

import codecs
import struct
from collections.abc import Callable, Iterator

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

# What a peer may say in a close frame: RFC 6455 section 7.4, and the codes registered since.
_PEER_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})

# A data frame that didn't finish its message: told so that its sender's rate can be counted.
PART = -1

Payload = bytes | str | int | None

NEVER = float("inf")


class ProtocolError(Exception):
    """The peer broke the protocol; `code` is the close code that says how."""

    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code = code
        self.reason = reason


def text_frame(payload: bytes) -> bytes:
    """One whole text frame around UTF-8 bytes."""
    return _frame(TEXT, payload)


def data_frame(message: str | bytes) -> bytes:
    """One whole frame of the kind that fits the message: text for `str`, binary for `bytes`."""
    if isinstance(message, str):
        return _frame(TEXT, message.encode())
    return _frame(BINARY, message)


def ping_frame(payload: bytes = b"") -> bytes:
    return _frame(PING, payload)


def pong_frame(payload: bytes) -> bytes:
    return _frame(PONG, payload)


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A close frame; without a code it is empty. The reason is cut at 123 bytes."""
    if code is None:
        return _frame(CLOSE, b"")
    text = reason.encode()[:123].decode(errors="ignore").encode()
    return _frame(CLOSE, struct.pack("!H", code) + text)


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


class FrameReader:
    """Turns what a browser sends into whole messages, however the bytes are cut.

    Keeps at most one frame and one message, each bounded by `limit` bytes.
    """

    __slots__ = ("_buffer", "_decoder", "_limit", "_message", "_opcode", "_size", "began")

    def __init__(self, limit: int):
        self._limit = limit
        # The `now` of `feed` when what is unfinished began; infinity while nothing is.
        self.began = NEVER
        self._buffer: bytearray | None = None
        self._opcode = CONTINUATION
        self._message: list[bytes] = []
        self._size = 0
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes, now: float = 0.0) -> Iterator[tuple[int, Payload]]:
        """Each frame in `data`: (TEXT, str), (BINARY, bytes), (PING, bytes), (PONG, bytes),
        (CLOSE, code or None) or (PART, None). Raises `ProtocolError`."""
        if self._buffer is not None:
            self._buffer += data
            data = bytes(self._buffer)
        start = 0
        while (frame := self._take(data, start)) is not None:
            opcode, final, payload, start = frame
            yield (
                self._control(opcode, payload) if opcode & 8 else self._data(opcode, final, payload)
            )
        self._buffer = bytearray(data[start:]) if start < len(data) else None
        if self._buffer is None and self._opcode == CONTINUATION:
            self.began = NEVER
        elif self.began == NEVER:
            self.began = now

    def _take(self, data: bytes, start: int) -> tuple[int, bool, bytes, int] | None:
        """The frame that begins at `start`, or None while it is incomplete."""
        available = len(data) - start
        if available < 2:
            return None
        first, second = data[start], data[start + 1]
        self._check_head(first, second)
        size, at = second & 0x7F, start + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if available < 2 + width:
                return None
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        if size + (0 if first & 8 else self._size) > self._limit:
            raise ProtocolError(1009, "too big")
        end = at + 4 + size
        if len(data) < end:
            return None
        payload = _unmask(data[at + 4 : end], data[at : at + 4])
        return first & 0x0F, bool(first & 0x80), payload, end

    def _check_head(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        if first & 0x70:
            raise ProtocolError(1002, "reserved bits are set")
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise ProtocolError(1002, "unknown opcode")
        if not second & 0x80:
            raise ProtocolError(1002, "the frame is not masked")
        if opcode & 8 and (second & 0x7F > 125 or not first & 0x80):
            raise ProtocolError(1002, "a control frame is too long or in pieces")
        # All of `_opcode` is CONTINUATION while no message is under way.
        if not opcode & 8 and (opcode == CONTINUATION) == (self._opcode == CONTINUATION):
            raise ProtocolError(1002, "a message's pieces are out of order")

    def _data(self, opcode: int, final: bool, payload: bytes) -> tuple[int, Payload]:
        if opcode != CONTINUATION:
            self._opcode = opcode
            if opcode == TEXT and not final:
                self._decoder = codecs.getincrementaldecoder("utf-8")()
        if not final:
            if self._decoder is not None:
                _text(payload, self._decoder.decode)
            # As it came: as text, one character that takes four bytes has all of them take four.
            self._message.append(payload)
            self._size += len(payload)
            return PART, None
        kind, whole = self._opcode, b"".join((*self._message, payload))
        self._opcode, self._message, self._size, self._decoder = CONTINUATION, [], 0, None
        # What comes behind it is another one.
        self.began = NEVER
        return kind, _text(whole, bytes.decode) if kind == TEXT else whole

    def _control(self, opcode: int, payload: bytes) -> tuple[int, Payload]:
        return (opcode, payload) if opcode != CLOSE else (CLOSE, _close_code(payload))


def _close_code(payload: bytes) -> int | None:
    if not payload:
        return None
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not (code in _PEER_CLOSE_CODES or 3000 <= code < 5000):
        raise ProtocolError(1002, "no such close code")
    try:
        payload[2:].decode()
    except UnicodeDecodeError as error:
        raise ProtocolError(1007, "not UTF-8") from error
    return code


def _text(payload: bytes, decode: Callable[[bytes], str]) -> str:
    try:
        return decode(payload)
    except UnicodeDecodeError as error:
        raise ProtocolError(1007, "not UTF-8") from error


def _unmask(payload: bytes, key: bytes) -> bytes:
    # One big number is far faster than a loop over bytes.
    size = len(payload)
    mask = (key * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return masked.to_bytes(size, "big")
