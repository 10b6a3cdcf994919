"""Hands frames to the sockets of this process: one queue, one greenlet, in order, and fair.

A post's answer doesn't wait for its delivery, and a delivery to thousands lets others run.
"""

import logging
import queue
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from chatapp.offload import give_way
from chatapp.realtime.hints import (
    HeadHint,
    Hint,
    PersonHint,
    RoomHint,
    RoomListHint,
    TypingHint,
)
from chatapp.realtime.hub import Hub
from chatapp.realtime.ordering import Ordering

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection

log = logging.getLogger(__name__)

# Sends in a row before others get a turn: about 2 ms.
TURN = 200
# Beyond this, hints are dropped: the heads that are asked for each second heal it.
QUEUED_HINTS = 10_000
# While more is said than can be told one by one, so much leaves in one write for each socket: a
# write costs some 4 us, whatever is in it.
HINTS_TOGETHER = 32
BYTES_TOGETHER = 32 * 1024
TELL_EVERY_SECONDS = 1.0
# Where it cannot be asked who may hear what, it is asked again.
RIGHTS_AGAIN_SECONDS = 0.25
# Members who don't view a room hear of its head at most this often.
HEADS_EVERY_SECONDS = 0.5


class Delivery:
    """The queue of one process, and what empties it."""

    def __init__(self, hub: Hub, knows_rights: Callable[[int], bool] = lambda _seq: True):
        """`knows_rights`: whether it is known who may hear what was said when the workspace stood
        at that place; until then, hints wait.
        """
        self._hub, self._knows_rights = hub, knows_rights
        self._is_held = False
        # Where the workspace stood when what was told last was true.
        self._workspace_seq = 0
        self._queue: queue.SimpleQueue[Hint | None] = queue.SimpleQueue()
        self._ordering = Ordering()
        # What the viewers of each room are about to be sent; empty between two steps.
        self._ready: dict[int, list[bytes]] = {}
        # By room: the newest seq of which its other members are about to be told, and the words,
        # and whose message it is.
        self._heads: dict[int, tuple[int, bytes, int]] = {}
        self._heads_due = 0.0
        self._stopped = False
        self._dropped, self._told_at = 0, float("-inf")

    @property
    def waiting(self) -> int:
        """Hints that nobody has been told of yet."""
        return self._queue.qsize()

    def put(self, hint: Hint) -> None:
        """Have this delivered soon; never waits."""
        if self._is_held and isinstance(hint, TypingHint):
            return  # It would come when nobody writes any more.
        if self._queue.qsize() < QUEUED_HINTS:
            self._queue.put(hint)
        else:
            self._dropped += 1
            self._tell_of_dropped(time.monotonic())

    def _tell_of_dropped(self, now: float) -> None:
        if self._dropped and now - self._told_at > TELL_EVERY_SECONDS:
            log.warning("More is said than can be delivered: %d hints dropped.", self._dropped)
            self._dropped, self._told_at = 0, now

    def run(self) -> None:
        """Deliver until `stop`. The body of the delivering greenlet or thread."""
        while not self._stopped:
            try:
                self._step()
            except Exception:
                log.exception("A delivery failed")

    def stop(self) -> None:
        self._stopped = True
        self._queue.put(None)

    def _step(self) -> None:
        """Deliver what waits: what one room's viewers hear leaves together."""
        try:
            self._take_together()
            self._overdue()
        finally:
            self._flush()

    def _take_together(self) -> None:
        with suppress(queue.Empty):
            first = self._queue.get(timeout=self._patience())
            if first is not None:
                self._hold()
            self._take(first)
            for _ in range(HINTS_TOGETHER - 1):
                self._take(self._queue.get_nowait())

    def _hold(self, workspace_seq: int = 0) -> None:
        while not self._stopped and not self._knows_rights(workspace_seq):
            self._is_held = True
            time.sleep(RIGHTS_AGAIN_SECONDS)
        self._is_held = False

    def deliver(self, hint: Hint) -> None:
        """Send to whoever may hear this."""
        self._take(hint)
        self._flush()

    def _take(self, hint: Hint | None) -> None:
        if isinstance(hint, RoomHint):
            if channel := self._hub.channels.get(hint.room):
                for ready in self._ordering.take(hint, channel.seq, time.monotonic()):
                    self._deliver_in_room(ready)
            return
        # Nothing overtakes what was said before it.
        self._flush()
        match hint:
            case HeadHint():
                self._deliver_head(hint)
            case TypingHint():
                self._hold(hint.workspace)
                self._send(self._hub.viewers(hint.room), hint.wire, but=hint.user)
            case PersonHint():
                self._send(set(self._hub.connections_of(hint.user)), hint.wire)
            case RoomListHint():
                if channel := self._hub.channels.get(hint.room):
                    people = tuple(channel.members)
                    self._send({one for person in people for one in person.connections}, hint.wire)

    def everybody(self, wire: bytes) -> None:
        """Send to every socket of this process."""
        self._send(self._hub.connections, wire)

    def _deliver_in_room(self, hint: RoomHint) -> None:
        if hint.workspace != self._workspace_seq:
            # Somebody may have lost the right to it, or have another name since what is ready was
            # made, and the hint of that is still on its way.
            self._flush()
            self._hold(hint.workspace)
            self._workspace_seq = hint.workspace
        channel = self._hub.channels.get(hint.room)
        if channel is None:
            return
        # Without a head, nobody but the viewers hears of it.
        channel.advance(hint.seq, hint.number if hint.head else 0)
        wires = self._ready.setdefault(hint.room, [])
        wires.append(hint.wire)
        if hint.head:
            self._tell_others(hint.room, hint.seq, hint.head, hint.author)
        if sum(map(len, wires)) > BYTES_TOGETHER:
            self._flush()

    def _flush(self) -> None:
        """Send what is ready. Whoever lost the right to it meanwhile is no viewer any more."""
        while self._ready:
            room_id, wires = self._ready.popitem()
            self._send(self._hub.viewers(room_id), b"".join(wires), frames=len(wires))

    def _deliver_head(self, hint: HeadHint) -> None:
        channel = self._hub.channels.get(hint.room)
        # Meanwhile the hint itself may have come.
        if channel is None or channel.has(hint.seq, hint.number):
            return
        channel.advance(hint.seq, hint.number)
        self._send(channel.viewers, hint.wire)
        self._tell_others(hint.room, hint.seq, hint.wire, hint.author)

    def _tell_others(self, room_id: int, seq: int, wire: bytes, author: int = 0) -> None:
        """Have the members who don't view the room hear of its head soon; the newest wins.

        It need not have come last: an older one may have been late. Whoever wrote the other one has
        read the room as far as that, which their other devices could not tell from the newest.
        """
        if not self._heads:
            self._heads_due = time.monotonic() + HEADS_EVERY_SECONDS
        head = seq, wire, author
        kept = self._heads.get(room_id, head)
        # At the same seq, the later one knows of more messages.
        older, self._heads[room_id] = sorted((kept, head), key=lambda one: one[0])
        if older[2] != self._heads[room_id][2]:
            self._tell_own(room_id, *older[1:])

    def _tell_own(self, room_id: int, wire: bytes, author: int) -> None:
        channel, person = self._hub.channels.get(room_id), self._hub.people.get(author)
        if channel and person in channel.members:
            own = self._hub.connections_of(author)
            self._send_each((one for one in own if one not in channel.viewers), wire)

    def _overdue(self) -> None:
        now = time.monotonic()
        self._tell_of_dropped(now)
        overdue = [*self._ordering.overdue(now)]
        are_heads_due = self._heads and now >= self._heads_due
        if overdue or are_heads_due:
            # They have waited, in a worker that may have stood still.
            self._hold()
        for hint in overdue:
            self._deliver_in_room(hint)
        if are_heads_due:
            heads, self._heads = self._heads, {}
            for room_id, (_, wire, _) in heads.items():
                if channel := self._hub.channels.get(room_id):
                    self._send_each(channel.others(), wire)

    def _patience(self) -> float | None:
        now = time.monotonic()
        waits = [self._ordering.patience(now)]
        if self._heads:
            waits.append(max(0.0, self._heads_due - now))
        return min((wait for wait in waits if wait is not None), default=None)

    def _send(
        self, receivers: "set[Connection]", wire: bytes, *, but: int = 0, frames: int = 1
    ) -> None:
        # Between two turns somebody may have lost the right to hear this: the live set knows.
        allowed = (one for one in tuple(receivers) if one in receivers and one.user_id != but)
        self._send_each(allowed, wire, frames)

    def _send_each(self, receivers: "Iterable[Connection]", wire: bytes, frames: int = 1) -> None:
        for count, connection in enumerate(receivers, 1):
            connection.send(wire, frames)
            if count % TURN == 0:
                give_way()
