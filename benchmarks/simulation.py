"""What a workspace of a given size does in a second, and what it takes to serve that.

    python -m benchmarks.simulation

People post, read, come and go at random over a simulated minute; counted is what the product does
about it (docs/architecture.md): who gets which frame, what goes over the relay, which rows are read
and written. The costs of each are those that the benchmark measured (results/latest.json), so the
table changes with the machine. docs/scaling.md reads it.
"""

import math
import random
from dataclasses import dataclass, field
from itertools import accumulate

from benchmarks.report import put
from benchmarks.results import facts

SECONDS = 60
SIZES = (1_000, 10_000, 100_000, 1_000_000)

# How a busy hour of a large team looks.
ROOMS_EACH = 20
LARGEST_ROOM, SMALLEST_ROOM = 5_000, 2
POSTS_EACH_HOUR = 12
PAGES_EACH_HOUR = 30
READS_EACH_HOUR = 60
TYPING_FRAMES_A_POST = 3
# Coming, going, away and back: each is one change that others see.
CHANGES_EACH_HOUR = 4

# What the product does: realtime/delivery.py, heartbeat.py, service.py.
HEADS_EVERY_SECONDS = 0.5
BEAT_EVERY_SECONDS = 6
HEAD_BYTES, BEAT_BYTES, TYPING_BYTES, PRESENCE_BYTES_A_CHANGE = 60, 20, 60, 8

# How full a core and a worker may be.
BUSY_SHARE, SOCKETS_A_WORKER = 0.6, 10_000


@dataclass
class Costs:
    """As measured, on one core of the benchmark's machine."""

    delivery_us: float
    delivery_bytes: float
    post_us: float
    page_us: float
    socket_bytes: float
    worker_bytes: float

    @classmethod
    def measured(cls) -> "Costs":
        """Raises `KeyError` while a row that measures one of them has not been run."""
        found = facts()
        return cls(
            delivery_us=found["fan_out_cpu_us"],
            delivery_bytes=found["delivery_bytes"],
            post_us=found["post_cpu_us"],
            page_us=found["room_cpu_us"],
            socket_bytes=found["socket_bytes"],
            worker_bytes=found["worker_bytes"],
        )


@dataclass
class Second:
    """Sums over the simulated time, given as an average second."""

    posts: float = 0
    message_frames: float = 0
    head_frames: float = 0
    presence_frames: float = 0
    presence_changes: float = 0
    other_frames: float = 0
    out_bytes: float = 0
    busy_rooms: set[int] = field(default_factory=set)

    @property
    def frames(self) -> float:
        return self.message_frames + self.head_frames + self.presence_frames + self.other_frames


class Workspace:
    """So many people online, and rooms of all sizes: few large ones, many small ones."""

    def __init__(self, people: int, costs: Costs, seed: int = 4):
        self.people, self.costs = people, costs
        self.dice = random.Random(seed)
        self.members = self._rooms()
        # A post falls into a room as often as somebody is in it.
        self._weights = list(accumulate(self.members))

    def _rooms(self) -> list[int]:
        sizes: list[int] = []
        largest, places = min(LARGEST_ROOM, self.people), self.people * ROOMS_EACH
        while places > 0:
            # Size s or more comes up about 1/s as often as the smallest (Pareto).
            size = min(largest, int(SMALLEST_ROOM / (1 - self.dice.random())))
            sizes.append(size)
            places -= size
        return sizes

    def run(self) -> Second:
        """A minute of it."""
        total = Second()
        for _ in range(SECONDS):
            self._say(total)
            self._come_and_go(total)
        total.other_frames += self.people * SECONDS / BEAT_EVERY_SECONDS
        total.out_bytes += self.people * SECONDS / BEAT_EVERY_SECONDS * BEAT_BYTES
        for name in vars(total):
            if name != "busy_rooms":
                setattr(total, name, getattr(total, name) / SECONDS)
        return total

    def _say(self, total: Second) -> None:
        posts = self._about(self.people * POSTS_EACH_HOUR / 3600)
        rooms = range(len(self.members))
        told: set[tuple[int, int]] = set()
        for room in self.dice.choices(rooms, cum_weights=self._weights, k=posts):
            viewers = self._about(self.members[room] / ROOMS_EACH) + 1
            total.message_frames += viewers
            total.other_frames += TYPING_FRAMES_A_POST * viewers
            bytes_a_viewer = self.costs.delivery_bytes + TYPING_FRAMES_A_POST * TYPING_BYTES
            total.out_bytes += viewers * bytes_a_viewer
            # However much is said, the others hear of it once in half a second.
            told.add((room, int(self.dice.random() / HEADS_EVERY_SECONDS)))
            total.busy_rooms.add(room)
        heads = sum(max(0, self.members[room] * (1 - 1 / ROOMS_EACH)) for room, _ in told)
        total.posts += posts
        total.head_frames += heads
        total.out_bytes += heads * HEAD_BYTES

    def _come_and_go(self, total: Second) -> None:
        changes = self._about(self.people * CHANGES_EACH_HOUR / 3600)
        total.presence_changes += changes
        if changes:
            # One frame a second to everybody, with all that changed.
            total.presence_frames += self.people
            total.out_bytes += self.people * (40 + changes * PRESENCE_BYTES_A_CHANGE)

    def _about(self, mean: float) -> int:
        """A number of independent events of which so many are expected."""
        return max(0, round(self.dice.gauss(mean, math.sqrt(mean))))


@dataclass
class Needs:
    """What serves that second."""

    cores: float
    workers: int
    memory_gb: float
    out_mbit: float
    relay_messages: float
    writes: float
    polled_rows: float


def needs(workspace: Workspace, second: Second) -> Needs:
    """From what happens in a second to cores, workers, memory, and rows of the database."""
    costs, people = workspace.costs, workspace.people
    pages = people * PAGES_EACH_HOUR / 3600
    cpu = second.frames * costs.delivery_us + second.posts * costs.post_us + pages * costs.page_us
    cores = cpu / 1e6 / BUSY_SHARE
    workers = max(1, math.ceil(max(cores, people / SOCKETS_A_WORKER)))
    hints = second.posts * (1 + TYPING_FRAMES_A_POST) + people * READS_EACH_HOUR / 3600
    return Needs(
        cores=cores,
        workers=workers,
        memory_gb=(people * costs.socket_bytes + workers * costs.worker_bytes) / 1e9,
        out_mbit=second.out_bytes * 8 / 1e6,
        # Each worker hears each hint.
        relay_messages=hints * workers,
        writes=second.posts + people * (READS_EACH_HOUR + CHANGES_EACH_HOUR) / 3600,
        # Each worker asks each second where its rooms stand; with people of every room on every
        # worker, these are all rooms.
        polled_rows=len(workspace.members) * workers,
    )


COLUMNS = (
    "people online | rooms | posts/s | message frames/s | head frames/s | presence frames/s | "
    "presence share of bytes | out Mbit/s | busy cores | workers | memory GB | relay messages/s | "
    "rows written/s | rows polled/s"
)


def main() -> None:
    """Print the tables of docs/scaling.md, and put them there."""
    costs = Costs.measured()
    lines = [f"| {COLUMNS} |", "|" + "---:|" * len(COLUMNS.split("|"))]
    for people in SIZES:
        workspace = Workspace(people, costs)
        lines.append(_line(workspace, workspace.run()))
        print(lines[-1])
    put("scaling.md", f"\n{_costs(costs)}\n\n" + "\n".join(lines) + "\n\n")


def _costs(costs: Costs) -> str:
    rows = [
        ("a connection", "-", f"{costs.socket_bytes / 1000:.1f} KB"),
        (
            "a delivery, its part of the post with it",
            f"{costs.delivery_us:.1f} us",
            f"{costs.delivery_bytes:.0f} bytes out",
        ),
        ("a post", f"{costs.post_us:.0f} us", "a row, a search entry, two updates"),
        ("a room page", f"{costs.page_us:.0f} us", "nothing kept"),
        ("a worker without anybody", "-", f"{costs.worker_bytes / 1e6:.0f} MB"),
    ]
    lines = ["| unit | CPU | memory, bytes, rows |", "|---|---:|---|"]
    return "\n".join([*lines, *(f"| {a} | {b} | {c} |" for a, b, c in rows)])


def _line(workspace: Workspace, second: Second) -> str:
    needed = needs(workspace, second)
    per_change = workspace.people * PRESENCE_BYTES_A_CHANGE
    presence = second.presence_frames * 40 + second.presence_changes * per_change
    cells = [
        f"{workspace.people:,}",
        f"{len(workspace.members):,}",
        f"{second.posts:,.1f}",
        f"{second.message_frames:,.0f}",
        f"{second.head_frames:,.0f}",
        f"{second.presence_frames:,.0f}",
        f"{presence / second.out_bytes:.0%}",
        f"{needed.out_mbit:,.1f}",
        f"{needed.cores:,.2f}",
        f"{needed.workers:,}",
        f"{needed.memory_gb:,.2f}",
        f"{needed.relay_messages:,.0f}",
        f"{needed.writes:,.0f}",
        f"{needed.polled_rows:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
