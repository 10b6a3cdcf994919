"""The harness's own wire, proxy and weather, against a server that echoes."""

from collections.abc import Iterator
from socket import socket

import gevent
import pytest
from gevent.server import StreamServer
from gevent.socket import wait_read  # ty: ignore[import-not-found]

from tests.faults.harness.history import clock
from tests.faults.harness.proxy import DOWN, Proxy
from tests.faults.harness.wire import Answer, DoubtError, RefusedError, Wire


def echo(connection: socket, _address: tuple[str, int]) -> None:
    """Answers every request with its own length, and closes with the connection."""
    with connection:
        while data := connection.recv(65536):
            body = str(len(data)).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            connection.sendall(head + body)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server = StreamServer(("127.0.0.1", 0), echo)
    server.start()
    proxy = Proxy(("127.0.0.1", server.server_port))
    yield proxy
    proxy.close()
    server.stop()


@pytest.fixture
def wire(proxy: Proxy) -> Iterator[Wire]:
    wire = Wire(proxy.address, timeout=0.5)
    yield wire
    wire.close()


def ask(wire: Wire) -> Answer:
    return wire.ask("GET", "/", {})


def test_a_wire_is_kept_open_and_opened_again(proxy: Proxy, wire: Wire) -> None:
    assert ask(wire).status == 200
    assert ask(wire).status == 200
    assert proxy.connections == 1
    proxy.reset()
    with pytest.raises(DoubtError):
        ask(wire)
    assert ask(wire).status == 200


def test_refused_is_not_doubt(proxy: Proxy) -> None:
    proxy.close()
    wire = Wire(proxy.address)
    with pytest.raises(RefusedError):
        ask(wire)


def test_a_blackhole_swallows_until_healed(proxy: Proxy, wire: Wire) -> None:
    assert ask(wire).status == 200
    proxy.blackhole(DOWN)
    with pytest.raises(DoubtError):
        ask(wire)
    proxy.heal()
    assert ask(wire).status == 200


def test_delay_and_throttle_take_time(proxy: Proxy, wire: Wire) -> None:
    proxy.delay(0.1)
    began = clock()
    ask(wire)
    assert clock() - began >= 0.2
    proxy.heal()
    proxy.throttle(1000)
    began = clock()
    ask(wire)
    assert clock() - began >= 0.05


def test_a_cut_comes_in_the_middle(proxy: Proxy, wire: Wire) -> None:
    proxy.cut_mid_frame(after_bytes=60)
    assert ask(wire).status == 200
    with pytest.raises(DoubtError):
        ask(wire)


def test_a_reset_is_felt_by_who_waits(proxy: Proxy) -> None:
    waiting = Wire(proxy.address, timeout=5)
    ask(waiting)
    assert waiting.socket is not None
    gevent.spawn_later(0.05, proxy.reset)
    wait_read(waiting.socket.fileno(), timeout=2)
    with pytest.raises(ConnectionResetError):
        waiting.socket.recv(1)
    waiting.close()
