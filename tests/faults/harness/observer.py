"""A person who looks: a page over the socket, with gaps asked for and returns with jitter."""

import random
from collections import Counter, deque
from contextlib import suppress
from functools import lru_cache
from math import inf
from socket import SHUT_RDWR
from typing import Any

import gevent
import msgspec
from gevent.pool import Group

from tests.faults.harness.asking import Asking
from tests.faults.harness.bounds import REVOKED_SECONDS, allowed
from tests.faults.harness.history import History, Stray, clock
from tests.faults.harness.person import Person
from tests.faults.harness.view import View
from tests.faults.harness.websocket import ClosedError, NotUpgradedError, WebSocket
from tests.faults.harness.wire import Address

SEQUENCED = ("message", "member", "room")
# All that docs/protocol.md has from the server: a page passes over anything else.
KNOWN = {*SEQUENCED, "welcome", "subscribed", "missed", "head", "presence", "typing", "read"}
KNOWN |= {"rooms", "person", "beat", "error"}
# A beat comes every 6 s; after this much silence the page calls itself offline.
SILENCE = 12.0
FIRST_RETURN, SOON_RETURN, LAST_RETURN = 1.5, 4.0, 30.0
# Who could not be told of a room asks for it again after this time.
SUBSCRIBE_AGAIN = 2.0
# The others ask by HTTP, as where too much was missed.
SAYS_WHAT_IT_HAS = 0.7
# From a minute on, an absence grows by a fifteenth at most.
PATIENCE = 15


@lru_cache(maxsize=4096)
def decode(data: bytes) -> dict[str, Any]:
    """A frame; the same bytes reach many observers, and nobody changes what they get."""
    return msgspec.json.decode(data)


class Observer:
    """Follows its rooms as docs/protocol.md tells a page to, for as long as it runs."""

    def __init__(
        self,
        person: Person,
        rooms: list[int],
        history: History,
        seed: int,
        socket_address: Address | None = None,
    ) -> None:
        self.person = person
        self.history = history
        self.rng = random.Random(seed)
        self.socket_address = socket_address
        self._asking = Asking(person, history, self.rng, self._shows, self._note)
        # Those who will ask to hear a room once more.
        self._waiting = Group()
        self.views = {room: View(room) for room in rooms}
        self.frames: Counter[str] = Counter()
        self.closes: Counter[int] = Counter()
        # When each message arrived by its frame, not by asking.
        self.arrivals: dict[int, float] = {}
        # How long each absence took, from the end of a connection to the next one's beginning.
        self.absences: list[float] = []
        # From when until when it heard all its rooms.
        self.listened: list[tuple[float, float]] = []
        self._listens_since = inf
        self._left_at: float | None = None
        self._connected_at = 0.0
        # The rooms that it has asked to hear, without an answer yet, and in which phase it did.
        self._asked_for: dict[int, str] = {}
        # When it last asked for a room that it may not see.
        self._knocked_at = 0.0
        self.welcome: dict[str, Any] = {}
        self.presence: dict[int, str] = {}
        # What lately happened to this page, and when: for whoever asks why it is late.
        self.diary: deque[tuple[float, str]] = deque(maxlen=12)
        self.socket: WebSocket | None = None
        self.connected = False
        self.stopped = False

    def run(self) -> None:
        tries = 0
        while not self.stopped:
            try:
                self._listen()
            except ClosedError as error:
                self._note(str(error))
                tries = self._after_close(error.code, tries)
            except (NotUpgradedError, OSError) as error:
                self._note(repr(error))
                tries += 1
            finally:
                self._drop()
            if not self.stopped:
                gevent.sleep(self._wait(tries))
                self._note("comes back")
        self._waiting.kill()
        self._asking.stop()

    def stop(self) -> None:
        self.stopped = True
        if self.socket is not None:
            self.socket.socket.close()

    def come_anew(self) -> None:
        """End the connection, as a network does; it comes back by itself."""
        if self.socket is not None:
            self.socket.socket.shutdown(SHUT_RDWR)

    def close(self) -> None:
        self._asking.stop()
        self._drop()

    def has(self, heads: dict[int, int]) -> bool:
        """Whether each of these rooms is shown up to its seq."""
        return all(view.have >= heads.get(room, 0) for room, view in self.views.items())

    def listens(self, begins: float, ends: float) -> bool:
        """Whether it heard all its rooms all that time."""
        spans = [*self.listened, (self._listens_since, inf)]
        return any(since <= begins and ends <= until for since, until in spans)

    def recovered(self, heads: dict[int, int], _since: float) -> bool:
        """Whether this page is connected, hears its rooms and has all that was acknowledged."""
        return self.connected and not self._asked_for and self.has(heads)

    def lacks(self, heads: dict[int, int]) -> str:
        """Which of these heads it has not, and its diary in seconds before now."""
        behind = {
            room: f"{view.have} of {heads[room]}"
            for room, view in self.views.items()
            if view.have < heads.get(room, 0)
        }
        now = clock()
        diary = ", ".join(f"{at - now:.2f} {text}" for at, text in self.diary)
        state = f"connected, deaf to {list(self._asked_for)}" if self.connected else "away"
        who = f"page of {self.person.name}, {state}, asked {self._asking.times} times"
        return f"{who}, {behind}; {diary}"

    def watch(self, room: int) -> None:
        """Look at one more room, from its present page on."""
        page = self.person.room_page(room)
        first = page.rows[0].number if page.rows else 1
        self.views[room] = View(room, page.seq, {row.id: row for row in page.rows}, first)
        if self.connected and self.socket is not None:
            self._subscribe(room)

    def unwatch(self, room: int) -> None:
        """The page has gone away from that room."""
        self.views.pop(room, None)
        self._asked_for.pop(room, None)

    def knock(self, room: int) -> None:
        """Ask for a room that it may not see, as a page would that does not know yet."""
        if self.connected and self.socket is not None:
            self._knocked_at = clock()
            self.socket.send({"type": "subscribe", "room": room})

    def sees_online(self) -> set[int]:
        """Who is online or away, as this page shows it."""
        return {user for user, state in self.presence.items() if state != "offline"}

    def _end_listening(self) -> None:
        self.listened.append((self._listens_since, clock()))
        self._listens_since = inf

    def _shows(self, view: View) -> bool:
        return not self.stopped and self.views.get(view.room) is view

    def _note(self, text: str) -> None:
        self.diary.append((clock(), text))

    def _after_close(self, code: int, tries: int) -> int:
        if self.connected and not self.stopped:
            self.closes[code] += 1
        if code in (4001, 4003):
            self.stopped = True
        if code == 1013:
            return 0
        return 0 if self.connected else tries + 1

    def _wait(self, tries: int) -> float:
        """Full jitter: within 1.5 s at first, within 4 s for a minute, then up to 30 s."""
        if tries == 0:
            return self.rng.uniform(0, FIRST_RETURN)
        away = clock() - (self._left_at or clock())
        return self.rng.uniform(0, min(LAST_RETURN, max(SOON_RETURN, away / PATIENCE)))

    def _drop(self) -> None:
        if self.connected:
            self._left_at = clock()
            self._end_listening()
        self.connected = False
        self._asked_for.clear()
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _listen(self) -> None:
        self.socket = self.person.open_socket(self.socket_address, timeout=5.0)
        self._connected_at = clock()
        self.heard(self.socket.receive(SILENCE))
        self.connected = True
        self._note("listens")
        if self._left_at is not None:
            self.absences.append(clock() - self._left_at)
        for room in list(self.views):
            self._subscribe(room)
        while not self.stopped:
            self.heard(self.socket.receive(SILENCE))

    def _subscribe(self, room: int) -> None:
        """Mostly it says what it has, as a page does: then the socket may tell what it missed."""
        self._asked_for[room] = self.history.phase
        asked = {"type": "subscribe", "room": room}
        have = self.views[room].have
        if have and self.rng.random() < SAYS_WHAT_IT_HAS:
            asked |= {"since": have, "epoch": self.person.epoch}
        if self.socket is not None:
            self.socket.send(asked)

    def _subscribe_again(self, room: int) -> None:
        if self.connected and room in self._asked_for:
            with suppress(OSError):
                self._subscribe(room)

    def heard(self, data: bytes) -> None:
        """Handle one frame."""
        frame = decode(data)
        kind = frame["type"]
        self.frames[kind] += 1
        if kind not in KNOWN:
            self.history.trouble("unheard", f"{self.person.name} got {str(frame)[:200]}")
        if kind == "error":
            self._refused(frame)
        elif "room" in frame:
            self._in_room(kind, frame)
        elif kind == "welcome":
            self.welcome = frame
            self.presence = {}
            self._note_presence(frame["presence"])
        elif kind == "presence":
            self._note_presence(frame)

    def _note_presence(self, frame: dict[str, Any]) -> None:
        for state in ("online", "away", "offline"):
            self.presence |= dict.fromkeys(frame.get(state, ()), state)

    def _refused(self, frame: dict[str, Any]) -> None:
        """In calm, whoever may hear a room hears it. Else the page asks again.

        What is no room of this page may be one that it was put out of.
        """
        room = frame["room"]
        asked_in = self._asked_for.get(room, "calm" if room in self.views else "")
        is_calm = asked_in == self.history.phase == "calm"
        if frame["code"] in ("failed", "not_found") and not is_calm:
            self._waiting.add(gevent.spawn_later(SUBSCRIBE_AGAIN, self._subscribe_again, room))
        else:
            self.history.trouble("refused", f"{self.person.name} got {str(frame)[:200]}")

    def _in_room(self, kind: str, frame: dict[str, Any]) -> None:
        view = self.views.get(frame["room"])
        if view is None:
            self._check_unasked(kind, frame)
        elif kind in SEQUENCED and view.next(frame["seq"]):
            view.apply(frame)
            if kind == "message" and frame["change"] == "posted":
                self.arrivals[frame["id"]] = clock()
        elif kind == "missed" and frame["since"] <= view.have:
            view.catch_up(frame)
        elif kind in (*SEQUENCED, "head", "subscribed"):
            if kind == "subscribed":
                self._hears(view.room)
            view.head = max(view.head, frame["seq"])
            self._asking.catch_up(view)

    def _hears(self, room: int) -> None:
        self._asked_for.pop(room, None)
        if not self._asked_for:
            self._listens_since = min(self._listens_since, clock())

    def _check_unasked(self, kind: str, frame: dict[str, Any]) -> None:
        """A frame of a room that is not on the page: for members, and of what they were there for.

        A page that has just left a room still hears the answer to its last request.
        """
        room, user, now = frame["room"], self.person.id, clock()
        if self.history.is_member(user, room, now):
            return
        seq, grace = frame.get("seq"), allowed(REVOKED_SECONDS)
        detail = f"{self.person.name} got {str(frame)[:200]}"
        phase = self.history.phase
        asked = kind in ("missed", "subscribed")
        not_before = max(self._connected_at, self._knocked_at if asked else 0.0)
        stray = Stray(user, room, seq, now, not_before, grace, detail, phase)
        self.history.strays.append(stray)
