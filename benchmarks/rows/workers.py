"""Two workers on two cores against one on one, with PostgreSQL and Redis on the same cores.

One worker: it, PostgreSQL and Redis share one core, the load has the other. Two: both workers,
PostgreSQL, Redis and the load share both, so what the load takes is missing from the machine; how
much that was stands in the note. Fan-out is compared by the CPU seconds the workers spent, twice:
to the same thousand people, and to a thousand for each worker, as a room grows. Posts are measured
three times: each person in a room of their own; all in one, for whose lock they wait; and four
times as many in one, since sixteen who wait for each other's commits leave two cores idle. Whoever
posts has the room open, and every message must reach every socket there, once. Two workers who
have more to do than they can may be heard in another order than the room's, which a page puts right
by the sequence: how often stands in the note.

What two cores of this machine make of two processes that have nothing to do with each other is
measured, too: no server can be nearer to twice.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain

from benchmarks.backing import Backing, backing
from benchmarks.load.http_clients import Outcome, run
from benchmarks.load.listening import having_open, viewing
from benchmarks.load.posters import Poster, marked, posters, times
from benchmarks.plan import Plan, take_turns
from benchmarks.product import Product, filled, opened, served
from benchmarks.results import Row
from benchmarks.rows import pages
from benchmarks.servers import BOTH_CORES, LOAD_CORE, SERVER_CORE, busy_seconds

WORK = "workers"
CLIENTS, MESSAGES, ROOMS, LISTENERS, IN_FLIGHT = 16, 1_000, 20, 1_000, 16
# So that a fan-out lasts some seconds.
FAN_OUT_POSTS_A_SECOND = 400
SETTLE_SECONDS = 2.0
CROWD = 64
CROWDED = f"posts of {CROWD} into one room"
EACH = f"fan-out to {LISTENERS:,} each"
KINDS = {
    "pages": ("requests/s", 1.7),
    "posts": ("requests/s", 1.7),
    "posts into one room": ("requests/s", 1.7),
    CROWDED: ("requests/s", 1.7),
    "fan-out": ("deliveries/CPU s", 1.0),
    EACH: ("deliveries/CPU s", 1.0),
}
BARE = "headroom: a Python loop on each core"
# Counts for so many seconds on that core, and prints how often in one.
COUNTING = """
import os, sys, time
core, seconds = int(sys.argv[1]), float(sys.argv[2])
os.sched_setaffinity(0, {core})
end, count = time.perf_counter() + seconds, 0
while time.perf_counter() < end:
    sum(number * number for number in range(10_000))
    count += 1
print(count / seconds)
"""


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    return [
        Row(WORK, f"{kind}, two workers", unit, bar, peer_name="one worker")
        for kind, (unit, bar) in KINDS.items()
    ]


def measure(plan: Plan) -> Iterator[Row]:
    """Pages and posts a second, and deliveries for each second of CPU, two against one."""
    people = 2 * LISTENERS
    wanted = {"people": people, "signed_in": people, "messages": MESSAGES, "rooms": ROOMS}
    with backing() as behind, filled(wanted, behind.environment) as (settings, facts):
        teams = {count: _Team(count, behind, settings, facts, plan) for count in (1, 2)}
        turns = take_turns(
            plan.rounds,
            {
                f"{kind}, {count}": lambda team=team, kind=kind: team.measure(kind)
                for kind in KINDS
                for count, team in teams.items()
            }
            | {f"{BARE}, {count}": lambda count=count: _bare(count, plan) for count in teams},
            peers=(),
        )
    for kind, row in zip(KINDS, barred(plan), strict=True):
        row.ours, row.peer = turns[f"{kind}, 2"].sample, turns[f"{kind}, 1"].sample
        row.note = teams[2].note(kind)
        yield row
    row = Row(WORK, BARE, "rounds/s", peer_name="on one core")
    row.ours, row.peer = turns[f"{BARE}, 2"].sample, turns[f"{BARE}, 1"].sample
    row.note = "nothing shared; what a load takes comes off"
    yield row


def _bare(count: int, plan: Plan) -> float:
    """So many loops at the same time, each on its own core: their rounds a second, together."""
    command = [sys.executable, "-c", COUNTING]
    loops = [
        subprocess.Popen([*command, core, str(plan.seconds)], stdout=subprocess.PIPE, text=True)
        for core in BOTH_CORES.split(",")[:count]
    ]
    return sum(float(loop.communicate()[0]) for loop in loops)


@dataclass
class _Team:
    """So many workers on as many cores, with what is behind them."""

    count: int
    behind: Backing
    settings: dict[str, str]
    facts: dict
    plan: Plan
    # By kind of work: what asking and listening took of all cores, the last time.
    load_shares: dict[str, float] = field(default_factory=dict)
    # How many posts' deliveries there were, and how many came out of order, over all rounds.
    told: Counter[str] = field(default_factory=Counter)
    misplaced: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str) -> str:
        load = f"the load took {self.load_shares[kind]:.0%} of the two cores"
        if kind not in self.told:
            return load
        return f"{load}; {self.misplaced[kind]:,} of {self.told[kind]:,} deliveries not in order"

    def measure(self, kind: str) -> float:
        with self._serving() as ours:
            if kind in ("fan-out", EACH):
                return self._fan_out(ours, kind)
            outcome = self._pages(ours) if kind == "pages" else self._posts(ours, kind)
            self.load_shares[kind] = outcome.load_share / 2
            return outcome.rate

    @contextmanager
    def _serving(self) -> Generator[Product]:
        cores = SERVER_CORE if self.count == 1 else BOTH_CORES
        self.behind.move_to(cores)
        if self.count > 1:
            os.sched_setaffinity(0, {int(core) for core in cores.split(",")})
        workers = self.settings | {"WEB_CONCURRENCY": str(self.count)}
        try:
            with served(workers, cores) as server:
                # The first worker answers; the other one is loaded a moment later.
                time.sleep(SETTLE_SECONDS)
                yield opened(server, dict(self.facts), self.settings)
        finally:
            os.sched_setaffinity(0, {int(LOAD_CORE)})

    def _pages(self, ours: Product) -> Outcome:
        # Posts have moved the history on; the page must show the newest of it.
        ours.messages = self.behind.last_number()
        people = enumerate(ours.clients[:CLIENTS], 1)
        clients = [pages.room_page(ours, person, number) for number, person in people]
        return run(ours.server.port, clients, self.plan.seconds, self.plan.warm_up)

    def _posts(self, ours: Product, kind: str) -> Outcome:
        rooms = _posting(ours, kind)
        speakers = list(chain.from_iterable(rooms.values()))
        with ExitStack() as stack:
            heard = {
                room: stack.enter_context(having_open(room, [one.person for one in there], None))
                for room, there in rooms.items()
            }
            clients, began = [speaker.client() for speaker in speakers], time.perf_counter()
            outcome = run(ours.server.port, clients, self.plan.seconds, self.plan.warm_up)
            took = time.perf_counter() - began
            for room, there in rooms.items():
                count = sum(len(one.acknowledged) for one in there)
                counts = heard[room].result(count, in_order=False)
                outcome.load_share += counts["cpu_seconds"] / took
                self.told[kind] += counts["deliveries"]
                self.misplaced[kind] += counts["errors"]
        for room, there in rooms.items():
            self.behind.audit(room, [one.acknowledged for one in there])
        return outcome

    def _fan_out(self, ours: Product, kind: str) -> float:
        listeners = LISTENERS * (self.count if kind == EACH else 1)
        count = round(FAN_OUT_POSTS_A_SECOND * self.plan.seconds)
        speakers = posters(ours.clients[:IN_FLIGHT], ours.room, marked, times(count))
        with viewing(ours, listeners, count) as all_of_them:
            busy = busy_seconds(ours.server.process.pid)
            outcome = run(ours.server.port, [speaker.client() for speaker in speakers])
            counts = all_of_them.result()
            busy = busy_seconds(ours.server.process.pid) - busy
        listened = counts["cpu_seconds"] / counts["seconds"]
        self.load_shares[kind] = (outcome.load_share + listened) / 2
        self.behind.audit(ours.room, [s.acknowledged for s in speakers if s.acknowledged])
        return counts["deliveries"] / busy


def _posting(ours: Product, kind: str) -> dict[int, list[Poster]]:
    """By room, who posts there."""
    people = ours.clients[: CROWD if kind == CROWDED else CLIENTS]
    speakers = posters(people, ours.room, marked)
    if kind != "posts":
        return {ours.room: speakers}
    for room, speaker in enumerate(speakers, ours.room):
        speaker.room = room
    return {speaker.room: [speaker] for speaker in speakers}
