"""C22: somebody else holds SQLite's write lock. Writers wait; nobody else notices."""

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import clock
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place
from tests.faults.harness.websocket import WebSocket
from tests.faults.kinds.databases import ForeignLock
from tests.measures import note

# Whoever waits gives up after 5 s.
LOCKED_SECONDS = 4.5


@pytest.mark.timeout(120)
def test_a_lock_of_almost_5_seconds_only_delays(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=1, observers=0))
    lock, person, room = ForeignLock(LOCKED_SECONDS), played.admin, played.rooms[0]
    lock.inject(played.scene)
    began = clock()
    gevent.spawn_later(LOCKED_SECONDS, lock.heal, played.scene)
    answer = person.post(room, "patience", "foreign-lock-1")
    assert answer.status == 201
    assert -0.1 < clock() - began - LOCKED_SECONDS < allowed(1)


@pytest.mark.timeout(120)
def test_a_longer_lock_is_503_and_sockets_and_pages_go_on(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=0, observers=0))
    person, other, room = played.admin, played.people[1], played.rooms[0]
    watching, typing = person.open_socket(), other.open_socket()
    for one in (watching, typing):
        one.receive()
        one.send({"type": "subscribe", "room": room})
    lock = ForeignLock(40)
    lock.inject(played.scene)
    try:
        sending = gevent.spawn(person.post, room, "too long", "foreign-lock-2")
        heard = flows(watching, typing, room)
        page = other.room_page(room)
        answer = sending.get(timeout=30)
    finally:
        lock.heal(played.scene)
        watching.close()
        typing.close()
    note("C22", "a frame of others meanwhile", heard)
    assert heard < allowed(0.5)
    assert page.number == 0
    assert answer.status == 503
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    assert person.post(room, "too long", "foreign-lock-2").status == 201


def flows(watching: WebSocket, typing: WebSocket, room: int) -> float:
    """How long a typing notice takes while writers wait."""
    gevent.sleep(1)
    began = clock()
    typing.send({"type": "typing", "room": room})
    while b'"typing"' not in watching.receive(timeout=5):
        pass
    return clock() - began
