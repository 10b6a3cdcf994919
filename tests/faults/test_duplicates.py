"""C2: the same message, released at the same instant on two workers, is one row."""

import gevent
import psutil
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.person import Person
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place, Scene
from tests.faults.harness.stored import read_store
from tests.faults.harness.wire import Wire

KEYS = 40
PLACE = Place("postgresql", workers=2)


def worker_of(scene: Scene, wire: Wire) -> int:
    """The process that holds the other end of this connection."""
    assert wire.socket is not None
    port = wire.socket.getsockname()[1]
    for pid in scene.server.worker_pids():
        for connection in psutil.Process(pid).net_connections("tcp"):
            if connection.raddr and connection.raddr.port == port:
                return pid
    return 0


def wires_on_two_workers(scene: Scene, person: Person) -> tuple[Wire, Wire]:
    """Open connections until there is one to each of two workers."""
    found: dict[int, Wire] = {}
    while len(found) < 2:
        wire = Wire(scene.server.address, host=person.origin.partition("//")[2])
        assert wire.ask("GET", "/csrf-token", person.headers()).status == 200
        if found.setdefault(worker_of(scene, wire), wire) is not wire:
            wire.close()
    first, second = found.values()
    return first, second


def release_together(person: Person, wires: tuple[Wire, Wire], room: int, key: str) -> list[int]:
    """Send all but the last byte of the same post on both, then both last bytes."""
    headers, body = person.post_parts({"body": f"once {key}", "client_key": key})
    sockets = [wire.socket for wire in wires if wire.socket is not None]
    requests = [wire.request("POST", f"/rooms/{room}/messages", headers, body) for wire in wires]
    for connection, request in zip(sockets, requests, strict=True):
        connection.sendall(request[:-1])
    gevent.sleep(0.005)
    for connection, request in zip(sockets, requests, strict=True):
        connection.sendall(request[-1:])
    answers = [wire.read_answer() for wire in wires]
    assert sorted(answer.status for answer in answers) == [200, 201]
    return [answer.json()["id"] for answer in answers]


@pytest.mark.timeout(120)
def test_a_message_sent_to_two_workers_at_once_is_stored_once(make_round: MakeRound) -> None:
    played = make_round(PLACE, Cast(writers=1, observers=0))
    person, room = played.admin, played.rooms[0]
    wires = wires_on_two_workers(played.scene, person)
    ids = [release_together(person, wires, room, f"duplicate-{n:04}") for n in range(KEYS)]
    for wire in wires:
        wire.close()
    assert all(first == second for first, second in ids)
    rows = read_store(played.scene.store_url).of_room(room)
    assert [row.key for row in rows] == [f"duplicate-{n:04}" for n in range(KEYS)]
    assert [row.number for row in rows] == list(range(1, KEYS + 1))
