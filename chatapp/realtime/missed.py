"""What pages have missed while they were away, told by the socket as they subscribe.

After a restart thousands come back at once, and most of them have missed the same few messages.
Those are read and encoded once; whoever comes meanwhile waits for that, and holds nothing. Whatever
is rare or big is left to the catch-up by HTTP.
"""

import logging
import threading
from concurrent.futures import Future
from typing import NamedTuple

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from chatapp.database import let_go
from chatapp.domain import changes
from chatapp.realtime.heads import Heads
from chatapp.realtime.protocol import Missed, Subscribe, encode_frame
from chatapp.recent import Recent
from chatapp.rendering.changes import changed_messages

log = logging.getLogger(__name__)

# Who missed more changes than this shows the newest page anew (TOO_FAR in catch_up.js).
MOST_CHANGES = 500
MOST_BYTES = 64 * 1024
KEPT_FRAMES = 128
# Frames that are read for at the same moment: the pool is for requests and handshakes, too.
READS = 4
# Whoever has waited for so long is better off asking by HTTP.
PATIENCE_SECONDS = 2.0
# Instead of a frame, where the page has to ask.
NOTHING = b""


class Gap(NamedTuple):
    """All that a frame depends on: what was missed, and the names that stand in it."""

    epoch: str
    room_id: int
    since: int
    seq: int
    workspace_seq: int


class MissedFrames:
    """Those of one process. Safe to ask from every connection at once."""

    def __init__(self, app: Flask, heads: Heads):
        self._app, self._heads = app, heads
        self._kept = Recent(KEPT_FRAMES)
        self._lock = threading.Lock()
        self._making: dict[Gap, Future[bytes]] = {}
        self._turns = threading.BoundedSemaphore(READS)

    def frame_for(self, asked: Subscribe, seq: int) -> bytes:
        """What brings who asks to `seq` of that room, on the wire; NOTHING where HTTP is to tell.

        May wait. It is for whoever may hear the room, so the caller has to look again who does.
        """
        since = asked.since
        if since is None or asked.epoch != self._heads.epoch:
            return NOTHING
        if not since < seq <= since + MOST_CHANGES:
            return NOTHING
        return self._frame(Gap(asked.epoch, asked.room, since, seq, self._heads.workspace_seq))

    def _frame(self, gap: Gap) -> bytes:
        """Made by the first who asks, while the others wait for it."""
        with self._lock:
            kept = self._kept.get(gap)
            if kept is not None:
                return kept
            is_first = gap not in self._making
            making = self._making.setdefault(gap, Future())
        if is_first:
            self._make(gap, making)
        try:
            return making.result(PATIENCE_SECONDS)
        except TimeoutError:
            return NOTHING

    def _make(self, gap: Gap, making: Future[bytes]) -> None:
        frame = NOTHING
        try:
            frame = self._in_turn(gap)
        finally:
            # Kept by now, or worth another try.
            with self._lock:
                del self._making[gap]
            making.set_result(frame)

    def _in_turn(self, gap: Gap) -> bytes:
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            return NOTHING
        try:
            with self._app.app_context():
                try:
                    return self._kept.put(gap, _read(gap))
                finally:
                    let_go()
        except SQLAlchemyError as error:
            log.warning("What was missed could not be read: %s", type(error).__name__)
            return NOTHING
        except Exception:
            log.exception("What was missed could not be told")
            return NOTHING
        finally:
            self._turns.release()


def _read(gap: Gap) -> bytes:
    found = changes.of_messages_only(gap.epoch, gap.workspace_seq, gap.room_id, gap.since, gap.seq)
    if found is None or found.more:
        return NOTHING
    messages = changed_messages(found.messages)
    wire = encode_frame(Missed(gap.room_id, gap.since, gap.seq, messages))
    return wire if len(wire) <= MOST_BYTES else NOTHING
