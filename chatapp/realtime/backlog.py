"""Hints that wait to be told to the other processes, as many as may. Pure."""

import threading
from collections import deque
from collections.abc import Sequence

from chatapp.realtime.hints import Hint

# While Redis is slow or away; what is older is dropped, and the database tells of it.
WAITING_HINTS, WAITING_BYTES = 5_000, 16 << 20
# What goes over together: to send, pass on and read a piece costs more than what is in it.
HINTS_A_TURN, BYTES_A_TURN = 100, 1 << 20


class Backlog:
    """The newest hints, in their order."""

    def __init__(self) -> None:
        self._hints: deque[Hint] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._hints)

    def add(self, hint: Hint) -> None:
        with self._lock:
            self._hints.append(hint)
            self._bytes += _bytes_of(hint)
            self._drop_oldest()

    def take(self) -> list[Hint]:
        """Those whose turn it is: one at least, where any waits."""
        with self._lock:
            taken = [self._pop()] if self._hints else []
            size = sum(map(_bytes_of, taken))
            while self._hints and len(taken) < HINTS_A_TURN:
                size += _bytes_of(self._hints[0])
                if size > BYTES_A_TURN:
                    break
                taken.append(self._pop())
        return taken

    def put_back(self, hints: Sequence[Hint]) -> None:
        """These could not be told: they come first again."""
        with self._lock:
            self._hints.extendleft(reversed(hints))
            self._bytes += sum(map(_bytes_of, hints))
            self._drop_oldest()

    def forget(self, kind: type[Hint]) -> None:
        """Those of this kind are too old to be told."""
        with self._lock:
            self._hints = deque(hint for hint in self._hints if not isinstance(hint, kind))
            self._bytes = sum(map(_bytes_of, self._hints))

    def _drop_oldest(self) -> None:
        while len(self._hints) > WAITING_HINTS or self._bytes > WAITING_BYTES:
            self._pop()

    def _pop(self) -> Hint:
        hint = self._hints.popleft()
        self._bytes -= _bytes_of(hint)
        return hint


def _bytes_of(hint: Hint) -> int:
    return len(getattr(hint, "wire", b"")) + len(getattr(hint, "head", b""))
