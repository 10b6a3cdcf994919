"""The same message twice, not one after the other but at the same instant, on two workers."""

import gevent

from tests.faults.harness.history import Send
from tests.faults.harness.insistence import AGAIN
from tests.faults.harness.person import Person
from tests.faults.harness.scene import Scene
from tests.faults.harness.wire import Answer, DoubtError, Wire
from tests.faults.harness.writer import Writer
from tests.faults.kinds.fault import Fault

# Connections that are opened until one of them is another worker's.
TRIES = 500


class SentTwiceAtOnce(Fault):
    """A message is released on two workers at once, and the next one, all the time."""

    name = "sent twice at once"
    hold = 4.0

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.keys: set[str] = set()

    def fits(self, scene: Scene) -> bool:
        return scene.place.workers > 1

    def inject(self, scene: Scene) -> None:
        self.stopped = False
        self.wires = wires_on_two_workers(scene, self.writer.person)
        self._sending = gevent.spawn(self._run)

    def heal(self, scene: Scene) -> None:
        self.stopped = True
        self._sending.join()
        for wire in self.wires:
            wire.close()

    def clear(self) -> None:
        self.writer.person.wire.close()

    def _run(self) -> None:
        while not self.stopped:
            send = self.writer.new_send()
            self.keys.add(send.key)
            for answer in self._release(send):
                self._note(send, answer)
            # Whatever became of them: it must be there, once.
            self.writer.repeat(send)

    def _note(self, send: Send, answer: Answer) -> None:
        if answer.status in (200, 201):
            self.writer.note_ack(send, answer)
        elif answer.status not in AGAIN and answer.status < 500:
            detail = f"one of two at once: {answer.status} {answer.text[:300]}"
            self.writer.history.trouble("refused", detail)

    def _release(self, send: Send) -> list[Answer]:
        try:
            return release_together(self.writer.person, self.wires, send.room, send.key, send.body)
        except DoubtError:
            return []


def wires_on_two_workers(scene: Scene, person: Person) -> tuple[Wire, Wire]:
    """Open connections until there is one to each of two workers."""
    found: dict[int, Wire] = {}
    for _ in range(TRIES):
        wire = Wire(scene.server.address, host=person.origin.partition("//")[2])
        assert wire.ask("GET", "/csrf-token", person.headers()).status == 200
        assert wire.socket is not None
        if found.setdefault(scene.server.worker_of(wire.socket), wire) is not wire:
            wire.close()
        if len(found) == 2:
            first, second = found.values()
            return first, second
    raise AssertionError(f"{TRIES} connections went to the same worker")


def release_together(
    person: Person, wires: tuple[Wire, Wire], room: int, key: str, body: str
) -> list[Answer]:
    """Send all but the last byte of the same post on both, then both last bytes.

    Raises `DoubtError` when a connection fails.
    """
    headers, form = person.post_parts({"body": body, "client_key": key})
    sockets = [wire.socket for wire in wires if wire.socket is not None]
    requests = [wire.request("POST", f"/rooms/{room}/messages", headers, form) for wire in wires]
    try:
        for connection, request in zip(sockets, requests, strict=True):
            connection.sendall(request[:-1])
        gevent.sleep(0.005)
        for connection, request in zip(sockets, requests, strict=True):
            connection.sendall(request[-1:])
        answers = [wire.read_answer() for wire in wires]
    except (OSError, ValueError) as error:
        raise DoubtError(f"{key} on two workers: {error!r}") from error
    for answer in answers:
        person.hear("a post on two workers", answer)
    return answers
