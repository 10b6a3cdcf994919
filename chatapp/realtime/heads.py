"""Asks the database, each second, what this process should have heard, and heals what it has not.

One query for the heads of the rooms that are listened to, one for the workspace, and one more for
whoever spoke in those that it has not heard of. Where rooms are many, they are asked for in pages,
between which others have their turn. Revocations only
come this way: a hint makes it happen at once, and without one it happens within the second, in the
order in which they were decided.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import ParamSpec

from chatapp.domain import standing
from chatapp.models.columns import AnyRow
from chatapp.offload import give_way
from chatapp.realtime.connection import Connection
from chatapp.realtime.delivery import TURN, Delivery
from chatapp.realtime.fairness import stretches
from chatapp.realtime.hints import HeadHint
from chatapp.realtime.hub import Hub, Place
from chatapp.realtime.protocol import (
    BARRED,
    RESTARTING,
    SIGNED_OUT,
    Error,
    Head,
    Person,
    Rooms,
    encode_frame,
)
from chatapp.recent import forget_recent

log = logging.getLogger(__name__)

P = ParamSpec("P")

# A hint that is on its way usually arrives within this time, and in a busy room some other one
# does: only where nothing does it counts as lost.
GRACE_SECONDS = 0.25


class Heads:
    """What this process knows of the rooms' heads and of the workspace's changes."""

    def __init__(self, hub: Hub, delivery: Delivery, ended: Callable[[int], None]):
        self._hub, self._delivery = hub, delivery
        # Called with a person whose sockets were closed for good: they are gone without grace.
        self._ended = ended
        self._lock = threading.Lock()
        self.epoch = ""
        self.workspace_seq = 0
        self.known = False
        # When all that was decided until then had been applied, by `time.monotonic`.
        self.caught_up_at = float("-inf")

    def catch_up(self, place: int = 0) -> None:
        """Apply every workspace change not yet applied, in order. Needs an application context.

        `place`: nothing is asked where that has been reached by now.
        """
        with self._lock:
            if 0 < place <= self.workspace_seq:
                return
            asked_at = time.monotonic()
            workspace = standing.of_workspace()
            if workspace is None or not self._is_same_history(workspace):
                return
            while self.workspace_seq < workspace.head_seq:
                changes = standing.changes_after(self.workspace_seq)
                for change in _effective(changes):
                    self._apply(change)
                self.workspace_seq = changes[-1].seq if changes else workspace.head_seq
            self.caught_up_at = asked_at

    def unless_past(
        self, workspace_seq: int, do: Callable[P, None], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """Do what rests on what was read at that seq, before anything more is applied.

        False, and nothing is done, where more was applied since: whoever was put out of a room by
        that would be let in again.
        """
        with self._lock:
            is_past = self.workspace_seq > workspace_seq
            if not is_past:
                do(*args, **kwargs)
        return not is_past

    def behind(self) -> dict[int, Place]:
        """The rooms that stand further than this process has heard, and how far it has heard."""
        found = {}
        for rows in self._heads():
            for row in rows:
                channel = self._hub.channels.get(row.id)
                if channel is not None and not channel.has(row.head_seq, row.last_number):
                    found[row.id] = channel.place
        return found

    def _heads(self) -> Iterator[Sequence[AnyRow]]:
        room_ids = list(self._hub.channels)
        if len(room_ids) <= standing.NAMED_ROOMS:
            yield standing.of_rooms(room_ids) if room_ids else ()
            return
        for rows in standing.pages_of_rooms():
            yield rows
            give_way()

    def heal(self, behind: Mapping[int, Place]) -> None:
        """Tell the members of those of which nothing more was heard since: their hint is lost.

        Where more was heard, hints are on their way, perhaps late: all viewers of a busy room would
        ask at once for what comes by itself. One that is lost among them is missed by `Ordering`.
        The others do not hear of every change, and miss a message where only those come: they are
        told of it, as of a place that viewers know.
        """
        still = [room_id for room_id, place in behind.items() if self._has_no_more(room_id, place)]
        for room_ids in stretches(still, standing.NAMED_ROOMS):
            rows = standing.with_authors(room_ids)
            # Whoever was put out before that was read must not hear of it.
            self.catch_up()
            for row in rows:
                self._tell_of_head(row, behind[row.id])

    def _has_no_more(self, room_id: int, place: Place) -> bool:
        """Whether no message of that room was heard of since."""
        channel = self._hub.channels.get(room_id)
        return channel is not None and channel.number == place[1]

    def _tell_of_head(self, row: AnyRow, place: Place) -> None:
        channel = self._hub.channels.get(row.id)
        if channel is None or channel.has(row.head_seq, row.last_number):
            return
        if channel.place == place:
            seq = row.head_seq
        elif channel.number < row.last_number:
            seq = channel.seq
        else:
            return
        if row.number == row.last_number or self._has_written(row, channel.number):
            head = encode_frame(Head(row.id, seq, row.number, row.author_id))
            self._delivery.put(HeadHint(row.id, seq, row.number, head, row.author_id or 0))

    def _has_written(self, row: AnyRow, heard: int) -> bool:
        """Whether it is of somebody who listens here, and was not heard of."""
        return row.number > heard and row.author_id in self._hub.people

    def look_again_at_sign_ins(self, connections: Collection[Connection]) -> None:
        """End the sockets of sign-ins that have run out; each use has moved that moment on."""
        for stretch in stretches(tuple(connections), TURN):
            self._look_again(stretch)

    def _look_again(self, connections: Sequence[Connection]) -> None:
        left = standing.sign_ins_left({connection.session_id for connection in connections})
        for connection in connections:
            seconds = left.get(connection.session_id, 0.0)
            connection.expires = time.monotonic() + seconds
            if seconds <= 0:
                self._end([connection], SIGNED_OUT, "the sign-in has run out")

    def _is_same_history(self, workspace: AnyRow) -> bool:
        is_other = self.known and (
            workspace.epoch != self.epoch or workspace.head_seq < self.workspace_seq
        )
        listening = tuple(self._hub.connections)
        if is_other or not (self.known and listening):
            # Where nobody listens, the changes since then could matter to nobody.
            self.known, self.epoch = True, workspace.epoch
            self.workspace_seq = workspace.head_seq
        if not is_other:
            return True
        # A backup was restored under us: everybody starts anew.
        forget_recent()
        for stretch in stretches(listening, TURN):
            # Who comes back must not meet channels that know of more than there is.
            self._dismiss(stretch, RESTARTING, "another history")
        return not listening

    def _apply(self, change: AnyRow) -> None:
        match change.kind:
            case "session_ended":
                self._close(change, SIGNED_OUT, "signed out")
            case "session_renewed":
                self._send_away(change)
            case "person_barred":
                self._close(change, BARRED, "barred")
            case "person_changed":
                self._rename(change)
            case "member_joined":
                self._join(change.user_id, change.room_id)
            case "member_left":
                self._remove(change.user_id, change.room_id)

    def _close(self, change: AnyRow, code: int, reason: str) -> None:
        self._end(self._concerned(change), code, reason)

    def _send_away(self, change: AnyRow) -> None:
        """Whoever has the new cookie comes back."""
        self._dismiss(self._concerned(change), RESTARTING, "the password was changed")

    def _concerned(self, change: AnyRow) -> list[Connection]:
        """Their sockets, or those of one sign-in, that were let in before the change.

        Others may have come since, with the cookie that the change has given its sign-in.
        """
        return [
            one
            for one in self._hub.connections_of(change.user_id)
            if change.session_id in (None, one.session_id) and one.workspace_seq < change.seq
        ]

    def _end(self, connections: Collection[Connection], code: int, reason: str) -> None:
        self._dismiss(connections, code, reason)
        for user_id in {connection.user_id for connection in connections}:
            self._ended(user_id)

    def _dismiss(self, connections: Collection[Connection], code: int, reason: str) -> None:
        for connection in connections:
            self._hub.exit(connection)
            connection.close(code, reason)

    def _rename(self, change: AnyRow) -> None:
        person = standing.person(change.user_id)
        if person is None:
            return
        if listener := self._hub.people.get(person.id):
            listener.name = person.display_name
        frame = Person(change.seq, person.id, person.display_name, person.initials)
        self._delivery.everybody(encode_frame(frame))

    def _join(self, user_id: int, room_id: int) -> None:
        if user_id not in self._hub.people:
            return
        for row in standing.of_rooms([room_id]):
            self._hub.join(user_id, room_id, row.head_seq, row.last_number)
        self._tell(user_id, encode_frame(Rooms(shared=False)))

    def _remove(self, user_id: int, room_id: int) -> None:
        for connection in self._hub.leave(user_id, room_id):
            connection.send(encode_frame(Error("not_found", "You are not in this room.", room_id)))
        self._tell(user_id, encode_frame(Rooms(shared=False)))

    def _tell(self, user_id: int, wire: bytes) -> None:
        for connection in self._hub.connections_of(user_id):
            connection.send(wire)


def _effective(changes: Sequence[AnyRow]) -> Iterator[AnyRow]:
    """All but the joins and leaves that another one of the same person and room has overtaken.

    Applying those, too, would let somebody in for a moment who has left already.
    """
    last = {(change.user_id, change.room_id): change.seq for change in changes if change.room_id}
    for change in changes:
        if not change.room_id or last[change.user_id, change.room_id] == change.seq:
            yield change
