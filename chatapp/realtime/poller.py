"""Asks the database each second, for one process: what changed, who is online, what was missed.

Hints only make it ask sooner. An outage of the database is said once and waited out.
"""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from chatapp.database import let_go
from chatapp.extensions import db
from chatapp.problems import is_outage
from chatapp.realtime.delivery import Delivery
from chatapp.realtime.heads import GRACE_SECONDS, Heads
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.hints import PresenceHint
from chatapp.realtime.hub import Hub
from chatapp.realtime.presence import Presence
from chatapp.realtime.relay import Relay

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
TELL_EVERY_SECONDS = 60.0


class Poller:
    """The asking of one process; `relay` is set before it runs."""

    relay: Relay

    def __init__(
        self,
        app: Flask,
        hub: Hub,
        heads: Heads,
        presence: Presence,
        heartbeat: Heartbeat,
        delivery: Delivery,
    ):
        self._app, self._hub, self._heads = app, hub, heads
        self._presence, self._heartbeat, self._delivery = presence, heartbeat, delivery
        self._woken = threading.Event()
        self._stopped = False
        self._outage = self._is_shown = False
        self._told_at = float("-inf")
        self._alone = True

    def run(self) -> None:
        """Ask until `stop`. While nobody listens here, nothing is asked."""
        due = time.monotonic()
        while not self._stopped:
            if self._woken.wait(max(0.0, due - time.monotonic())):
                self._woken.clear()
                self._try(self._catch_up, self._read_presence)
            if time.monotonic() >= due:
                due = time.monotonic() + POLL_SECONDS
                if self._hub.connections or self._presence.is_needed:
                    self._ask()
                else:
                    self._show()

    def _ask(self) -> None:
        """A round of all questions. What was read is shown before anything is waited for."""
        self._is_shown = False
        self._try(
            # Reading comes first: it works while the database takes no writes.
            self._catch_up,
            self._look_at_sign_ins,
            self._read_presence,
            self._show,
            self._heal,
            self._write_presence,
            # After our own beat: whoever cannot write buries nobody.
            self._presence.forget_dead,
        )
        if not self._is_shown:
            self._show()

    def wake(self) -> None:
        """Ask at once for what cannot wait."""
        self._woken.set()

    def stop(self) -> None:
        self._stopped = True
        self._woken.set()

    def _try(self, *steps: Callable[[], None]) -> None:
        """Take these steps. An outage ends them all; one with an error of ours only itself."""
        for step in steps:
            try:
                with self._app.app_context():
                    try:
                        step()
                    finally:
                        # Flask-SQLAlchemy would keep a session whose connection has gone away.
                        let_go()
            except Exception as error:
                if is_outage(error):
                    self._tell_of_outage(error)
                    return
                self._tell_of_error()
        self._outage = False

    def _tell_of_outage(self, error: Exception) -> None:
        if not self._outage:
            log.warning("The database does not answer; asking on. (%s)", error)
        self._outage = True

    def _tell_of_error(self) -> None:
        """Say what is wrong with its stack, but not each second."""
        now = time.monotonic()
        if now - self._told_at > TELL_EVERY_SECONDS:
            self._told_at = now
            log.exception("What changed could not be looked at; going on")

    def _catch_up(self) -> None:
        self._heads.catch_up()

    def _look_at_sign_ins(self) -> None:
        self._heads.look_again_at_sign_ins(self._heartbeat.take_expired())

    def _read_presence(self) -> None:
        self._presence.read()
        self._tell_of_others()

    def _heal(self) -> None:
        behind = self._heads.behind()
        if behind:
            # No connection is held meanwhile.
            db.session.remove()
            time.sleep(GRACE_SECONDS)
            self._heads.heal(behind)

    def _write_presence(self) -> None:
        if self._presence.write():
            self.relay.publish(PresenceHint(self._presence.process_id))

    def _tell_of_others(self) -> None:
        if self._alone and self._presence.others and not self.relay.has_others:
            self._alone = False
            log.info(
                "Several workers without Redis: what one says, others show a second later."
                " Set REDIS_URL to have it shown at once."
            )

    def _show(self) -> None:
        """At most once a second, everybody hears who came and went. Asks nothing."""
        self._is_shown = True
        try:
            if wire := self._presence.tick():
                self._delivery.everybody(wire)
        except Exception:
            self._tell_of_error()
