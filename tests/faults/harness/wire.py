"""One keep-alive HTTP/1.1 connection on a plain socket: quick, and honest about doubt."""

import json
import select
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from gevent.socket import create_connection

Address = tuple[str, int]


class RefusedError(ConnectionError):
    """No connection: the request was certainly not carried out."""


class DoubtError(ConnectionError):
    """The connection failed after the request was sent: it may have been carried out."""


@dataclass(slots=True)
class Answer:
    """What came back. Header names are lower case; `cookies` are raw Set-Cookie values."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """Asks one thing at a time. A failed connection is opened again by the next request."""

    def __init__(self, address: Address, timeout: float = 15.0, host: str | None = None) -> None:
        self.address = address
        self.timeout = timeout
        self.host = host or f"{address[0]}:{address[1]}"
        self.socket: socket.socket | None = None
        self._rest = b""

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """Send one request and read its answer. Raises `RefusedError` or `DoubtError`."""
        self.connect()
        try:
            self._send(self.request(method, path, headers, body))
            return self.read_answer(method)
        except (OSError, ValueError) as error:
            self.close()
            raise DoubtError(f"{method} {path}: {error!r}") from error

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
        """The bytes of a request."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def connect(self) -> None:
        """Open the connection if it is not open. Raises `RefusedError`."""
        if self.socket is not None and has_news(self.socket):
            # As browsers do: an idle connection that says something is not used again.
            self.close()
        if self.socket is not None:
            return
        try:
            self.socket = create_connection(self.address, timeout=self.timeout)
        except OSError as error:
            raise RefusedError(str(error)) from error
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _send(self, data: bytes) -> None:
        assert self.socket is not None
        self.socket.sendall(data)

    def read_answer(self, method: str = "GET") -> Answer:
        """The next answer on the wire. Raises OSError when the wire is cut."""
        head = self._until(b"\r\n\r\n")
        answer = parse_head(head)
        if method != "HEAD" and answer.status not in (204, 304):
            answer.body = self._body(answer)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def _body(self, answer: Answer) -> bytes:
        if "content-length" in answer.headers:
            return self._exactly(int(answer.headers["content-length"]))
        if answer.headers.get("transfer-encoding", "") == "chunked":
            return b"".join(self._chunks())
        return self._until_end()

    def _chunks(self) -> list[bytes]:
        chunks = []
        while size := int(self._until(b"\r\n"), 16):
            chunks.append(self._exactly(size))
            self._exactly(2)
        self._exactly(2)
        return chunks

    def _until(self, mark: bytes) -> bytes:
        while (place := self._rest.find(mark)) < 0:
            self._rest += self._more()
        found, self._rest = self._rest[:place], self._rest[place + len(mark) :]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._rest += self._more()
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def _until_end(self) -> bytes:
        try:
            while True:
                self._rest += self._more()
        except ConnectionError:
            found, self._rest = self._rest, b""
            self.close()
            return found

    def _more(self) -> bytes:
        assert self.socket is not None
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed by the server")
        return data


def has_news(connection: socket.socket) -> bool:
    """Whether something is there to be read: data nobody asked for, or the end."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def parse_head(head: bytes) -> Answer:
    """An answer without its body, from the bytes before the empty line."""
    first, *lines = head.decode("latin-1").split("\r\n")
    answer = Answer(int(first.split(" ", 2)[1]))
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        if name == "set-cookie":
            answer.cookies.append(value)
        answer.headers[name] = value
    return answer


def form(**fields: Any) -> bytes:
    """The body of a form post."""
    return urlencode({name: str(value) for name, value in fields.items()}).encode()
