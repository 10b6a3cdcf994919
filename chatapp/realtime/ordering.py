"""Puts what arrives out of order back into a room's order, if the missing part comes soon. Pure.

Two workers that post into one room at the same moment may be heard in the other order. A browser
that sees a gap asks for what it missed, a thousand browsers ask a thousand times: a moment's
patience here saves that.
"""

from collections.abc import Iterator

from chatapp.realtime.hints import RoomHint

PATIENCE_SECONDS = 0.1
HELD_A_ROOM = 64


class Ordering:
    """Hints of rooms that wait for an earlier one."""

    def __init__(self) -> None:
        self._held: dict[int, dict[int, RoomHint]] = {}
        self._until: dict[int, float] = {}

    def take(self, hint: RoomHint, known: int, now: float) -> Iterator[RoomHint]:
        """What may be delivered now, given the seq that this process has delivered last."""
        held = self._held.get(hint.room)
        if hint.seq > known + 1 and (held is None or len(held) < HELD_A_ROOM):
            self._held.setdefault(hint.room, {})[hint.seq] = hint
            self._until.setdefault(hint.room, now + PATIENCE_SECONDS)
            return
        yield hint
        if held is None:
            return
        seq = max(known, hint.seq)
        while (following := held.pop(seq + 1, None)) is not None:
            yield following
            seq += 1
        if not held:
            del self._held[hint.room], self._until[hint.room]
        elif known < seq < min(held):
            # What is missing now has its own moment: in a busy room something always waits.
            self._until[hint.room] = now + PATIENCE_SECONDS

    def overdue(self, now: float) -> Iterator[RoomHint]:
        """What has waited long enough for what is missing, in order."""
        for room in [room for room, until in self._until.items() if until <= now]:
            del self._until[room]
            yield from (hint for _, hint in sorted(self._held.pop(room).items()))

    def patience(self, now: float) -> float | None:
        """Seconds until something is overdue; None when nothing waits."""
        return max(0.0, min(self._until.values()) - now) if self._until else None
