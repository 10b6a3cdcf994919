"""A TCP proxy that misbehaves on demand, one at a time or both ways; changed while it runs."""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

import gevent
from gevent.event import Event
from gevent.server import StreamServer
from gevent.socket import create_connection

from tests.faults.harness.wire import Address

UP, DOWN = "up", "down"


@dataclass(slots=True)
class Weather:
    """What happens to bytes in one direction; the defaults let everything pass."""

    delay: float = 0.0
    bytes_per_second: float = 0.0
    blackhole: bool = False


class Proxy:
    """Listens on a free loopback port and passes everything on to `target`."""

    def __init__(self, target: Address) -> None:
        self.target = target
        self.weather = {UP: Weather(), DOWN: Weather()}
        self.refusing = False
        self._cut_after = -1
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._changed = Event()
        self._server = StreamServer(("127.0.0.1", 0), self._carry, backlog=4096)
        self._server.start()
        self.address: Address = ("127.0.0.1", self._server.server_port)

    @property
    def connections(self) -> int:
        return len(self._pairs)

    def onward(self, connection: socket.socket) -> socket.socket:
        """The connection to the target that carries on this one. Raises LookupError."""
        name = connection.getsockname()
        for near, far in self._pairs:
            # One that has been reset has no peer any more.
            with suppress(OSError):
                if near.getpeername() == name:
                    return far
        raise LookupError(name)

    def heal(self) -> None:
        """Let everything pass again; what was held back in a blackhole is delivered."""
        self.weather = {UP: Weather(), DOWN: Weather()}
        self.refusing = False
        self._cut_after = -1
        self._changed.set()
        self._changed.clear()

    def heal_anew(self) -> None:
        """Heal, but what was held back is gone with the connections that held it."""
        self.reset()
        self.heal()

    def blackhole(self, *ways: str) -> None:
        """Swallow silently: connections stay open and nothing arrives. Default: both ways."""
        for way in ways or (UP, DOWN):
            self.weather[way].blackhole = True

    def delay(self, seconds: float) -> None:
        for weather in self.weather.values():
            weather.delay = seconds

    def throttle(self, bytes_per_second: float) -> None:
        for weather in self.weather.values():
            weather.bytes_per_second = bytes_per_second

    def cut_mid_frame(self, after_bytes: int) -> None:
        """Each connection is reset once it has received that many more bytes."""
        self._cut_after = after_bytes

    def reset(self, *, refuse: bool = False) -> int:
        """Reset every connection now; `refuse` new ones too until healed. Returns how many."""
        self.refusing = refuse
        pairs = list(self._pairs)
        for pair in pairs:
            self._abort(pair)
        return len(pairs)

    def close(self) -> None:
        self.heal()
        self._server.stop()
        self.reset()

    def _carry(self, near: socket.socket, _address: Address) -> None:
        try:
            if self.refusing:
                abort(near)
                return
            far = create_connection(self.target, timeout=10)
        except OSError:
            abort(near)
            return
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(None)
        pair = (near, far)
        self._pairs.add(pair)
        up = gevent.spawn(self._pump, near, far, UP)
        self._pump(far, near, DOWN)
        up.join()
        self._pairs.discard(pair)
        near.close()
        far.close()

    def _pump(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        budget = [self._cut_after]
        try:
            while data := source.recv(65536):
                self._suffer(len(data), way)
                if way == DOWN and self._cut(sink, data, budget):
                    abort(source)
                    return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, sink):
                shut(end)

    def _suffer(self, size: int, way: str) -> None:
        while self.weather[way].blackhole:
            self._changed.wait(0.5)
        weather = self.weather[way]
        wait = weather.delay
        if weather.bytes_per_second:
            wait += size / weather.bytes_per_second
        if wait:
            # What is held back when everything is healed goes on at once.
            self._changed.wait(wait)

    def _cut(self, sink: socket.socket, data: bytes, budget: list[int]) -> bool:
        if self._cut_after < 0:
            return False
        if budget[0] < 0:
            budget[0] = self._cut_after
        budget[0] -= len(data)
        if budget[0] >= 0:
            return False
        sink.sendall(data[: max(1, len(data) // 2)])
        abort(sink)
        return True

    def _abort(self, pair: tuple[socket.socket, socket.socket]) -> None:
        for end in pair:
            abort(end)


def abort(end: socket.socket) -> None:
    """Reset the connection: no FIN, what is under way is lost."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def shut(end: socket.socket) -> None:
    """Wake whoever reads this end."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
