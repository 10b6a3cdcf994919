"""A person who writes: posts, edits, deletes, reacts, retries, and notes every acknowledgement."""

import random
from collections.abc import Callable
from contextlib import suppress

import gevent

from tests.faults.harness.history import Change, History, Send, clock
from tests.faults.harness.insistence import Insistence
from tests.faults.harness.person import Person
from tests.faults.harness.wire import Answer

WORDS = ["river", "stone", "quiet", "Müller", "東京", "naïve", "harbour", "مرحبا", "🙂", "late"]
EMOJI = ["👍", "🎉", "❤️"]
# As many as a page of search results holds: one request looks for all of them.
GROUP_SIZE = 30
# How often, of 1,000 steps, each of these happens.
ODDS = {"post": 900, "again": 10, "twice": 10, "edit": 30, "delete": 10, "react": 40}


class Writer:
    """Writes one thing after the other into its rooms until stopped."""

    def __init__(
        self, person: Person, rooms: list[int], history: History, seed: int, pause: float = 0.0
    ) -> None:
        self.person = person
        self.rooms = rooms
        self.history = history
        self.rng = random.Random(seed)
        self.pause = pause
        self.insistence = Insistence(person, history, self.rng)
        self.stopped = False
        self._second_wire = person.new_wire()
        self._sent: list[Send] = []
        self._count = 0
        self._group = ""

    @property
    def last_ack(self) -> float:
        return self.insistence.last_fine

    def recovered(self, _heads: dict[int, int], since: float) -> bool:
        """Whether a write was acknowledged again after the fault had ended."""
        return self.last_ack > since

    def lacks(self, _heads: dict[int, int]) -> str:
        return f"writer {self.person.name}, answered {clock() - self.last_ack:.1f} s ago"

    def run(self) -> None:
        while not self.stopped:
            self.step()
            gevent.sleep(self.pause)

    def stop(self, patience: float = 30.0) -> None:
        """No new writes; what is under way may still be finished for `patience` seconds."""
        self.insistence.give_up_at = clock() + patience
        self.stopped = True

    def close(self) -> None:
        self._second_wire.close()

    def step(self) -> None:
        """One post, or one of the rarer things."""
        kind = self.rng.choices(list(ODDS), weights=list(ODDS.values()))[0]
        getattr(self, kind)()

    def post(self) -> Send:
        """A new message, sent until acknowledged."""
        send = self.new_send()
        answer = self.insistence.until_answered(lambda: self._try(send))
        if answer is not None:
            self.note_ack(send, answer)
        return send

    def again(self) -> None:
        """A double click: the acknowledged message is sent once more, with the same key."""
        send = self.post()
        if send.acked is not None:
            self.repeat(send)

    def twice(self) -> None:
        """The same message on two connections at the same time."""
        send = self.new_send()
        other = gevent.spawn(self._try_elsewhere, send)
        answer = self.insistence.until_answered(lambda: self._try(send))
        other.join()
        if answer is not None:
            self.note_ack(send, answer)

    def edit(self) -> None:
        send = self._own()
        if send is None or send.id is None:
            return
        body = f"{send.body} changed{self._next()}"
        change = self.history.change("edit", send.author, send.id, body)
        if self._change(change, lambda: self.person.edit(change.message, body)):
            send.body = body

    def delete(self) -> None:
        send = self._own()
        if send is None or send.id is None:
            return
        self._sent.remove(send)
        change = self.history.change("delete", send.author, send.id)
        self._change(change, lambda: self.person.delete(change.message))

    def react(self) -> None:
        send = self._own()
        if send is None or send.id is None:
            return
        emoji, on = self.rng.choice(EMOJI), self.rng.choice((1, 1, 0))
        kind = "react" if on else "unreact"
        change = self.history.change(kind, send.author, send.id, emoji)
        self._change(change, lambda: self.person.react(change.message, emoji, on))

    def note_ack(self, send: Send, answer: Answer) -> None:
        """Keep what the answer promised; a second answer must promise the same."""
        said = answer.json()
        if send.acked is None:
            self.history.ack(send, said["id"], said["seq"], said["number"])
            self._sent = [*self._sent[-19:], send]
        elif said["id"] != send.id:
            self.history.trouble("doubled", f"{send.key} is {send.id} and {said['id']}")

    def repeat(self, send: Send) -> None:
        """Send this one once more, until it is answered."""
        answer = self.insistence.until_answered(lambda: self._try(send))
        if answer is not None:
            self.note_ack(send, answer)

    def _change(self, change: Change, ask: Callable[[], Answer]) -> bool:
        answer = self.insistence.until_answered(ask)
        if answer is not None:
            self.history.ack_change(change)
        return answer is not None

    def _try(self, send: Send) -> Answer:
        send.tries += 1
        return self.person.post(send.room, send.body, send.key)

    def _try_elsewhere(self, send: Send) -> None:
        with suppress(ConnectionError):
            self.person.post(send.room, send.body, send.key, self._second_wire)

    def _own(self) -> Send | None:
        return self.rng.choice(self._sent) if self._sent else None

    def _next(self) -> int:
        self._count += 1
        return self._count

    def new_send(self) -> Send:
        """A message that nobody has sent yet."""
        if self._count % GROUP_SIZE == 0:
            self._group = f"g{self.rng.getrandbits(60):015x}"
        key = f"{self.rng.getrandbits(96):024x}"
        words = " ".join(self.rng.choice(WORDS) for _ in range(self.rng.randrange(1, 9)))
        body = f"k{key} {self._group} {words} {self._next()}"
        room = self.rng.choice(self.rooms)
        return self.history.invoke(self.person.id, key, room, body, self._group)
