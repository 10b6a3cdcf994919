"""How long the event loop was held, and by what. Pure.

A worker serves everybody in one thread. While one piece of work holds it, nobody else is served,
so whatever holds it for 50 ms is a fault to be found: here it is counted, with its stack.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

STALL_SECONDS = 0.05
# Five minutes of seconds, and the last few stalls.
SECONDS_KEPT = 300
STALLS_KEPT = 10


class Stall(NamedTuple):
    """A stretch of time, in seconds, in which nobody else was served.

    `ran`: how much of it the thread really ran; `waited`: how much it stood ready, without a
    processor. `stacks`: what it was seen doing, one look after the other, innermost frame first.
    """

    seconds: float
    ran: float
    waited: float
    stacks: Sequence[Sequence[str]] = ()

    @property
    def stack(self) -> Sequence[str]:
        """What it was doing most of the time."""
        seen = [stack[0] for stack in self.stacks]
        return max(self.stacks, key=lambda stack: seen.count(stack[0]), default=())

    @property
    def cause(self) -> str:
        """`work` of ours, the `machine` (others had the processor), or a `wait` in the system."""
        idle = self.seconds - self.ran - self.waited
        parts = {"work": self.ran, "machine": self.waited, "wait": idle}
        return max(parts, key=lambda name: parts[name])


class Stalls:
    """The record of one process."""

    def __init__(self) -> None:
        self.count = 0
        self.total_seconds = self.worst_seconds = 0.0
        self.last: deque[Stall] = deque(maxlen=STALLS_KEPT)
        self._longest: deque[float] = deque(maxlen=SECONDS_KEPT)

    def add(self, stall: Stall) -> None:
        """Nobody was served for STALL_SECONDS or more."""
        self.count += 1
        self.total_seconds += stall.seconds
        self.last.append(stall)

    def end_second(self, longest: float) -> None:
        """A second is over in which the loop turned; this was its longest stretch."""
        self.worst_seconds = max(self.worst_seconds, longest)
        self._longest.append(longest)

    def longest(self, part: float) -> float:
        """The longest stretch that this part of the last seconds did not exceed."""
        ordered = sorted(self._longest)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
