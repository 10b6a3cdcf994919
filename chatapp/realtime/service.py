"""The parts of one process's realtime, put together, started with its first socket, and stopped."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from flask import Flask

from chatapp.contexts import app_context
from chatapp.database import let_go
from chatapp.domain import standing
from chatapp.offload import is_cooperative
from chatapp.problems import is_outage
from chatapp.realtime.allowance import Allowance
from chatapp.realtime.connection import Connection, Limits, Phase
from chatapp.realtime.delivery import TURN, Delivery
from chatapp.realtime.fairness import stretches
from chatapp.realtime.heads import Heads
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.hints import Hint, PresenceHint, WorkspaceHint
from chatapp.realtime.hub import Hub
from chatapp.realtime.listener import Listener
from chatapp.realtime.missed import MissedFrames
from chatapp.realtime.poller import Poller
from chatapp.realtime.presence import Presence
from chatapp.realtime.protocol import RESTARTING, PageState, RoomMark, Rooms, Welcome, encode_frame
from chatapp.realtime.relay import MemoryRelay, RedisRelay, Relay
from chatapp.realtime.sockets import GeventSockets, ThreadSockets

log = logging.getLogger(__name__)

STOP_SECONDS = 1.0
# A person, and a network with an office behind it, may send as many frames as so many sockets.
PERSON_SOCKETS = 50
ADDRESS_SOCKETS = 500
# How often a welcome is read anew when what was read is older than what this process has applied.
WELCOME_TRIES = 10
# Who lost the right to hear something hears nothing 2 s later, and each round of asking
# takes a second and a moment.
STALE_SECONDS = 1.5
# Where all pages are to ask for their lists of rooms, so many do in so many seconds: a quarter of
# what a core makes.
LISTS_AT_ONCE, LISTS_SECONDS = 25, 0.1


class StrangerError(Exception):
    """The person or the sign-in ended while their socket was opening."""


class UnsettledError(Exception):
    """What the database says is older than what this process knows, again and again."""


class Realtime:
    """Everything about the browsers that listen to this process. One for each application."""

    def __init__(self, app: Flask):
        self._app = app
        self.hub = Hub()
        self.delivery = Delivery(self.hub, self._knows_rights)
        self.presence = Presence(self.hub)
        self.heads = Heads(self.hub, self.delivery, self.presence.gone)
        self.missed = MissedFrames(app, self.heads)
        self._heartbeat = Heartbeat(self.hub, self.presence.gone)
        self._poller = Poller(
            app, self.hub, self.heads, self.presence, self._heartbeat, self.delivery
        )
        self.relay = self._poller.relay = self._make_relay()
        self.listener = Listener(self)
        self.limits = Limits()
        self._allowances: WeakValueDictionary[str, Allowance] = WeakValueDictionary()
        self.capacity = app.config.get("SOCKET_CAPACITY", 20_000)
        self.stopping = False
        # Rounds in which all pages are to ask for their lists of rooms.
        self._lists_due = 0
        self._sockets: GeventSockets | ThreadSockets | None = None
        self._start_lock = threading.Lock()
        self._stop_lock = threading.Lock()

    # Opening and closing

    @property
    def sockets(self) -> Any:
        """How this worker reads and writes sockets; the first use starts the background work."""
        with self._start_lock:
            if self._sockets is None:
                self._start()
        return self._sockets

    def prepare(self, token_hash: bytes, state: PageState = "active") -> tuple[Connection, bytes]:
        """A connection that hears everything from now on, and what to tell it first.

        `state`: of its page, "active" or "away": nobody hears of another one before.
        Raises `StrangerError` when the sign-in is over, `UnsettledError` when it could not be made.
        """
        connection = Connection(self.sockets, self.listener, self.limits)
        connection.state = state
        try:
            return connection, self._welcome(connection, token_hash)
        except BaseException:
            # Its person's other sockets may have closed meanwhile, with this one to count on.
            self.forget(connection)
            raise

    def share_allowances(self, connection: Connection, network: str) -> None:
        """Count its frames with those of its person's and its address's other sockets."""
        connection.allowances.shared = (
            self._allowance(f"user:{connection.user_id}", PERSON_SOCKETS),
            self._allowance(f"address:{network}", ADDRESS_SOCKETS),
        )

    def _allowance(self, key: str, sockets: int) -> Allowance:
        """Shared by all who hold it, and gone with the last of them."""
        found = self._allowances.get(key)
        if found is None:
            burst, a_second = self.limits.burst * sockets, self.limits.frames_a_second * sockets
            found = self._allowances[key] = Allowance(burst, a_second, time.monotonic())
        return found

    def open(self, connection: Connection, sock: Any, first: bytes) -> None:
        """Take over the socket; send this, which ends its handshake, and what has gathered."""
        connection.sock = self.sockets.take_over(sock)
        connection.open(first)
        self.presence.update(connection.user_id)

    def forget(self, connection: Connection) -> None:
        """This connection has ended."""
        self.hub.exit(connection)
        self.presence.update(connection.user_id, has_left=True)

    def stop(self) -> None:
        """Send every browser away to come back soon (1012); returns when they have heard it."""
        with self._stop_lock:
            if self.stopping:
                return
            self.stopping = True
            self.relay.stop()
            self._send_away(tuple(self.hub.connections))
            self._heartbeat.stop()
            self.delivery.stop()
            self._poller.stop()

    def _send_away(self, connections: tuple[Connection, ...]) -> None:
        for stretch in stretches(connections, TURN):
            for connection in stretch:
                connection.close(RESTARTING, "restarting")
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(
            connection.phase is not Phase.CLOSED for connection in connections
        ):
            time.sleep(0.02)

    def _welcome(self, connection: Connection, token_hash: bytes) -> bytes:
        """Read where everything stands and enter the hub, so that nothing falls between."""
        for _ in range(WELCOME_TRIES):
            if not self.hub.connections:
                # What has changed since anybody listened was no business of whoever comes now.
                self.heads.catch_up()
                self.presence.read_first()
                if wire := self.presence.tick():
                    self.delivery.everybody(wire)
                # What is asked next has a connection of its own.
                let_go()
            found = standing.of_sign_in(token_hash)
            if found is None:
                raise StrangerError
            if self.heads.unless_past(found.workspace_seq, self._enter, connection, found):
                if self._is_behind(found):
                    # What was told meanwhile is not told once more; from here on all is heard.
                    found = standing.of_sign_in(token_hash)
                    if found is None:
                        raise StrangerError
                return self._first_frame(found)
            # While nobody listens, nobody else would notice that the database has gone back.
            self.heads.catch_up()
            let_go()
        raise UnsettledError

    def _enter(self, connection: Connection, found: standing.Standing) -> None:
        connection.user_id, connection.session_id = found.user_id, found.session_id
        connection.workspace_seq = found.workspace_seq
        connection.expires = time.monotonic() + found.seconds_left
        self.hub.enter(connection, found.name)
        for room_id, (seq, number, _) in found.rooms.items():
            self.hub.join(found.user_id, room_id, seq, number)

    def _first_frame(self, found: standing.Standing) -> bytes:
        rooms = {room_id: RoomMark(*mark) for room_id, mark in found.rooms.items()}
        people = self.presence.snapshot()
        return encode_frame(Welcome(found.epoch, found.user_id, found.workspace_seq, rooms, people))

    def _is_behind(self, found: standing.Standing) -> bool:
        """Whether this process has told of more in one of these rooms."""
        for room_id, (seq, number, _) in found.rooms.items():
            channel = self.hub.channels.get(room_id)
            if channel and (channel.seq > seq or channel.number > number):
                return True
        return False

    # Telling and hearing

    def publish(self, hint: Hint) -> None:
        """Tell this process and the others."""
        self.relay.publish(hint)

    def is_heard(self, room_id: int) -> bool:
        """Whether anybody could hear what happens in this room."""
        return self.relay.has_others or room_id in self.hub.channels

    def catch_up(self, place: int = 0) -> None:
        """`Heads.catch_up` for background work: brings its own context."""
        with self._app.app_context():
            try:
                self.heads.catch_up(place)
            finally:
                let_go()

    def _knows_rights(self, workspace_seq: int) -> bool:
        """Whether nobody would be told anything who had lost the right to it.

        What was said when the workspace stood at that place may be here before the hint of what
        brought it there. And a worker that stood still, or whose poller waits for something, has
        hints to deliver sooner than it asks who may hear them. Then it is asked here. The poller
        tells of an outage.
        """
        is_fresh = time.monotonic() - self.heads.caught_up_at < STALE_SECONDS
        if (is_fresh and self.heads.workspace_seq >= workspace_seq) or not self.hub.connections:
            return True
        try:
            # Where it is long since anybody has asked, that the place was reached proves nothing.
            self.catch_up(workspace_seq if is_fresh else 0)
        except Exception as error:
            if is_outage(error):
                return False
            raise
        # Also where the database has not come so far: it was restored since.
        return True

    def _hear(self, hint: Hint) -> None:
        match hint:
            case WorkspaceHint(seq):
                if self.heads.known and self.heads.workspace_seq < seq:
                    self._poller.wake()
            case PresenceHint(process):
                if process != self.presence.process_id:
                    self._poller.wake()
            case _ if self._sockets is not None:
                self.delivery.put(hint)

    def _was_deaf(self, seconds: float) -> None:
        """Redis told nothing for so long. Ask the database, and have the pages ask for the rest:
        how far somebody has read in another tab, and what a room in their list is called.
        """
        self._poller.wake()
        if seconds:
            self._lists_due += 1
            if self._lists_due == 1:
                _run(self._have_lists_asked)

    def _have_lists_asked(self) -> None:
        """Once, and once more for all that was lost meanwhile."""
        wire = encode_frame(Rooms(shared=False))
        while self._lists_due and not self.stopping:
            self._lists_due = 1
            for stretch in stretches(tuple(self.hub.connections), LISTS_AT_ONCE):
                for connection in stretch:
                    connection.send(wire)
                time.sleep(LISTS_SECONDS)
            self._lists_due -= 1

    def _make_relay(self) -> Relay:
        url = self._app.config.get("REDIS_URL")
        if not url:
            return MemoryRelay(self._hear)
        # Redis numbers its databases, but not its channels: two installs may share one.
        install = hashlib.sha256(self._app.config["SECRET_KEY"].encode()).hexdigest()[:16]
        return RedisRelay(url, f"chatapp:hints:{install}", self._hear, self._was_deaf)

    # In the background

    def _start(self) -> None:
        self._sockets = GeventSockets() if is_cooperative() else ThreadSockets()
        self._heartbeat.expire = self._sockets.expire
        self.relay.listen()
        for work in (self.delivery.run, self._heartbeat.run, self._poller.run):
            _run(work)


def _run(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=str(work), daemon=True).start()


def realtime() -> Realtime:
    """The running application's."""
    return app_context().app.extensions["realtime"]
