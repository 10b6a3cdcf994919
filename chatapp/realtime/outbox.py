"""What a socket would not take yet, in order, and bounded. Pure."""

from collections import deque


class Outbox:
    """Frames that wait. The first may be the rest of one that the peer has begun to read."""

    __slots__ = ("_begun", "_frames", "_size")

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._begun = False

    def __bool__(self) -> bool:
        return bool(self._frames)

    def add(self, wire: bytes) -> None:
        self._frames.append(wire)
        self._size += len(wire)

    def exceeds(self, frames: int, size: int) -> bool:
        """Whether more than this waits."""
        return len(self._frames) > frames or self._size > size

    @property
    def first(self) -> bytes:
        return self._frames[0]

    def wrote(self, rest: bytes) -> None:
        """The first was written but for this rest."""
        first = self._frames.popleft()
        self._size -= len(first) - len(rest)
        if rest:
            self._frames.appendleft(rest)
            self._begun = self._begun or len(rest) < len(first)
        else:
            self._begun = False

    def drop_unbegun(self) -> None:
        """Forget what waits, but for the rest of a frame that must be whole."""
        begun = [self._frames[0]] if self._begun else []
        self._frames = deque(begun)
        self._size = sum(map(len, begun))
