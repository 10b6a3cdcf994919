"""A person who is let into the closed room and put out again, all the time."""

import random
from contextlib import suppress

import gevent

from tests.faults.harness.bounds import REVOKED_SECONDS, allowed
from tests.faults.harness.browser import UnexpectedAnswerError
from tests.faults.harness.history import History, clock
from tests.faults.harness.insistence import Insistence
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person

# Who asks for a room that they were put out of has an answer by then, or it counts for nothing.
ANSWER_SECONDS = 0.5


class Wanderer:
    """An admin adds and removes the person; their page must follow, and hear nothing between."""

    def __init__(
        self,
        admin: Person,
        person: Person,
        rooms: list[int],
        history: History,
        rng: random.Random,
    ) -> None:
        self.admin = admin
        self.person = person
        self.closed = rooms[-1]
        self.history = history
        self.rng = rng
        self.observer = Observer(person, rooms[:-1], history, rng.getrandbits(32))
        self.insistence = Insistence(admin, history, rng)
        self.wire = admin.new_wire()
        # How often they were let in and put out again.
        self.visits = 0
        self.stopped = False

    def run(self) -> None:
        # Once at least, so that every round has looked at C20.
        while not self.stopped or not self.visits:
            # Half of the time longer than the server may need to notice.
            gevent.sleep(self.rng.uniform(0.5, 2 * allowed(REVOKED_SECONDS)))
            with suppress(OSError):
                self.observer.knock(self.closed)
            gevent.sleep(ANSWER_SECONDS)
            self.come()
            gevent.sleep(self.rng.uniform(0.5, 3))
            self.go()
            self.visits += 1

    def stop(self) -> None:
        self.insistence.give_up_at = clock() + 30
        self.stopped = True

    def close(self) -> None:
        self.wire.close()

    def come(self) -> None:
        """Let in: a member from the moment the request is sent."""
        self.history.joined(self.person.id, self.closed)
        path = f"/rooms/{self.closed}/members"
        name = self.person.name
        self.insistence.until_answered(lambda: self.admin.submit(path, self.wire, user_name=name))
        with suppress(ConnectionError, UnexpectedAnswerError):
            self.observer.watch(self.closed)

    def go(self) -> None:
        """Put out: no member any more once that is acknowledged."""
        path = f"/rooms/{self.closed}/members/{self.person.id}/remove"
        # From now on the page may be told that there is no such room.
        self.observer.unwatch(self.closed)
        self.insistence.until_answered(lambda: self.admin.submit(path, self.wire))
        self.history.left(self.person.id, self.closed)
