"""What a socket would not take yet, in order, and bounded. Pure."""

from collections import deque
from collections.abc import Iterator


class Outbox:
    """Whole frames that wait, as many in one piece as were sent together.

    The first piece may be the rest of one that the peer has begun to read.
    """

    __slots__ = ("_begun", "_frames", "_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: deque[tuple[bytes, int]] = deque()
        self._frames = self._size = 0
        self._begun = False

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Each piece, and of how many frames it is."""
        return iter(self._pieces)

    def add(self, wire: bytes, frames: int = 1) -> None:
        self._pieces.append((wire, frames))
        self._frames += frames
        self._size += len(wire)

    def exceeds(self, frames: int, size: int) -> bool:
        """Whether more than this waits."""
        return self._frames > frames or self._size > size

    @property
    def first(self) -> bytes:
        return self._pieces[0][0]

    def wrote(self, rest: bytes) -> None:
        """The first was written but for this rest."""
        first, frames = self._pieces.popleft()
        self._size -= len(first) - len(rest)
        if rest:
            self._pieces.appendleft((rest, frames))
            self._begun = self._begun or len(rest) < len(first)
        else:
            self._frames -= frames
            self._begun = False

    def drop_unbegun(self) -> None:
        """Forget what waits, but for the rest of a piece whose frames must be whole."""
        begun = [self._pieces[0]] if self._begun else []
        self._pieces = deque(begun)
        self._frames = sum(frames for _, frames in begun)
        self._size = sum(len(wire) for wire, _ in begun)
