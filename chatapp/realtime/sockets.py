"""How each kind of worker reads and writes its open sockets.

Under gevent a socket that waits costs neither a thread nor a greenlet: it is taken over from the
request, whose memory goes, and the loop calls back when it can be read or written. The
development server keeps its one thread for each socket.
"""

import contextlib
import logging
import select
import socket
import threading
from collections.abc import Callable
from typing import Any, Protocol

from chatapp.realtime.connection import SEND_SECONDS, Connection, Phase

log = logging.getLogger(__name__)

RECEIVE_BYTES = 16 * 1024
# Sockets that are being welcomed at the same moment; each asks the database.
WELCOMES = 8
# Messages that wait to be heard before the socket isn't read any more.
INBOX_MESSAGES = 16
# The kernel keeps a connection whose peer acknowledges nothing for this long.
USER_TIMEOUT_MS = 20_000
# Enough for a busy second; without a bound the kernel would keep megabytes for a slow reader.
KERNEL_SEND_BYTES = 128 * 1024


class Turns(Protocol):
    """So many at a time: both libraries' semaphores."""

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool: ...
    def release(self) -> object: ...


def tune(sock: socket.socket) -> None:
    """Small frames leave at once, dead peers are noticed, kernel memory is bounded."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_SEND_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)


class _Sockets:
    """What both kinds share: the connections with a deadline, and whom to tell of an end."""

    def __init__(self) -> None:
        self.awaited: set[Connection] = set()

    def watch_deadline(self, connection: Connection) -> None:
        self.awaited.add(connection)

    def expire(self, now: float) -> None:
        """Cut every connection whose deadline has passed."""
        for connection in tuple(self.awaited):
            if connection.phase is Phase.CLOSED or connection.deadline == float("inf"):
                self.awaited.discard(connection)
            elif connection.deadline < now:
                connection.expire()


class GeventSockets(_Sockets):
    """Sockets watched by gevent's loop. Its callbacks only touch memory: they may never wait."""

    def __init__(self) -> None:
        super().__init__()
        import gevent.lock
        from gevent.monkey import get_original

        # Nothing switches greenlets while it holds this lock: the native one is right, and lean.
        self.lock: Callable[[], Any] = get_original("_thread", "allocate_lock")
        # The standard library's gives way at each release, whoever holds what.
        self.turns: Turns = gevent.lock.BoundedSemaphore(WELCOMES)
        self._spawn = gevent.spawn
        self._loop = gevent.get_hub().loop

    @staticmethod
    def take_over(sock: Any) -> socket.socket:
        """A native, non-blocking socket in place of gevent's, which is empty afterwards."""
        import _socket

        native: Any = _socket.socket(fileno=sock.detach())
        tune(native)
        native.setblocking(False)
        return native

    def start(self, connection: Connection) -> None:
        """Begin to read."""
        if connection.phase is Phase.CLOSED:
            return
        reading = self._loop.io(connection.sock.fileno(), 1)
        # The welcome may already be waiting for the socket to be writable.
        writing = connection.watchers[1] if connection.watchers else None
        connection.watchers = [reading, writing]
        reading.start(self._readable, connection)

    def watch_writable(self, connection: Connection) -> None:
        if connection.watchers is None:
            connection.watchers = [None, None]
        if connection.watchers[1] is None:
            writing = connection.watchers[1] = self._loop.io(connection.sock.fileno(), 2)
            writing.start(self._writable, connection)

    def hand_over(self, connection: Connection, message: str | bytes) -> None:
        if connection.inbox is None:
            connection.inbox = [message]
            self._spawn(self._work, connection)
            return
        connection.inbox.append(message)
        if len(connection.inbox) >= INBOX_MESSAGES and connection.watchers is not None:
            connection.watchers[0].stop()

    def release(self, connection: Connection) -> None:
        for watcher in connection.watchers or ():
            if watcher is not None:
                watcher.stop()
                watcher.close()
        connection.watchers = None
        connection.sock.close()
        self.awaited.discard(connection)
        self._spawn(connection.owner.left, connection)

    def _readable(self, connection: Connection) -> None:
        try:
            data = connection.sock.recv(RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        self._guard(connection, connection.feed, data)

    def _writable(self, connection: Connection) -> None:
        self._guard(connection, self._drain, connection)

    def _drain(self, connection: Connection) -> None:
        if connection.drain() and connection.watchers is not None:
            writing, connection.watchers[1] = connection.watchers[1], None
            writing.stop()
            writing.close()

    def _guard(self, connection: Connection, do: Callable[[Any], None], what: object) -> None:
        try:
            do(what)
        except Exception:
            log.exception("A socket failed")
            connection.expire()

    def _work(self, connection: Connection) -> None:
        try:
            while connection.inbox:
                message = connection.inbox.pop(0)
                connection.owner.heard(connection, message)
        finally:
            # Else nobody would ever work for this connection again.
            connection.inbox = None
        if connection.watchers is not None and not connection.watchers[0].active:
            connection.watchers[0].start(self._readable, connection)


class ThreadSockets(_Sockets):
    """Sockets of the development server: the request's own thread reads until the end."""

    lock: Callable[[], Any] = staticmethod(threading.RLock)

    def __init__(self) -> None:
        super().__init__()
        self.turns: Turns = threading.BoundedSemaphore(WELCOMES)

    @staticmethod
    def take_over(sock: socket.socket) -> socket.socket:
        tune(sock)
        sock.settimeout(None)
        return sock

    def start(self, connection: Connection) -> None:
        """Read until the connection ends."""
        while connection.phase < Phase.CLOSED:
            try:
                data = connection.sock.recv(RECEIVE_BYTES)
            except OSError:
                data = b""
            connection.feed(data)

    def watch_writable(self, connection: Connection) -> None:
        threading.Thread(target=self._drain, args=[connection], daemon=True).start()

    def hand_over(self, connection: Connection, message: str | bytes) -> None:
        connection.owner.heard(connection, message)

    def release(self, connection: Connection) -> None:
        # Wakes the reading thread; the server itself closes the socket after the request.
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
        self.awaited.discard(connection)
        connection.owner.left(connection)

    def _drain(self, connection: Connection) -> None:
        while connection.phase < Phase.CLOSED:
            _, writable, _ = select.select([], [connection.sock], [], SEND_SECONDS)
            if writable and connection.drain():
                return
