"""Asks the database each second, for one process: what changed, who is online, what was missed.

Hints only make it ask sooner. An outage of the database is said once and waited out.
"""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from chatapp.realtime.delivery import Delivery
from chatapp.realtime.heads import GRACE_SECONDS, Heads
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.hints import PresenceHint
from chatapp.realtime.hub import Hub
from chatapp.realtime.presence import Presence
from chatapp.realtime.relay import Relay

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


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
        self._outage = False
        self._alone = True

    def run(self) -> None:
        """Ask until `stop`. While nobody listens here, nothing is asked."""
        due = time.monotonic()
        while not self._stopped:
            if self._woken.wait(max(0.0, due - time.monotonic())):
                self._woken.clear()
                self._try(self._hurry)
            if time.monotonic() >= due:
                due = time.monotonic() + POLL_SECONDS
                if self._hub.connections or self._presence.is_needed:
                    self._try(self._ask)
                self._show()

    def wake(self) -> None:
        """Ask at once for what cannot wait."""
        self._woken.set()

    def stop(self) -> None:
        self._stopped = True
        self._woken.set()

    def _try(self, ask: Callable[[], None]) -> None:
        try:
            ask()
            self._outage = False
        except Exception as error:
            if not self._outage:
                log.warning("The database does not answer; asking on. (%s)", error)
            self._outage = True

    def _hurry(self) -> None:
        with self._app.app_context():
            self._heads.catch_up()
            self._presence.read()

    def _ask(self) -> None:
        """Reading comes first: it works while the database takes no writes."""
        with self._app.app_context():
            self._heads.catch_up()
            self._heads.look_again_at_sign_ins(self._heartbeat.take_expired())
            self._presence.read()
            behind = self._heads.behind()
        if behind:
            # No connection is held meanwhile.
            time.sleep(GRACE_SECONDS)
            with self._app.app_context():
                self._heads.heal(behind)
        with self._app.app_context():
            if self._presence.write():
                self.relay.publish(PresenceHint(self._presence.process_id))
        self._tell_of_others()

    def _tell_of_others(self) -> None:
        if self._alone and self._presence.others and not self.relay.has_others:
            self._alone = False
            log.info("Several workers without Redis: what one says, others show a second later.")

    def _show(self) -> None:
        """At most once a second, everybody hears who came and went."""
        if wire := self._presence.tick():
            self._delivery.everybody(wire)
