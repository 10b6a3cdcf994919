"""A page asks by HTTP for what it has missed."""

import random
from collections.abc import Callable
from typing import Any

import gevent
from gevent.pool import Group

from tests.faults.harness.history import History
from tests.faults.harness.insistence import AGAIN
from tests.faults.harness.person import Person
from tests.faults.harness.view import View
from tests.faults.harness.wire import Answer, Wire

# What is missing may be on its way: a page waits so long before it asks.
ASK_AFTER = 0.1


class Asking:
    """Rooms are asked for side by side, as by pages that show one each.

    `shows`: whether a view is still on the page; `note` takes what goes in its diary.
    """

    def __init__(
        self,
        person: Person,
        history: History,
        rng: random.Random,
        shows: Callable[[View], bool],
        note: Callable[[str], None],
    ) -> None:
        self.person = person
        self.history = history
        self.rng = rng
        self.shows, self.note = shows, note
        self.times = 0
        self._askers = Group()
        self._spare: list[Wire] = []

    def catch_up(self, view: View) -> None:
        """Begin to ask, where something is missing and nobody asks yet."""
        if view.is_behind and not view.asking:
            view.asking = True
            self._askers.start(gevent.Greenlet(self._ask, view))

    def stop(self) -> None:
        self._askers.kill()
        for wire in self._spare:
            wire.close()

    def _ask(self, view: View) -> None:
        """Until nothing is missing any more."""
        wire = self._spare.pop() if self._spare else self.person.new_wire()
        wire.timeout = 5.0
        try:
            while view.is_behind and self.shows(view):
                gevent.sleep(ASK_AFTER)
                if view.is_behind:
                    self._catch_up(view, wire)
        finally:
            view.asking = False
            self._spare.append(wire)

    def _catch_up(self, view: View, wire: Wire) -> None:
        """Ask for what is missing, page by page, until there is no more."""
        self.times += 1
        more = True
        while more and self.shows(view):
            try:
                answer = self.person.changes(view.room, view.have, wire)
            except ConnectionError as error:
                self.note(f"room {view.room}: {error}")
                gevent.sleep(self.rng.uniform(0, 1))
                continue
            if answer.status == 200:
                more = self._take(view, answer.json())
            else:
                self._refused(view, answer)
                gevent.sleep(self.rng.uniform(0, 1))

    def _refused(self, view: View, answer: Answer) -> None:
        """That is trouble, but where it passes, or the page has left the room meanwhile."""
        self.note(f"room {view.room}: {answer.status}")
        if self.shows(view) and answer.status not in AGAIN and answer.status < 500:
            detail = f"catching up: {answer.status} {answer.text[:300]}"
            self.history.trouble("failed", detail)

    def _take(self, view: View, page: dict[str, Any]) -> bool:
        """Apply a page of changes; whether there are more. No round begins another history."""
        if page["reset"]:
            self.history.trouble("failed", f"{self.person.name}'s page was told to begin anew")
            view.head = view.have
            return False
        view.catch_up(page)
        return page["more"]
