"""How far the pages are behind the writers while nothing goes wrong."""

from collections import deque
from collections.abc import Iterable

import gevent

from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import History, clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.recovery import HEALED_SECONDS

LOOK_SECONDS = 0.1


class Lag:
    """What each page has yet to get, oldest first: when it was acknowledged, and how far it is."""

    def __init__(self, history: History, observers: Iterable[Observer]) -> None:
        self.history = history
        self.missing: dict[Observer, deque[tuple[float, dict[int, int]]]] = {
            one: deque() for one in observers if not one.stopped
        }

    def watch(self, seconds: float) -> None:
        """Look at every page again and again; more than HEALED_SECONDS is a violation (C6)."""
        ends = clock() + seconds
        while clock() < ends:
            for page, missing in self.missing.items():
                self._look(page, missing)
            gevent.sleep(LOOK_SECONDS)

    def _look(self, page: Observer, missing: deque[tuple[float, dict[int, int]]]) -> None:
        now = clock()
        missing.append((now, dict(self.history.heads)))
        while missing and page.has(missing[0][1]):
            missing.popleft()
        behind = now - missing[0][0] if missing else 0.0
        self.history.lags[round(behind, 1)] += 1
        if behind > allowed(HEALED_SECONDS):
            heads = missing[0][1]
            missing.clear()
            self.history.trouble("late", f"behind by {behind:.1f} s: {page.lacks(heads)}")
