"""Requests take turns: however many have come at the same moment, the loop turns in between.

gevent goes on with up to fifty greenlets before it looks at its sockets and timers again. When each
is a request of a millisecond, nobody else is served for as many; a heartbeat, a delivery or another
person's post should not wait that long. So work on everybody at once is cut into stretches, too.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from chatapp.offload import give_way

T = TypeVar("T")

# As long as the loop may be held by requests in a row; one longer than this is alone in its turn.
TURN_SECONDS = 0.005


class Turns:
    """The requests that have come and wait, first come, first served. Needs gevent."""

    def __init__(self) -> None:
        from gevent import get_hub

        self._waiting: deque[Any] = deque()
        # It is due each time the loop comes round: what it starts for itself is for the next time.
        self._timer = get_hub().loop.timer(0)

    def wait(self) -> None:
        """Go on when it is this greenlet's turn."""
        from gevent.hub import Waiter

        waiter = Waiter()
        self._waiting.append(waiter)
        self._come_back()
        waiter.get()

    def _come_back(self) -> None:
        if not self._timer.active:
            self._timer.start(self._give)

    def _give(self) -> None:
        """Called by the loop: each goes on from here until it waits for something."""
        self._timer.stop()
        until = time.monotonic() + TURN_SECONDS
        while self._waiting and time.monotonic() < until:
            self._waiting.popleft().switch(None)
        if self._waiting:
            self._come_back()


def stretches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many of these at a time; between two stretches others have their turn."""
    for start in range(0, len(items), size):
        if start:
            give_way()
        yield items[start : start + size]
