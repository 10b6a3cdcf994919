"""Who waits for the other end of a connection, and how that ends when it takes too long."""

import time
from contextlib import AbstractContextManager
from typing import Any

from chatapp.realtime.fairness import Turns


class WaitOverError(BaseException):
    """Ends the wait for a connection's next request."""


# Greenlets that wait for something, and since when, the longest first.
Waiting = dict[Any, float]


class Wait(AbstractContextManager[None]):
    """One for all who wait for the same. A timer for each would take a hundredth of a post."""

    def __init__(self) -> None:
        from gevent import getcurrent

        self.waiting: Waiting = {}
        self._current = getcurrent

    def __enter__(self) -> None:
        self.waiting[self._current()] = time.monotonic()

    def __exit__(self, kind: Any, value: Any, trace: Any) -> bool | None:
        self.waiting.pop(self._current(), None)


class NextRequest(Wait):
    """Once it has come, a request waits for its turn."""

    def __init__(self) -> None:
        super().__init__()
        self._turns = Turns()

    def __exit__(self, kind: Any, value: Any, trace: Any) -> bool:
        super().__exit__(kind, value, trace)
        if kind is None:
            self._turns.wait()
        return kind is WaitOverError


class Limit:
    """How long one may wait for the same as these: whoever has waited longer has `error` raised.

    Needs gevent.
    """

    def __init__(
        self, waiting: Waiting, seconds: float, error: type[BaseException] = WaitOverError
    ) -> None:
        from gevent import get_hub

        self.waiting, self.seconds, self.error = waiting, seconds, error
        # Of what the loop finds at one moment, whatever has come goes first.
        self._timer = get_hub().loop.timer(0, priority=-1)

    def look(self) -> None:
        """End what has taken longer by now, as soon as the loop comes round."""
        if longest(self.waiting) > self.seconds and not self.is_ending:
            self.end(self.seconds)

    def end(self, seconds: float = 0.0) -> None:
        """End what has taken so long, as soon as the loop comes round."""
        self._timer.start(end_waiting, self.waiting, seconds, self.error)

    @property
    def is_ending(self) -> bool:
        """Whether the loop has still to come round."""
        return self._timer.active

    def close(self) -> None:
        self._timer.close()


def longest(waiting: Waiting) -> float:
    """For how many seconds somebody has waited; nobody longer."""
    return time.monotonic() - next(iter(waiting.values())) if waiting else 0.0


def end_waiting(
    waiting: Waiting, seconds: float, error: type[BaseException] = WaitOverError
) -> None:
    """Who has waited for so long waits no more.

    Called by the loop itself, and so all at once, after the requests that it has just found.

    A greenlet's own `kill` comes a moment later: whoever's request has begun by then would lose it.
    """
    latest = time.monotonic() - seconds
    for greenlet, since in tuple(waiting.items()):
        if since > latest:
            return
        if greenlet in waiting:
            greenlet.throw(error)
