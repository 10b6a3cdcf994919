"""Doing together what waits at the same moment: whoever has the turn does it for all.

This is flat combining. Whoever comes while another has the turn waits, and is taken along by the
next, so that a lock is taken and a commit waited for once for many. Alone, one goes at once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

from chatapp.domain.errors import DomainError
from chatapp.domain.transaction import PATIENCE_SECONDS, busy, perhaps_done, taken_at_once

# A transaction stays short: others wait for their turn, too. And psycopg's pipeline can stand still
# for ever, the room locked, where more is sent (a megabyte or so) than the server takes in one go.
AT_ONCE = 64
AT_ONCE_SIZE = 64 * 1024

T = TypeVar("T")
R = TypeVar("R")


# Does for all that the first argument gives what it is there for, or for none: what became of each,
# in their order. To be called once, as late as can be. The other argument: seconds of patience.
DoAll = Callable[[Callable[[], list[T]], float], list[R | Exception]]


def taken_in_time(lock: threading.Lock, seconds: float) -> bool:
    """Take this lock as soon as it is free, unless that takes too long."""
    return lock.acquire(timeout=seconds)


class Turns(Generic[T, R]):
    """Those who wait to have the same done, and whose turn it is to do it.

    The turn goes from one straight to the next, in the order in which they came. Whoever was taken
    along goes on at once, and need not wait for a turn to find that out.
    """

    # How one waits, for so many seconds of patience. A worker has one timer for all who do: one for
    # each would take a hundredth of a post.
    wait_for: ClassVar[Callable[[threading.Lock, float], bool]] = staticmethod(taken_in_time)

    def __init__(self, do_all: DoAll[T, R], size_of: Callable[[T], int]) -> None:
        """`size_of` one: as many go together as make AT_ONCE_SIZE, or one that is larger."""
        self._do_all, self._size_of = do_all, size_of
        # Held for as long as anybody has the turn.
        self._turn = threading.Lock()
        self._waiting: deque[_Task[T, R]] = deque()
        # To be given the turn, to give up and to be put back exclude each other.
        self._passing = threading.Lock()

    def do(self, item: T) -> R:
        """Have it done, alone or with others. Raises what became of it, or `Busy`."""
        task: _Task[T, R] = _Task(item, time.monotonic() + PATIENCE_SECONDS)
        self._waiting.append(task)
        try:
            if taken_at_once(self._turn):
                task.has_turn = True
            else:
                self._wait(task)
            # Who had the turn before may have taken it along.
            if task.has_turn and task.outcome is None:
                self._take_turn(task)
        finally:
            self._leave(task)
            if task.has_turn:
                self._pass_on()
        if task.outcome is None or isinstance(task.outcome, Exception):
            raise task.outcome or busy()
        return task.outcome

    def _wait(self, task: "_Task[T, R]") -> None:
        """Until it has the turn, or is done. Raises `Busy` when neither comes in time."""
        is_woken = self.wait_for(task.woken, task.seconds_left())
        if not is_woken:
            self._leave(task)
        if task.outcome is None and not (is_woken and task.seconds_left()):
            # A batch that failed may have been stored nevertheless.
            raise perhaps_done() if task.was_taken_along else busy()

    def _leave(self, task: "_Task[T, R]") -> None:
        with self._passing:
            if not task.has_left and not task.is_taken_along:
                self._waiting.remove(task)
            task.has_left = True

    def _pass_on(self) -> None:
        """Give the turn to whoever has waited longest; it is free where nobody does."""
        while True:
            with self._passing:
                if self._waiting:
                    self._waiting[0].has_turn = True
                    self._waiting[0].woken.release()
                    return
            self._turn.release()
            # Somebody may have come just before that, and found it taken.
            if not self._waiting or not taken_at_once(self._turn):
                return

    def _take_turn(self, own: "_Task[T, R]") -> None:
        batch: list[_Task[T, R]] = []
        try:
            self._do_batch(own, batch)
        except BaseException as error:
            # Whoever spoilt it spoils it for themselves only: each goes alone now.
            self._put_back(batch[1:])
            # Busy, or being ended, is nothing that it was spoilt by.
            is_spoilt = isinstance(error, Exception) and not isinstance(error, DomainError)
            if not is_spoilt or len(batch) <= 1 or not own.seconds_left():
                raise
            own.goes_alone = True
            self._do_batch(own, [])

    def _do_batch(self, own: "_Task[T, R]", batch: "list[_Task[T, R]]") -> None:
        def take() -> list[T]:
            batch.extend(self._taken_along(own))
            return [task.item for task in batch]

        outcomes = self._do_all(take, own.seconds_left())
        for task, outcome in zip(batch, outcomes, strict=True):
            task.outcome = outcome
            if task is not own:
                task.woken.release()

    def _taken_along(self, own: "_Task[T, R]") -> "list[_Task[T, R]]":
        with self._passing:
            if not own.is_taken_along:
                self._waiting.remove(own)
            batch, size = [own], self._size_of(own.item)
            while not own.goes_alone and self._waiting and len(batch) < AT_ONCE:
                size += self._size_of(self._waiting[0].item)
                if size > AT_ONCE_SIZE:
                    break
                batch.append(self._waiting.popleft())
            for task in batch:
                task.is_taken_along = task.was_taken_along = True
        return batch

    def _put_back(self, others: "list[_Task[T, R]]") -> None:
        with self._passing:
            for task in reversed(others):
                task.is_taken_along, task.goes_alone = False, True
                if not task.has_left:
                    self._waiting.appendleft(task)


class _Task(Generic[T, R]):
    """One thing on its way: what becomes of it is known once its batch is done."""

    def __init__(self, item: T, deadline: float) -> None:
        self.item = item
        self.deadline = deadline
        self.outcome: R | Exception | None = None
        self.has_turn = self.goes_alone = self.has_left = False
        self.is_taken_along = self.was_taken_along = False
        # Free once it is done by another, or has the turn.
        self.woken = threading.Lock()
        self.woken.acquire()

    def seconds_left(self) -> float:
        """How long it still has patience: 0 when it was too long."""
        return max(0.0, self.deadline - time.monotonic())
