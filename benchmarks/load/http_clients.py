"""Keep-alive HTTP clients in one thread: each sends its next request when the last was answered.

Closed loop, raw sockets and epoll, so that the client costs some 30 us a request and the server is
what is measured. Every answer is checked; one wrong answer makes the run no result. Pages are asked
for as browsers ask, packed, and unpacked here before they are checked.
"""

import gzip
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE_SECONDS = 30
# What Chromium sends.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"

Check = Callable[[int, bytes], str | None]


@dataclass
class Client:
    """One connection: `next_request()` gives the bytes to send, `check(status, body)` a complaint.

    A client without a next request (None) is done.
    """

    next_request: Callable[[], bytes | None]
    check: Check
    line: socket.socket = field(init=False)
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def connect(self, host: str, port: int) -> None:
        self.line = socket.create_connection((host, port))
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> bool:
        """Send the next request, if there is one."""
        request = self.next_request()
        if request is None:
            return False
        self.sent_at = time.perf_counter()
        self.line.sendall(request)
        return True


class WrongAnswerError(Exception):
    """An answer that was not what it should be: there is no result."""


@dataclass
class Outcome:
    """What a run gave: answers a second, and the seconds each took, sorted."""

    answers: int
    seconds: float
    latencies: list[float]
    complaints: list[str]
    # Of one core: what this process used while it asked.
    load_share: float = 0.0

    @property
    def rate(self) -> float:
        return self.answers / self.seconds

    def percentile(self, share: float) -> float:
        """That share's latency in milliseconds."""
        return self.latencies[int((len(self.latencies) - 1) * share)] * 1000

    def with_more(self, other: "Outcome") -> "Outcome":
        """Both runs as one."""
        return Outcome(
            self.answers + other.answers,
            self.seconds + other.seconds,
            sorted(self.latencies + other.latencies),
            self.complaints + other.complaints,
            max(self.load_share, other.load_share),
        )


def run(port: int, clients: list[Client], seconds: float = 3600, warm_up: float = 0) -> Outcome:
    """Let the clients loop for `warm_up` (not counted) and then `seconds`, or until all are done.

    Raises `WrongAnswerError` when one answer was not what it should have been.
    """
    poll = select.epoll()
    by_file: dict[int, Client] = {}
    for client in clients:
        client.connect("127.0.0.1", port)
        by_file[client.line.fileno()] = client
        poll.register(client.line.fileno(), select.EPOLLIN)
    began, used = time.perf_counter(), time.process_time()
    outcome = _loop(poll, by_file, began + warm_up, began + warm_up + seconds)
    outcome.load_share = (time.process_time() - used) / (time.perf_counter() - began)
    for client in clients:
        client.line.close()
    if outcome.complaints:
        raise WrongAnswerError("; ".join(outcome.complaints))
    return outcome


def _loop(poll: select.epoll, by_file: dict[int, Client], start: float, end: float) -> Outcome:
    latencies: list[float] = []
    complaints: list[str] = []
    waiting = sum(client.send() for client in by_file.values())
    while waiting:
        for file, _event in poll.poll(PATIENCE_SECONDS) or _silent():
            client = by_file[file]
            answer = answer_of(client)
            if answer is None:
                continue
            moment = time.perf_counter()
            if start <= moment <= end:
                latencies.append(moment - client.sent_at)
            complaint = client.check(*answer)
            if complaint:
                complaints.append(complaint)
            if moment >= end or len(complaints) > 3 or not client.send():
                waiting -= 1
    seconds = min(end, time.perf_counter()) - start
    return Outcome(len(latencies), seconds, sorted(latencies), complaints)


def _silent() -> list[tuple[int, int]]:
    raise TimeoutError(f"no answer within {PATIENCE_SECONDS} s")


def answer_of(client: Client) -> tuple[int, bytes] | None:
    """The status and body, once all of it is there; None before."""
    data = client.line.recv(262144)
    if not data:
        raise ConnectionError("the server closed a kept-alive connection")
    client.received += data
    head_end = client.received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    head = bytes(client.received[:head_end])
    body = body_of(head, client.received, head_end + 4)
    if body is None:
        return None
    client.received.clear()
    return int(head[9:12]), body


def body_of(head: bytes, received: bytearray, at: int) -> bytes | None:
    """The body that begins at that place, unpacked, once all of it is there; None before.

    Raises `WrongAnswerError`.
    """
    lowered = head.lower()
    body = _body_as_sent(lowered, received, at)
    return body and unpacked(body, _value_of(lowered, b"content-encoding"))


def _body_as_sent(lowered: bytes, received: bytearray, at: int) -> bytes | None:
    if length := _value_of(lowered, b"content-length"):
        end = at + int(length)
        return bytes(received[at:end]) if len(received) >= end else None
    if _value_of(lowered, b"transfer-encoding") == b"chunked":
        return _chunked(received, at)
    return b""


def _value_of(lowered: bytes, name: bytes) -> bytes:
    """What that header says; empty where there is none."""
    return lowered.partition(b"\r\n%b:" % name)[2].partition(b"\r\n")[0].strip()


def _chunked(received: bytearray, at: int) -> bytes | None:
    parts = []
    while True:
        line_end = received.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(received[at:line_end], 16)
        if len(received) < line_end + 2 + size + 2:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(bytes(received[line_end + 2 : line_end + 2 + size]))
        at = line_end + 2 + size + 2


def unpacked(body: bytes, encoding: bytes) -> bytes:
    """What was packed as `Content-Encoding` says (empty: not at all). Raises `WrongAnswerError`."""
    if not encoding:
        return body
    if encoding != b"gzip":
        raise WrongAnswerError(f"an answer is packed as {encoding!r}, which is not unpacked here")
    return gzip.decompress(body)
