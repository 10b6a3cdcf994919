"""One round: people write and look while things go wrong; then everything is audited."""

import random
from dataclasses import dataclass
from math import inf

import gevent

from tests.faults.harness.audit import gather
from tests.faults.harness.bounds import allowed
from tests.faults.harness.checker import check
from tests.faults.harness.history import Fall, History, clock
from tests.faults.harness.lag import Lag
from tests.faults.harness.log import unexplained
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person
from tests.faults.harness.recovery import await_recovery
from tests.faults.harness.scene import Scene
from tests.faults.harness.stored import Stored, read_store
from tests.faults.harness.violation import Violation
from tests.faults.harness.wanderer import Wanderer
from tests.faults.harness.writer import Writer
from tests.faults.kinds.fault import Fault

NAMES = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hana"]
PRESENCE_SECONDS = 20.0
# Of what is said in calm, pages have to ask for what a busy machine has them hear out of order.
LIVE_SHARE, FEWEST_HEARD = 0.5, 100


@dataclass
class Cast:
    """How many there are of each, and how long a writer rests between two writes.

    Writers into one room wait for each other on PostgreSQL: more open rooms, more writes.
    """

    writers: int = 4
    observers: int = 5
    rooms: int = 2
    # Whether there is a crowd that only looks, at a room of its own.
    crowd: bool = False
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
        # Those that the writers don't write into.
        self.quiet_rooms: list[int] = []
        self.writers: list[Writer] = []
        self.observers: list[Observer] = []
        self.wanderers: list[Wanderer] = []
        self._writing: list[gevent.Greenlet] = []
        self._looking: list[gevent.Greenlet] = []

    # Before

    def set_up(self) -> None:
        """A workspace with rooms for everybody and a last one that the last person is not in."""
        for place in range(self.cast.writers + 2):
            self.new_person(f"{NAMES[place % len(NAMES)]}{place}")
        self.admin, self.stranger = self.people[0], self.people[-1]
        self._make_rooms()
        everybody = self.people[: self.cast.writers]
        for person in everybody:
            seed = self.rng.getrandbits(32)
            self.writers.append(Writer(person, self.rooms, self.history, seed, self.cast.pause))
        for place in range(self.cast.observers):
            self._add_observer(everybody[place % len(everybody)], self.rooms)
        self._add_observer(self.stranger, self.rooms[:-1])
        wanderer = Wanderer(self.admin, self.people[-2], self.rooms, self.history, self.rng)
        self.wanderers.append(wanderer)
        self._look(wanderer.observer)
        if self.cast.crowd:
            self.crowd = self._make_crowd()

    def new_person(self, name: str) -> Person:
        """Register one more person; the first one makes the workspace."""
        origin, tell = self.scene.server.origin, self.history.answered
        person = Person(self.scene.address, name, origin, tell=tell)
        self.people.append(person)
        if len(self.people) > 1:
            person.register()
        else:
            person.first_run()
        return person

    def _make_rooms(self) -> None:
        self.rooms = [min(self.admin.room_ids().values())]
        self.rooms += [self.admin.create_room(f"Room {n}") for n in range(2, self.cast.rooms + 1)]
        closed = self.admin.create_room("Closed", kind="closed")
        self.rooms.append(closed)
        for room in self.rooms:
            self.history.joined(self.admin.id, room)
        for person in self.people[1:]:
            for room in self.rooms[:-1]:
                person.join(room)
                self.history.joined(person.id, room)
        for person in self.people[1 : self.cast.writers]:
            self.admin.add(closed, person.name)
            self.history.joined(person.id, closed)

    def _make_crowd(self) -> Writer:
        """Somebody who is in no other room than the crowd's, which everybody else is in, too."""
        person = self.new_person("crowd")
        room = self.admin.create_room("Crowd")
        for one in self.people:
            one.join(room)
            self.history.joined(one.id, room)
        person.leave(self.rooms[0])
        self.quiet_rooms.append(room)
        return Writer(person, [room], self.history, self.rng.getrandbits(32))

    def _add_observer(self, person: Person, rooms: list[int]) -> None:
        self._look(Observer(person, rooms, self.history, self.rng.getrandbits(32)))

    def _look(self, observer: Observer) -> None:
        self.observers.append(observer)
        self.history.pages += [(observer.person.name, room) for room in observer.views]

    # During

    def start(self) -> None:
        self._writing = [gevent.spawn(one.run) for one in (*self.writers, *self.wanderers)]
        self._looking = [gevent.spawn(one.run) for one in self.observers]

    def calm(self, seconds: float) -> None:
        """Nothing goes wrong for a while."""
        self.history.phase = "calm"
        Lag(self.history, self.observers).watch(seconds)

    def suffer(self, fault: Fault, hold: float | None = None) -> Fall:
        """One fault, from its beginning until everybody has recovered from it."""
        self.history.phase = fault.name
        workers = self.scene.server.worker_pids()
        fall = self._befall(fault, fault.hold if hold is None else hold)
        pages = [one for one in self.observers if not one.stopped]
        clients = [*self.writers, *pages, *fault.witnesses()]
        await_recovery(self.history, fall, clients, fault.bound)
        if not fault.kills:
            self._check_alive(workers)
        fault.clear()
        return fall

    def _befall(self, fault: Fault, hold: float) -> Fall:
        fall, acked = Fall(fault.name, clock(), 0.0), self.history.acked
        fault.inject(self.scene)
        gevent.sleep(hold)
        if fault.unnoticed and self.history.acked == acked:
            self.history.trouble("unanswered", f"nothing was acknowledged for {hold:.0f} s")
        fault.heal(self.scene)
        fall.ended = clock() if fault.ended is None else fault.ended
        self.history.falls.append(fall)
        return fall

    def _check_alive(self, workers: list[int]) -> None:
        """C10, C21: no process needs a restart, not even one that nobody notices."""
        died = set(workers) - set(self.scene.server.worker_pids())
        if died:
            self.history.trouble("died", f"workers {sorted(died)} of {workers}")

    def delays(self) -> list[float]:
        """How long after its acknowledgement each message arrived on each page by its frame."""
        acks = {send.id: send.acked for send in self.history.sends if send.acked is not None}
        return [
            max(0.0, arrived - acks[message])
            for observer in self.observers
            for message, arrived in observer.arrivals.items()
            if message in acks
        ]

    # After

    def finish(self) -> tuple[Stored, list[Violation]]:
        """Stop writing, let everybody catch up, look at everything, and judge."""
        self.history.phase = "calm"
        for writer in (*self.writers, *self.wanderers):
            writer.stop()
        gevent.joinall(self._writing, timeout=40)
        self._await_the_end()
        self._check_live()
        for observer in self.observers:
            observer.stop()
        gevent.joinall(self._looking, timeout=10)
        self._check_lasted()
        self._check_log()
        gevent.killall(self._writing + self._looking)
        stored = read_store(self.scene.store_url)
        readers = [writer.person for writer in self.writers]
        rooms = [*self.rooms, *self.quiet_rooms]
        evidence = gather(self.history, self.observers, self.people, rooms, readers)
        return stored, check(self.history, stored, evidence)

    def _check_live(self) -> None:
        """A server that tells nobody anything is no chat, even if all who ask get everything.

        Without Redis, what is said on another worker is asked for.
        """
        if self.scene.place.hears_all_at_once and (share := self.live_share()) < LIVE_SHARE:
            said = f"{share:.0%} of what was said in calm"
            self.history.trouble("unheard", f"only {said} came to the pages by itself")

    def live_share(self) -> float:
        """What part of what was said in calm came in its frame to the pages that listened."""
        said = [send for send in self.history.sends if send.phase == "calm" and send.acked]
        came = [
            send.id in page.arrivals
            for page in self.observers
            for send in said
            if send.room in page.views and page.listens(send.invoked, send.acked or inf)
        ]
        return sum(came) / len(came) if len(came) >= FEWEST_HEARD else 1.0

    def _check_log(self) -> None:
        for trace in unexplained(self.scene.server.log):
            self.history.trouble("raised", trace)

    def _check_lasted(self) -> None:
        """Whoever broke off has not looked, or not written, for the rest of the round."""
        for greenlet in (*self._writing, *self._looking):
            if not greenlet.successful():
                reason = repr(greenlet.exception) if greenlet.dead else "has not ended"
                self.history.trouble("unlooked", f"{greenlet}: {reason}")

    def _await_the_end(self) -> None:
        """Every observer gets the whole of what there is, or the audit tells what it has not."""
        stored = read_store(self.scene.store_url)
        heads = {room: stored.heads[room][0] for room in self.rooms}
        deadline = clock() + 15
        while clock() < deadline and not all(one.has(heads) for one in self.observers):
            gevent.sleep(0.05)
        self._await_true_presence()

    def _await_true_presence(self) -> None:
        """C19: after 20 s at most, every page shows as present exactly who has an open page."""
        watching = [one for one in self.observers if not one.stopped]
        here = {one.person.id for one in watching}
        deadline = clock() + allowed(PRESENCE_SECONDS)
        while clock() < deadline and any(one.sees_online() != here for one in watching):
            gevent.sleep(0.05)
        wrong = [one.person.name for one in watching if one.sees_online() != here]
        if wrong:
            self.history.trouble("presence", f"wrong on the pages of {wrong}")

    def close(self) -> None:
        for person in self.people:
            person.wire.close()
        for one in (*self.writers, *self.observers, *self.wanderers):
            one.close()
