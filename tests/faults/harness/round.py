"""One round: people write and look while things go wrong; then everything is audited."""

import random
from dataclasses import dataclass

import gevent

from tests.faults.harness.audit import gather
from tests.faults.harness.checker import check
from tests.faults.harness.history import Fall, History, clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person
from tests.faults.harness.scene import Scene
from tests.faults.harness.stored import Stored, read_store
from tests.faults.harness.violation import Violation
from tests.faults.harness.wanderer import Wanderer
from tests.faults.harness.writer import Writer
from tests.faults.kinds.fault import Fault

NAMES = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hana"]
# C6, C9, C10, C13 allow 5 to 20 s; what takes longer than this is a violation of its own.
PATIENCE = 45.0


@dataclass
class Cast:
    """How many there are of each, and how long a writer rests between two writes."""

    writers: int = 4
    observers: int = 5
    pause: float = 0.0
    seed: int = 1


class Round:
    """Runs on a started scene."""

    def __init__(self, scene: Scene, cast: Cast | None = None) -> None:
        self.scene = scene
        self.cast = cast or Cast()
        self.rng = random.Random(self.cast.seed)
        self.history = History()
        self.people: list[Person] = []
        self.rooms: list[int] = []
        self.writers: list[Writer] = []
        self.observers: list[Observer] = []
        self._writing: list[gevent.Greenlet] = []
        self._looking: list[gevent.Greenlet] = []

    # Before

    def set_up(self) -> None:
        """A workspace with two rooms for everybody and one that the last person is not in."""
        for place in range(self.cast.writers + 2):
            self.people.append(self.new_person(f"{NAMES[place % len(NAMES)]}{place}"))
        self.admin, self.stranger = self.people[0], self.people[-1]
        self._make_rooms()
        everybody = self.people[: self.cast.writers]
        for person in everybody:
            seed = self.rng.getrandbits(32)
            self.writers.append(Writer(person, self.rooms, self.history, seed, self.cast.pause))
        for place in range(self.cast.observers):
            self._add_observer(everybody[place % len(everybody)], self.rooms)
        self._add_observer(self.stranger, self.rooms[:2])
        self.wanderer = Wanderer(self.admin, self.people[-2], self.rooms, self.history, self.rng)
        self.observers.append(self.wanderer.observer)

    def new_person(self, name: str) -> Person:
        """Register one more person; the first one makes the workspace."""
        person = Person(self.scene.address, name, self.scene.server.origin)
        if self.people:
            person.register()
        else:
            person.first_run()
        return person

    def _make_rooms(self) -> None:
        general = min(self.admin.room_ids().values())
        second = self.admin.create_room("Second")
        closed = self.admin.create_room("Closed", kind="closed")
        self.rooms = [general, second, closed]
        self.history.joined(self.admin.id, general)
        self.history.joined(self.admin.id, second)
        self.history.joined(self.admin.id, closed)
        for person in self.people[1:]:
            for room in (general, second):
                person.join(room)
                self.history.joined(person.id, room)
        for person in self.people[1 : self.cast.writers]:
            self.admin.add(closed, person.name)
            self.history.joined(person.id, closed)

    def _add_observer(self, person: Person, rooms: list[int]) -> None:
        seed = self.rng.getrandbits(32)
        self.observers.append(Observer(person, rooms, self.history, seed))

    # During

    def start(self) -> None:
        self._writing = [gevent.spawn(one.run) for one in (*self.writers, self.wanderer)]
        self._looking = [gevent.spawn(one.run) for one in self.observers]

    def calm(self, seconds: float) -> None:
        """Nothing goes wrong for a while."""
        self.history.phase = "calm"
        gevent.sleep(seconds)

    def suffer(self, fault: Fault, hold: float | None = None) -> Fall:
        """One fault, from its beginning until everybody has recovered from it."""
        self.history.phase = fault.name
        fall = Fall(fault.name, clock(), 0.0)
        fault.inject(self.scene)
        gevent.sleep(fault.hold if hold is None else hold)
        fault.heal(self.scene)
        fall.ended = clock()
        self.history.falls.append(fall)
        self._await_recovery(fall)
        return fall

    def _await_recovery(self, fall: Fall) -> None:
        """Each observer must have all that was acknowledged; each writer a new answer."""
        heads = self.heads()
        waiting: list[Observer | Writer] = [*self.writers]
        waiting += [one for one in self.observers if not one.stopped]
        while waiting and clock() - fall.ended < PATIENCE:
            done = [one for one in waiting if one.recovered(heads, fall.ended)]
            fall.recoveries += [clock() - fall.ended] * len(done)
            waiting = [one for one in waiting if one not in done]
            gevent.sleep(0.02)
        if waiting:
            self.history.trouble("unrecovered", f"{len(waiting)} clients after {PATIENCE} s")

    def heads(self) -> dict[int, int]:
        """The highest acknowledged seq of each room."""
        heads = dict.fromkeys(self.rooms, 0)
        for send in self.history.sends:
            if send.seq is not None and send.seq > heads[send.room]:
                heads[send.room] = send.seq
        return heads

    # After

    def finish(self) -> tuple[Stored, list[Violation]]:
        """Stop writing, let everybody catch up, look at everything, and judge."""
        self.history.phase = "calm"
        for writer in (*self.writers, self.wanderer):
            writer.stop()
        gevent.joinall(self._writing, timeout=40)
        self._await_the_end()
        for observer in self.observers:
            observer.stop()
        gevent.joinall(self._looking, timeout=10)
        gevent.killall(self._writing + self._looking)
        stored = read_store(self.scene.store_url)
        evidence = gather(self.history, self.observers, self.admin, self.rooms)
        return stored, check(self.history, stored, evidence)

    def _await_the_end(self) -> None:
        """Every observer gets the whole of what there is, or the audit tells what it has not."""
        stored = read_store(self.scene.store_url)
        heads = {room: stored.heads[room][0] for room in self.rooms}
        deadline = clock() + 15
        while clock() < deadline and not all(one.has(heads) for one in self.observers):
            gevent.sleep(0.05)

    def close(self) -> None:
        for person in self.people:
            person.wire.close()
        for one in (*self.writers, *self.observers, self.wanderer):
            one.close()
