"""Faults that people make: readers that stop reading, and senders that never stop."""

import json
import socket
from contextlib import suppress

import gevent

from tests.faults.harness.person import Person
from tests.faults.harness.scene import Scene
from tests.faults.harness.websocket import (
    PING,
    TEXT,
    ClosedError,
    NotUpgradedError,
    WebSocket,
    encode,
)
from tests.faults.kinds.fault import Fault


class NeverReads(Fault):
    """Sockets that subscribe to a room and then read nothing more."""

    name = "never-reading sockets"
    hold = 6.0
    unnoticed = True

    def __init__(self, person: Person, room: int, count: int = 5) -> None:
        self.person = person
        self.room = room
        self.count = count
        self.sockets: list[WebSocket] = []

    def inject(self, scene: Scene) -> None:
        for _ in range(self.count):
            opened = self.person.open_socket(scene.server.address)
            opened.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            opened.send({"type": "subscribe", "room": self.room})
            self.sockets.append(opened)

    def heal(self, scene: Scene) -> None:
        for opened in self.sockets:
            opened.close()
        self.sockets.clear()


class Flood(Fault):
    """Sockets that send as fast as they can: frames, pings, fragments, rubbish."""

    name = "flood"
    hold = 4.0
    unnoticed = True

    def __init__(self, person: Person, room: int, count: int = 4) -> None:
        self.person = person
        self.room = room
        self.count = count
        self._pool: list[gevent.Greenlet] = []

    def inject(self, scene: Scene) -> None:
        typing = json.dumps({"type": "typing", "room": self.room}).encode()
        floods = [encode(TEXT, typing), encode(PING, b""), encode(TEXT, b"", final=False)]
        floods.append(encode(TEXT, b"x" * 70_000))
        for place in range(self.count):
            flood = floods[place % len(floods)] * 50
            self._pool.append(gevent.spawn(self._pour, scene, flood))

    def heal(self, scene: Scene) -> None:
        gevent.killall(self._pool)
        self._pool.clear()

    def _pour(self, scene: Scene, flood: bytes) -> None:
        while True:
            # It is sent away, sooner or later.
            with suppress(ClosedError, NotUpgradedError, OSError):
                self._pour_into(self.person.open_socket(scene.server.address), flood)
            gevent.sleep(0.2)

    def _pour_into(self, opened: WebSocket, flood: bytes) -> None:
        try:
            for _ in range(200):
                opened.socket.sendall(flood)
                gevent.sleep(0)
        except OSError:
            pass
        try:
            while True:
                opened.receive(timeout=2)
        finally:
            opened.close()
