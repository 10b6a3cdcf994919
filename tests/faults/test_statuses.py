"""A 500 is noticed wherever the harness gets one, and so is what gets no answer."""

import socket
from collections.abc import Iterator

import gevent
import pytest
from gevent.server import StreamServer

from tests.faults.harness.history import History
from tests.faults.harness.person import Person
from tests.faults.harness.ports import free_port
from tests.faults.harness.visitor import NO_ANSWER, Visitor
from tests.faults.harness.websocket import NotUpgradedError
from tests.faults.harness.wire import Address, Wire
from tests.faults.kinds.duplicates import release_together

FAILED = b"HTTP/1.1 500 No\r\nContent-Length: 4\r\nConnection: close\r\n\r\noops"


@pytest.fixture
def failing() -> Iterator[Address]:
    """The address of a server that answers everything with a 500."""
    server = StreamServer(("127.0.0.1", 0), fail)
    server.start()
    yield ("127.0.0.1", server.server_port)
    server.stop()


def fail(connection: socket.socket, _address: Address) -> None:
    """Once the head and, of a post on two workers, the last byte have come."""
    data = b""
    while b"\r\n\r\n" not in data or (data.startswith(b"POST") and b"last" not in data):
        data += connection.recv(65536)
    connection.sendall(FAILED)
    connection.close()


@pytest.fixture
def history() -> History:
    return History()


def person(address: Address, history: History) -> Person:
    origin = f"http://127.0.0.1:{address[1]}"
    return Person(address, "ann", origin, tell=history.answered)


def troubles(history: History) -> list[str]:
    return [f"{trouble.kind}: {trouble.detail}" for trouble in history.troubles]


def test_a_500_of_a_page_is_trouble(failing: Address, history: History) -> None:
    assert person(failing, history).get("/rooms/7").status == 500
    assert troubles(history) == ["failed: GET /rooms/7: 500 oops"]


def test_a_500_of_a_handshake_is_trouble(failing: Address, history: History) -> None:
    with pytest.raises(NotUpgradedError):
        person(failing, history).open_socket()
    assert troubles(history) == ["failed: a handshake: 500 "]


def test_a_500_of_one_of_two_at_once_is_trouble(failing: Address, history: History) -> None:
    wires = Wire(failing), Wire(failing)
    for wire in wires:
        wire.connect()
    release_together(person(failing, history), wires, 7, "last", "hello")
    assert troubles(history) == ["failed: a post on two workers: 500 oops"] * 2


def test_a_visitor_keeps_what_failed(failing: Address, history: History) -> None:
    ann = person(failing, history)
    nobody = ("127.0.0.1", free_port())
    visitors = [Visitor(ann, address, "/up", anew=True) for address in (failing, nobody)]
    gevent.sleep(0.2)
    for visitor in visitors:
        visitor.stop()
    statuses = [{visit.status for visit in visitor.failures} for visitor in visitors]
    assert statuses == [{500}, {NO_ANSWER}]
