"""Who is online, computed from live connections: here from the sockets, elsewhere from rows.

Nothing is ever switched on or off: what a process holds is what it says, and a process that falls
silent says nothing. So two tabs, a crash, a reload and a closed lid come out right.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain import presence as rows
from chatapp.offload import give_way
from chatapp.realtime import protocol
from chatapp.realtime.hub import Hub

log = logging.getLogger(__name__)

# A page that reloads is back within this time.
GRACE_SECONDS = 5.0
BEAT_SECONDS = 3.0
# Another process is dead when its beat has not moved for this long on our own clock.
DEAD_SECONDS = 12.0
# After a restart thousands come back, and to tell the thousands who are back who came in each
# second would be a sixth of the work. While so many come at once, telling takes a tenth: so much
# rest for each who was told (25 to 30 us of CPU), up to so many seconds.
STORM = 100
REST_EACH_SECONDS, MOST_REST_SECONDS = 0.0003, 3.0
# Where nobody listens it is not read each second. Who comes first is told what is so by then.
FIRST_READ_SECONDS = 1.0
# So many rows are written in some 5 ms; between two such writes others have their turn.
PEOPLE_A_WRITE = 500

_BEST = {"online": 2, "away": 1, "offline": 0}


class Other:
    """What another process has told of its people."""

    __slots__ = ("beat", "moved_at", "states", "version")

    def __init__(self, moved_at: float):
        self.beat = self.version = -1
        self.moved_at = moved_at
        self.states: dict[int, str] = {}


class Presence:
    """Everybody's state, as this process knows it."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic):
        self._hub, self._clock = hub, clock
        self.process_id = secrets.token_hex(16)
        self._own: dict[int, str] = {}
        self._leaving: dict[int, float] = {}
        self._unwritten: set[int] = set()
        self._others: dict[str, Other] = {}
        # With the beat at which they fell silent: their rows are still there.
        self._dead: dict[str, int] = {}
        # When the database last took what this process wrote.
        self._heard_at = float("-inf")
        self._shown: dict[int, str] = {}
        self._changed: set[int] = set()
        self._beat = self._version = 0
        self._beat_at = self._read_at = self._rest_until = float("-inf")
        self._snapshot: msgspec.Raw | None = None
        # As long as this stays, so does every `state_of`.
        self.changes = 0
        # Held while what others have told is read, and told here: two readings must not mix.
        self._reading = threading.Lock()
        # Whether the database has this process, under its present name.
        self._is_written = False

    # What the connections say

    def update(self, user_id: int, *, has_left: bool = False) -> None:
        """A connection of this person came or said something else, or has ended (`has_left`).

        Who has left, perhaps only with the one tab that was looked at, may be back soon.
        """
        best, own = self._best_here(user_id), self._own.get(user_id, "offline")
        in_grace = has_left or best == "offline" or user_id in self._leaving
        if in_grace and _BEST[best] < _BEST[own]:
            self._leaving.setdefault(user_id, self._clock() + GRACE_SECONDS)
        else:
            self._leaving.pop(user_id, None)
            self._set(user_id, best)

    def _best_here(self, user_id: int) -> str:
        states = {connection.state for connection in self._hub.connections_of(user_id)}
        if not states:
            return "offline"
        return "online" if "active" in states else "away"

    def gone(self, user_id: int) -> None:
        """This person signed out or fell silent here, with one device at least: no grace."""
        self._leaving.pop(user_id, None)
        self._set(user_id, self._best_here(user_id))

    def _set(self, user_id: int, state: str) -> None:
        if self._own.get(user_id, "offline") == state:
            return
        if state == "offline":
            self._own.pop(user_id, None)
        else:
            self._own[user_id] = state
        self._unwritten.add(user_id)
        self._changed.add(user_id)
        self.changes += 1

    @property
    def is_needed(self) -> bool:
        """Whether this process has something to tell about anybody."""
        return bool(self._own or self._leaving or self._unwritten)

    def _settle(self) -> None:
        """Let go of those whose grace is over."""
        now = self._clock()
        for user_id in [one for one, until in self._leaving.items() if until <= now]:
            del self._leaving[user_id]
            self._set(user_id, self._best_here(user_id))

    # What everybody sees

    def state_of(self, user_id: int) -> str:
        """online, away or offline: the best over all processes."""
        best = self._own.get(user_id, "offline")
        for other in self._others.values():
            state = other.states.get(user_id, "offline")
            if _BEST[state] > _BEST[best]:
                best = state
        return best

    def snapshot(self) -> msgspec.Raw:
        """For a welcome: everybody's state as of the last tick, encoded once."""
        if self._snapshot is None:
            people = {"online": [], "away": []}
            for user_id, state in self._shown.items():
                people[state].append(user_id)
            self._snapshot = msgspec.Raw(msgspec.json.encode(people))
        return self._snapshot

    def tick(self) -> bytes | None:
        """Once a second: the frame with what changed since the last, or None.

        Who came may wait a little longer where hundreds did; who left does not.
        """
        with self._reading:
            return self._tick()

    def _tick(self) -> bytes | None:
        self._settle()
        if self._is_resting():
            return None
        changed, self._changed = self._changed, set()
        changes: dict[str, list[int]] = {"online": [], "away": [], "offline": []}
        for user_id in changed:
            state = self.state_of(user_id)
            if self._shown.get(user_id, "offline") != state:
                self._shown[user_id] = state
                changes[state].append(user_id)
        for user_id in changes["offline"]:
            del self._shown[user_id]
        if not any(changes.values()):
            return None
        self._snapshot = None
        rest = len(self._hub.connections) * REST_EACH_SECONDS
        self._rest_until = self._clock() + min(MOST_REST_SECONDS, rest)
        return protocol.encode_frame(protocol.Presence(**changes))

    def _is_resting(self) -> bool:
        if len(self._changed) < STORM or self._clock() >= self._rest_until:
            return False
        return all(
            self.state_of(user_id) != "offline" for user_id in self._changed & self._shown.keys()
        )

    # What the processes tell each other

    def write(self) -> bool:
        """Write what others should know, if there is anything. Whether people's states were."""
        self._settle()
        now = self._clock()
        if not self._unwritten and now - self._beat_at < BEAT_SECONDS:
            return False
        unwritten, self._unwritten = tuple(self._unwritten), set()
        for start in range(0, max(1, len(unwritten)), PEOPLE_A_WRITE):
            if start:
                give_way()
            try:
                is_known = self._write(unwritten[start : start + PEOPLE_A_WRITE])
            except BaseException:
                self._unwritten.update(unwritten[start:])
                raise
            if not is_known:
                self._begin_anew()
                break
        self._heard_at = self._clock()
        return bool(unwritten)

    def _write(self, user_ids: tuple[int, ...]) -> bool:
        states = {user_id: self._own.get(user_id, "offline") for user_id in user_ids}
        # Used up even where it fails: it may have been committed, and read, without an answer, and
        # the others would take another try's states under the same version for those they have.
        self._beat += 1
        self._version += bool(states)
        is_known = rows.beat(self.process_id, self._beat, self._version, states)
        self._beat_at = self._clock()
        self._is_written = is_known
        return is_known

    def _begin_anew(self) -> None:
        """Somebody took us for dead. Under the old name, others would miss who has gone since."""
        self.process_id = secrets.token_hex(16)
        self._beat = self._version = 0
        self._is_written = False
        self._unwritten |= self._own.keys()
        self._beat_at = float("-inf")

    def forget_dead(self) -> None:
        """Remove what the dead have left. Where the database takes no writes, it stays there."""
        for process_id, beat in self._dead.items():
            rows.forget(process_id, beat)

    def read(self) -> None:
        """Learn what the other processes wrote, and which of them have died."""
        with self._reading:
            self._read()

    def read_first(self) -> None:
        """`read` where nobody listens yet, and so nobody has read for a while; once for many."""
        with self._reading:
            if self._clock() - self._read_at > FIRST_READ_SECONDS:
                self._read()

    def _read(self) -> None:
        processes = {row.id: row for row in rows.processes()}
        now = self._clock()
        if now - min(self._read_at, self._heard_at) > DEAD_SECONDS / 2:
            # We could not look for a while, or can't write, as they perhaps can't: their silence
            # proves nothing. One beat in vain does not say that, and there may be one every time.
            for other in self._others.values():
                other.moved_at = now
        self._read_at = now
        if self._is_written and self.process_id not in processes:
            self._begin_anew()
        processes.pop(self.process_id, None)
        # Whoever beats again lives.
        self._dead = {row.id: row.beat for row in processes.values() if self._is_dead(row)}
        for row in processes.values():
            if not self._is_dead(row):
                self._read_one(row, now)
        for process_id in [one for one in self._others if one not in processes]:
            self._drop(process_id)
        self._bury(now)

    @property
    def others(self) -> int:
        """How many other processes are alive."""
        return len(self._others)

    def _read_one(self, row: Any, now: float) -> None:
        other = self._others.get(row.id)
        if other is None:
            other = self._others[row.id] = Other(now)
        if other.beat != row.beat:
            other.beat, other.moved_at = row.beat, now
        if other.version < row.version:
            for changes in rows.changes_in(row.id, other.version):
                other.states.update((change.user_id, change.state) for change in changes)
                self._changed.update(change.user_id for change in changes)
                self.changes += 1
                give_way()
            other.version = row.version

    def _bury(self, now: float) -> None:
        for process_id, other in [*self._others.items()]:
            if now - other.moved_at > DEAD_SECONDS:
                self._dead[process_id] = other.beat
                self._drop(process_id)

    def _is_dead(self, row: Any) -> bool:
        return self._dead.get(row.id) == row.beat

    def _drop(self, process_id: str) -> None:
        self._changed.update(self._others.pop(process_id).states)
        self.changes += 1
