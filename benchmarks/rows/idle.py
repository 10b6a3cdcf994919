"""What an open page costs while nothing happens, and what 10,000 do when the server restarts.

Each socket belongs to another person, is signed in, subscribed to a room that all are in, and is
told who is online, which is checked for the first to come. Memory is PSS: what only the server's
processes hold, without the kernel's.
"""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.audit import audited
from benchmarks.load.crowd import Crowd
from benchmarks.load.http_clients import Client, run
from benchmarks.load.posters import Acknowledged, posters, said, times
from benchmarks.plan import Plan, tell
from benchmarks.product import Product, filled, opened, served, stalls
from benchmarks.results import Row, medians
from benchmarks.servers import free_port

WORK = "idle"
SOCKETS = int(os.environ.get("IDLE_SOCKETS", "10000"))
MOST_OPEN_SECONDS, MOST_RETURN_SECONDS, SETTLE_SECONDS = 300.0, 120.0, 15.0
# A stall is logged at most a second later.
TOLD_SECONDS = 1.5


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    return [
        Row(WORK, "idle socket", "KB", 40, at_least=False),
        Row(WORK, f"one worker with {SOCKETS:,} sockets", "MB", 500, at_least=False),
        Row(WORK, f"restart: {SOCKETS:,} back and caught up", "s", 15, at_least=False),
    ]


def measure(plan: Plan) -> Iterator[Row]:
    """Memory a socket, memory of the worker that holds them, and the seconds of a restart."""
    per_socket, whole, back = barred(plan)
    per_socket.note = note = f"{SOCKETS:,} sockets of {SOCKETS:,} people in one room"
    wanted = {"people": SOCKETS, "signed_in": SOCKETS, "messages": 40}
    costs: defaultdict[str, list[float]] = defaultdict(list)
    with filled(wanted) as (settings, facts):
        for number in range(1, plan.rounds + 1):
            one = _Round(settings, dict(facts))
            one.run()
            per_socket.ours.values.append((one.full - one.empty) / SOCKETS / 1000)
            whole.ours.values.append(one.full / 1e6)
            back.ours.values.append(one.back)
            for name, cost in one.costs().items():
                costs[name].append(cost)
            whole.note = (
                f"{note}; its loop stood still for over 50 ms {one.stalls_coming} times while"
                f" they came, {one.stalls_idle} in {SETTLE_SECONDS:.0f} s after"
            )
            back.note = (
                f"from SIGTERM; serving again after {one.serving:.1f} s; {one.refusals:,} refusals;"
                f" told live {one.ways['live']:,}, by `missed` {one.ways['missed']:,}, by HTTP"
                f" {one.ways['http']:,}"
            )
            tell(f"round {number}/{plan.rounds}  {one.told()}")
    per_socket.facts = medians(costs)
    yield from (per_socket, whole, back)


class _Round:
    """Open all, look, restart, wait until all are back."""

    def __init__(self, settings: dict[str, str], facts: dict):
        self.settings, self.facts = settings, facts
        # The restarted server is found where the first one was.
        self.port = free_port()

    def run(self) -> None:
        with served(self.settings, port=self.port) as server:
            ours = opened(server, self.facts, self.settings)
            crowd = Crowd(self.port, ours.room, ours.clients)
            _warm(ours)
            self.empty, busy = server.worker_memory(), server.busy_seconds()
            warming = stalls(server)
            began = time.monotonic()
            crowd.open(MOST_OPEN_SECONDS)
            self.opened = time.monotonic() - began
            self.open_cpu, busy = server.busy_seconds() - busy, server.busy_seconds()
            crowd.listen(TOLD_SECONDS)
            self.stalls_coming = stalls(server) - warming
            crowd.listen(SETTLE_SECONDS)
            self.idle_cpu = (server.busy_seconds() - busy) / (TOLD_SECONDS + SETTLE_SECONDS)
            self.stalls_idle = stalls(server) - warming - self.stalls_coming
            _check_all_are_there(crowd)
            self.full = server.worker_memory()
            gone = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            crowd.listen(10, until=lambda: server.process.poll() is not None)
        self._return(crowd, gone)

    def _return(self, crowd: Crowd, gone: float) -> None:
        with ExitStack() as stack:
            server = stack.enter_context(
                served(self.settings, port=self.port, meanwhile=lambda: crowd.listen(0.02))
            )
            self.serving = time.monotonic() - gone
            message = _say_something(crowd, self.port)
            crowd.wanted = message.key.encode()
            crowd.listen(
                MOST_RETURN_SECONDS, until=lambda: crowd.caught_up >= SOCKETS == crowd.live
            )
            self.back = time.monotonic() - gone
            self.refusals, self.ways = crowd.refusals, crowd.ways
            late = SOCKETS - crowd.caught_up
            crowd.close()
            if late or not server.workers():
                raise TimeoutError(f"{late} did not come back within {MOST_RETURN_SECONDS} s")
        audited(self.settings, crowd.room, [[message]])

    def costs(self) -> dict[str, float]:
        """Of one socket: bytes, and microseconds of CPU to open it and for each second after."""
        return {
            "socket_bytes": (self.full - self.empty) / SOCKETS,
            "idle_socket_cpu_us_a_second": self.idle_cpu / SOCKETS * 1e6,
            "open_cpu_us": self.open_cpu / SOCKETS * 1e6,
        }

    def told(self) -> str:
        each = (self.full - self.empty) / SOCKETS / 1000
        return (
            f"{each:.1f} KB a socket, {self.full / 1e6:.0f} MB, "
            f"open in {self.opened:.0f} s, all back after {self.back:.1f} s"
        )


def _warm(ours: Product) -> None:
    """Whatever the first requests load is not what sockets cost."""
    paths = iter([f"/rooms/{ours.room}", "/sidebar"] * 5)

    def visit() -> bytes | None:
        path = next(paths, None)
        return ours.clients[0].get(path) if path else None

    run(ours.server.port, [Client(visit, lambda status, _: None if status == 200 else "no page")])


def _check_all_are_there(crowd: Crowd) -> None:
    if crowd.live < SOCKETS:
        raise ValueError(f"{SOCKETS - crowd.live} sockets closed while idle")
    shown = len(crowd.onlooker.online)
    if shown != SOCKETS:
        raise ValueError(f"{shown} of {SOCKETS} people are shown as online")


def _say_something(crowd: Crowd, port: int) -> Acknowledged:
    """Post one message that all have missed."""
    person = crowd.people[0].person
    speaker = posters([person], crowd.room, said, times(1))[0]
    run(port, [speaker.client()])
    return speaker.acknowledged[0]
