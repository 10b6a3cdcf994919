"""Doing together what waits at the same moment: whoever has the turn does it for all.

This is flat combining. Whoever comes while another has the turn waits, and is taken along by the
next, so that a lock is taken and a commit waited for once for many. Alone, one goes at once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from chatapp.domain.errors import DomainError
from chatapp.domain.transaction import PATIENCE_SECONDS, busy, perhaps_done, taken

# A transaction stays short: others wait for their turn, too.
AT_ONCE = 64

T = TypeVar("T")
R = TypeVar("R")


# Does for all that the first argument gives what it is there for, or for none: what became of each,
# in their order. To be called once, as late as can be. The other argument: seconds of patience.
DoAll = Callable[[Callable[[], list[T]], float], list[R | Exception]]


class Turns(Generic[T, R]):
    """Those who wait to have the same done, and whose turn it is to do it."""

    def __init__(self, do_all: DoAll[T, R]) -> None:
        self._do_all = do_all
        self._turn = threading.Lock()
        self._waiting: deque[_Task[T, R]] = deque()

    def do(self, item: T) -> R:
        """Have it done, alone or with others. Raises what became of it, or `Busy`."""
        task, deadline = _Task[T, R](item), time.monotonic() + PATIENCE_SECONDS
        self._waiting.append(task)
        try:
            if not taken(self._turn, PATIENCE_SECONDS):
                # A batch under way may have taken it along.
                raise busy() if task in self._waiting else perhaps_done()
            try:
                # Another's turn may have taken it along.
                if task.outcome is None:
                    self._take_turn(task, deadline)
            finally:
                self._turn.release()
        finally:
            with suppress(ValueError):
                self._waiting.remove(task)
        if task.outcome is None or isinstance(task.outcome, Exception):
            raise task.outcome or busy()
        return task.outcome

    def _take_turn(self, own: "_Task[T, R]", deadline: float) -> None:
        batch: list[_Task[T, R]] = []
        try:
            self._do_batch(lambda: self._taken_along(own), batch, deadline)
        except DomainError:
            # Busy: the others have time left of their own.
            raise
        except Exception:
            if len(batch) <= 1 or time.monotonic() > deadline:
                raise
            # Whoever spoilt it spoils it for themselves only: each goes alone now.
            self._do_batch(lambda: [own], [], deadline)

    def _do_batch(
        self,
        choose: "Callable[[], list[_Task[T, R]]]",
        batch: "list[_Task[T, R]]",
        deadline: float,
    ) -> None:
        def take() -> list[T]:
            batch.extend(choose())
            return [task.item for task in batch]

        outcomes = self._do_all(take, max(0.0, deadline - time.monotonic()))
        for task, outcome in zip(batch, outcomes, strict=True):
            task.outcome = outcome

    def _taken_along(self, own: "_Task[T, R]") -> "list[_Task[T, R]]":
        try:
            self._waiting.remove(own)
        except ValueError:
            # It was taken along before, and that batch came to nothing.
            return [own]
        return [own, *(self._waiting.popleft() for _ in range(self._room()))]

    def _room(self) -> int:
        return min(len(self._waiting), AT_ONCE - 1)


class _Task(Generic[T, R]):
    """One thing on its way: what becomes of it is known once its batch is done."""

    def __init__(self, item: T) -> None:
        self.item = item
        self.outcome: R | Exception | None = None
