"""Waiting until everybody has recovered from a fault, and saying who took too long, and why."""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import gevent

from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import Fall, History, clock

# C6: after this time a lost hint has healed. Somebody always writes, so a page never has all there
# is; without Redis, for one, it hears of the other worker's messages once a second.
HEALED_SECONDS = 3.0
# How long anybody is waited for at all.
PATIENCE = 45.0


class Client(Protocol):
    """A page or a writer."""

    def recovered(self, heads: dict[int, int], since: float, /) -> bool:
        """Whether it has these heads, or has had an answer since then."""

    def lacks(self, heads: dict[int, int], /) -> str:
        """Who it is, what it waits for, and what lately happened to it."""


def await_recovery(history: History, fall: Fall, clients: Iterable[Client], bound: float) -> None:
    """Each page must be connected and have what the contract says; each writer an answer.

    That is everything acknowledged before the fault ended, and, once that is longer ago than
    HEALED_SECONDS, everything older than those. Who takes longer than `bound` is a violation.
    """
    marks = Marks(history, fall.ended)
    waiting, overdue = list(clients), {}
    while waiting and clock() - fall.ended < PATIENCE:
        heads, took = marks.look(), clock() - fall.ended
        done = {one for one in waiting if one.recovered(heads, fall.ended)}
        waiting = [one for one in waiting if one not in done]
        fall.recoveries += [took] * len(done)
        for one in done:
            if one in overdue:
                history.trouble("late", f"{took:.1f} s instead of {bound:.0f}: {overdue[one]}")
        if took > allowed(bound):
            overdue |= {one: one.lacks(heads) for one in waiting if one not in overdue}
        gevent.sleep(0.02)
    for one in waiting:
        history.trouble("unrecovered", f"after {PATIENCE:.0f} s: {one.lacks(marks.look())}")


class Marks:
    """What was acknowledged when, from the end of a fault on."""

    def __init__(self, history: History, ended: float) -> None:
        self.history = history
        self._marks = deque([(ended, dict(history.heads))])

    def look(self) -> dict[int, int]:
        """What a page must have now."""
        now = clock()
        self._marks.append((now, dict(self.history.heads)))
        while self._marks[1][0] <= now - HEALED_SECONDS:
            self._marks.popleft()
        return self._marks[0][1]
