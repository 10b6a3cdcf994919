"""Watches that the loop of a gevent worker turns, and says what held it when it did not.

The loop tells when it wakes with something to do and when it goes to wait again: what lies between
is a stretch in which whoever comes has to wait. A native thread looks whether a stretch is long
already, and if so notes what the loop's thread is doing. It only looks: logs and locks are left to
the loop's own thread, where gevent expects them.
"""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from chatapp.logs import structured
from chatapp.realtime.stalls import STALL_SECONDS, Stall, Stalls

log = structured("chatapp.loop")

# How often the thread looks, and from when on a stretch may become a stall. Together less than a
# stall, so that none ends between two looks; an idle process pays some 2 ms of CPU a second.
LOOK_SECONDS = 0.02
SUSPICIOUS_SECONDS = 0.02
LOOKS = 16
# How old the account of the thread's time may be at the begin of a stretch.
ACCOUNT_SECONDS = 0.02
LOG_EVERY_SECONDS = 1.0
# The innermost frames say what is being done, our own say on whose behalf.
INNERMOST_FRAMES = 4
STACK_FRAMES = 12
OURS = f"{os.sep}chatapp{os.sep}"
# What stands before the telling part of a path.
ROOTS = (f"{os.sep}site-packages{os.sep}", os.path.dirname(os.__file__) + os.sep)
# How long a thread has waited for a processor: the second number, in nanoseconds (Linux).
SCHEDULE = "/proc/thread-self/schedstat"
# libev calls what has a high priority first.
FIRST, LAST = 2, -2


class LoopWatch:
    """The watch of one process; `stalls` is its record. Does nothing until `start`."""

    def __init__(self) -> None:
        self.stalls = Stalls()
        self.started_at: float | None = None
        self._watchers: tuple[Any, ...] = ()
        self._thread_id = 0
        self._schedule = -1
        # When the running stretch began; 0 while the loop waits.
        self._began = 0.0
        self._account = (0.0, 0.0, 0.0)
        self._second_ends = self._longest = 0.0
        # Of which stretch, and what.
        self._seen: tuple[float, list[Sequence[str]]] = (0.0, [])
        # Those that no line has told of yet.
        self._untold: list[Stall] = []
        self._told_at = float("-inf")

    def start(self) -> None:
        """Watch the loop of this thread, from now until `stop`. Needs gevent."""
        from gevent import get_hub
        from gevent.monkey import get_original

        if self._watchers:
            return
        with suppress(OSError):
            self._schedule = os.open(SCHEDULE, os.O_RDONLY | os.O_CLOEXEC)
        self.started_at = time.monotonic()
        self._thread_id = get_original("_thread", "get_ident")()
        loop = get_hub().loop
        # Without a reference: the watch alone is no reason for the loop to go on.
        waking, waiting = (
            loop.check(ref=False, priority=FIRST),
            loop.prepare(ref=False, priority=LAST),
        )
        self._watchers = (waking, waiting)
        waking.start(self._begin)
        waiting.start(self._end)
        get_original("_thread", "start_new_thread")(self._look, (get_original("time", "sleep"),))

    def stop(self) -> None:
        """No more looks."""
        watchers, self._watchers = self._watchers, ()
        for watcher in watchers:
            watcher.stop()
            watcher.close()
        if self._schedule != -1:
            os.close(self._schedule)
            self._schedule = -1

    # In the loop, at every turn: as little as possible

    def _begin(self) -> None:
        now = self._began = time.monotonic()
        if now - self._account[0] > ACCOUNT_SECONDS:
            self._account = self._take_account(now)

    def _end(self) -> None:
        began, self._began = self._began, 0.0
        now = time.monotonic()
        took = now - began
        if began and took > self._longest:
            self._longest = took
        if now > self._second_ends:
            self.stalls.end_second(self._longest)
            self._second_ends, self._longest = now + 1.0, 0.0
        if began and took > STALL_SECONDS:
            self._note(began, now)
        if self._untold and now - self._told_at > LOG_EVERY_SECONDS:
            self._tell(now)

    def _take_account(self, now: float) -> tuple[float, float, float]:
        """This moment, and how long the thread has run and waited for a processor by now."""
        waited = 0.0
        if self._schedule != -1:
            # The kernel answers from memory: a callback of the loop may ask.
            waited = int(os.pread(self._schedule, 64, 0).split()[1]) / 1e9
        return now, time.thread_time(), waited

    def _note(self, began: float, now: float) -> None:
        account = self._take_account(now)
        took = now - began
        ran, waited = (
            min(took, after - before)
            for before, after in zip(self._account[1:], account[1:], strict=True)
        )
        self._account = account
        seen_of, stacks = self._seen
        stall = Stall(took, ran, waited, stacks if seen_of == began else ())
        self.stalls.add(stall)
        self._untold.append(stall)

    def _tell(self, now: float) -> None:
        """One line, about the stall that the machine excuses least."""
        from gevent import spawn

        worst = max(self._untold, key=lambda stall: stall.seconds - stall.waited)
        more = {"more": len(self._untold) - 1} if len(self._untold) > 1 else {}
        self._untold, self._told_at = [], now
        # Writing a line may wait, which a callback of the loop may not.
        spawn(log.warning, "the loop stood still", **told(worst), **more)

    # In a thread of its own

    def _look(self, sleep: Any) -> None:
        while self._watchers:
            sleep(LOOK_SECONDS)
            began = self._began
            if not began or time.monotonic() - began < SUSPICIOUS_SECONDS:
                continue
            if self._seen[0] != began:
                self._seen = began, []
            if len(self._seen[1]) < LOOKS:
                self._seen[1].append(stack_of_thread(self._thread_id))


def told(stall: Stall) -> dict[str, object]:
    """A stall as facts for a line or a page, in whole milliseconds.

    `stack`: what it was doing most of the time; `also`: what else it was seen doing.
    """
    parts = {"ms": stall.seconds, "ran_ms": stall.ran, "waited_ms": stall.waited}
    facts: dict[str, object] = {name: round(value * 1000) for name, value in parts.items()}
    facts |= {"cause": stall.cause, "stack": list(stall.stack)}
    also = {stack[0] for stack in stall.stacks} - {*stall.stack[:1]}
    return facts | ({"also": sorted(also)} if also else {})


def stack_of_thread(thread_id: int) -> Sequence[str]:
    """What that thread is doing. No frame is kept: what it holds, such as a cursor that holds a
    connection at what was in the database then, would live for as long.
    """
    frame = sys._current_frames().get(thread_id)
    return stack_of(frame) if frame else ()


def stack_of(frame: FrameType) -> Sequence[str]:
    """Where that frame stands and who called it, innermost first, as `file:line function`."""
    lines: list[str] = []
    depth = 0
    caller: FrameType | None = frame
    while caller is not None and len(lines) < STACK_FRAMES:
        code = caller.f_code
        if depth < INNERMOST_FRAMES or OURS in code.co_filename:
            lines.append(f"{_short(code.co_filename)}:{caller.f_lineno} {code.co_name}")
        caller, depth = caller.f_back, depth + 1
    return lines


def _short(path: str) -> str:
    for root in ROOTS:
        path = path.rpartition(root)[2]
    _, ours, after = path.rpartition(OURS)
    return f"chatapp{os.sep}{after}" if ours else path
