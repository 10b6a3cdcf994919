"""What a workspace of a given size does in a second, and what it takes to serve that.

People post, read, come and go at random over a simulated minute; counted is what the product does
about it (docs/architecture.md): who gets which frame, what goes over the relay, which rows are read
and written. Things cost what the benchmark measured (results/latest.json), so the tables of
docs/scaling.md change with the machine; what it does not measure stands below, with its source.
"""

import math
import random
from dataclasses import dataclass, replace
from itertools import accumulate

from benchmarks.results import earlier, facts

SECONDS = 60
SIZES = (1_000, 10_000, 100_000, 1_000_000)

# How a busy hour of a large team looks.
ROOMS_EACH = 20
LARGEST_ROOM, SMALLEST_ROOM = 5_000, 2
POSTS_EACH_HOUR = 12
PAGES_EACH_HOUR = 30
READS_EACH_HOUR = 60
TYPING_FRAMES_A_POST = 3
# Coming, going, away and back: each is one change that others see, and coming opens a socket.
CHANGES_EACH_HOUR, OPENINGS_EACH_HOUR = 4, 1

# What the product does: realtime/delivery.py, heartbeat.py, poller.py, domain/standing.py,
# sessions.py (a sign-in's row is written with the first request after so long).
BEAT_EVERY_SECONDS, HEADS_EVERY_SECONDS, PROCESS_BEAT_SECONDS = 6, 0.5, 3
ROOMS_A_QUESTION, TOUCH_SECONDS = 2_000, 300
# The message, its search entry, the room's head, the author's read mark.
ROWS_A_POST = 4
# Three for a page: two at least, five at most (tests/chat/test_rooms.py). For a post and a read
# mark the sign-in and one more; for a look at presence the workspace, the processes, what changed.
QUESTIONS_A_PAGE, QUESTIONS_A_WRITE, QUESTIONS_A_LOOK = 3, 2, 3

# Frames as protocol.py encodes them, with rooms and people of six digits. A beat carries a ping and
# the head of the one room on screen; a welcome, beside the ids, the marks of twenty rooms.
HEAD_BYTES, BEAT_BYTES, TYPING_BYTES, READ_BYTES = 75, 93, 65, 44
PRESENCE_BYTES, WELCOME_BYTES = 56, 1_100
# What stands around the frame in a hint, and around the hint in Redis's protocol. A page as it is
# sent, compressed (compression.py).
HINT_BYTES, PAGE_BYTES = 60, 12_000
# Everybody's state on each worker: a place in two dicts and the id (sys.getsizeof, a million ids).
STATE_BYTES = 130

# Measured once, by hand (docs/benchmarks.md, two workers): two hints more took two workers 400 us,
# so telling one and hearing one take 100 each; PostgreSQL's CPU for a post that comes alone.
HINT_US, DATABASE_POST_US = 100, 620
# As standing.py says beside ROOMS_A_PAGE, and domain/presence.py beside CHANGES_A_PAGE.
POLLED_ROW_US, CHANGE_US = 1.5, 2
# Assumed, measured nowhere: PostgreSQL's CPU for another write, a question, a row of many.
DATABASE_WRITE_US, DATABASE_QUESTION_US, DATABASE_ROW_US = 300, 100, 1

# How full a core and a worker may be.
BUSY_SHARE, SOCKETS_A_WORKER = 0.6, 10_000
# Larger ones are computed with what is not built, too.
LARGEST_AS_IT_IS = 10_000

# What is not built (docs/scaling.md): a change is told to those who have the person on screen, a
# room shows 50; one frame a person for the heads of all rooms, less often; a channel of the relay
# for each room, whose people are on so many workers; one look at presence a second.
SEEN_BY, MENDED_HEADS_SECONDS, WORKERS_A_ROOM = 50, 2, 4


@dataclass
class Costs:
    """As measured, on one core of the benchmark's machine. `_us`: microseconds of CPU."""

    # A frame that leaves alone.
    frame_us: float
    # A message of which several share a write, the post's part with it.
    delivery_us: float
    delivery_bytes: float
    post_us: float
    page_us: float
    mark_us: float
    # A catch-up; it stands for a worker's look at presence.
    small_us: float
    open_us: float
    # Of each socket in each second: the beat, the pong, and looking after them.
    idle_us: float
    socket_bytes: float
    worker_bytes: float

    @classmethod
    def measured(cls) -> "Costs":
        """Raises `KeyError` while a row that measures one of them has not been run."""
        found = facts()
        return cls(
            frame_us=_write_us(),
            delivery_us=found["fan_out_cpu_us"],
            delivery_bytes=found["delivery_bytes"],
            post_us=found["post_cpu_us"],
            page_us=found["room_cpu_us"],
            small_us=found["catch-up_cpu_us"],
            mark_us=found["read_cpu_us"],
            open_us=found["open_cpu_us"],
            idle_us=found["idle_socket_cpu_us_a_second"],
            socket_bytes=found["socket_bytes"],
            worker_bytes=found["worker_bytes"],
        )


def _write_us() -> float:
    """What a write for each frame costs: the C loop of the fan-out row does nothing else.

    Ours takes that and a little more; no row measures it.
    """
    rates = {row["peer_name"]: row["peer"]["median"] for row in earlier()}
    if not rates.get("C loop"):
        raise KeyError("C loop")
    return 1e6 / rates["C loop"]


@dataclass
class Second:
    """An average second. Frames are counted once for each socket that they go to."""

    posts: float = 0
    message_frames: float = 0
    head_frames: float = 0
    presence_frames: float = 0
    changes: float = 0
    # The heads and the ids in all of these frames.
    heads_heard: float = 0
    changes_heard: float = 0

    @property
    def typing_frames(self) -> float:
        return TYPING_FRAMES_A_POST * self.message_frames

    def mended(self, people: int) -> "Second":
        """The same with presence and heads told as they are not yet."""
        heard = self.changes * SEEN_BY
        # Whoever has any head to hear of hears of it.
        waiting = 1 - math.exp(-self.head_frames / people * MENDED_HEADS_SECONDS)
        heads = people / MENDED_HEADS_SECONDS * waiting
        return replace(self, presence_frames=heard, changes_heard=heard, head_frames=heads)


class Workspace:
    """So many people online, and rooms of all sizes: few large ones, many small ones."""

    def __init__(self, people: int, seed: int = 4):
        self.people = people
        # An id, counted from 1, and its comma.
        self.id_bytes = len(str(people - 1)) + 1
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

    def each(self, an_hour: float) -> float:
        """How often a second something happens that each person does so often in an hour."""
        return self.people * an_hour / 3600

    def run(self) -> Second:
        """A minute of it."""
        total = Second()
        for _ in range(SECONDS):
            self._say(total)
            self._come_and_go(total)
        return Second(**{name: value / SECONDS for name, value in vars(total).items()})

    def _say(self, total: Second) -> None:
        posts = self._about(self.each(POSTS_EACH_HOUR))
        rooms = range(len(self.members))
        told: set[tuple[int, int]] = set()
        for room in self.dice.choices(rooms, cum_weights=self._weights, k=posts):
            total.message_frames += self._about(self.members[room] / ROOMS_EACH) + 1
            # However much is said, the others hear of it once in half a second.
            told.add((room, int(self.dice.random() / HEADS_EVERY_SECONDS)))
        total.posts += posts
        heads = sum(self.members[room] * (1 - 1 / ROOMS_EACH) for room, _ in told)
        total.head_frames += heads
        total.heads_heard += heads

    def _come_and_go(self, total: Second) -> None:
        changes = self._about(self.each(CHANGES_EACH_HOUR))
        total.changes += changes
        # One frame a second to everybody, with all that changed.
        total.presence_frames += self.people * bool(changes)
        total.changes_heard += self.people * changes

    def _about(self, mean: float) -> int:
        """A number of independent events of which so many are expected."""
        return max(0, round(self.dice.gauss(mean, math.sqrt(mean))))


@dataclass
class Team:
    """So many workers that serve that second: what they do, and what it takes behind them.

    `mended`: with what is not built yet; `second` is then told so, too.
    """

    workspace: Workspace
    costs: Costs
    second: Second
    mended: bool
    workers: int

    @classmethod
    def for_(cls, workspace: Workspace, costs: Costs, second: Second, *, mended: bool) -> "Team":
        """The smallest that is enough; where none is, the smallest that holds the sockets."""
        if mended:
            second = second.mended(workspace.people)
        fewest = math.ceil(workspace.people / SOCKETS_A_WORKER)
        sizes = range(fewest, fewest * 50)
        teams = (cls(workspace, costs, second, mended, workers) for workers in sizes)
        smallest = cls(workspace, costs, second, mended, fewest)
        return next((team for team in teams if team.is_enough), smallest)

    @property
    def is_enough(self) -> bool:
        return self.cores <= self.workers * BUSY_SHARE

    @property
    def cores(self) -> float:
        """How many are busy in the workers."""
        return (self._served_us() + self.workers * self.own_us) / 1e6

    def _served_us(self) -> float:
        """What people do, and what they hear of it."""
        costs, second, each = self.costs, self.second, self.workspace.each
        frames = second.message_frames + second.typing_frames + second.head_frames
        frames += second.presence_frames + each(READS_EACH_HOUR)
        return (
            frames * costs.frame_us
            + self.workspace.people * costs.idle_us
            + each(OPENINGS_EACH_HOUR) * costs.open_us
            + second.posts * costs.post_us
            + each(PAGES_EACH_HOUR) * costs.page_us
            + each(READS_EACH_HOUR) * costs.mark_us
            + self.hints * HINT_US
        )

    @property
    def own_us(self) -> float:
        """What each worker does by itself, however few of the people it has."""
        return (
            self.polled_rooms / self.workers * POLLED_ROW_US
            + self.hints_heard / self.workers * HINT_US
            + self.looks / self.workers * self.costs.small_us
            + self.second.changes * CHANGE_US
        )

    # Between workers

    @property
    def hints(self) -> float:
        """What Redis is told. One worker needs none."""
        return sum(count for count, _, _ in self._hints())

    @property
    def hints_heard(self) -> float:
        """What Redis passes on: each hint to every worker, the one that told it among them."""
        return sum(count * heard for count, heard, _ in self._hints())

    @property
    def relay_bytes(self) -> float:
        """What Redis takes in and passes on."""
        return sum(
            count * (1 + heard) * (size + HINT_BYTES) for count, heard, size in self._hints()
        )

    def _hints(self) -> list[tuple[float, int, float]]:
        """How many there are, how many workers hear each, and the bytes of its frames."""
        if self.workers == 1:
            return []
        posts = self.second.posts
        return [
            (posts, self._workers_a_room, self.costs.delivery_bytes + HEAD_BYTES),
            (posts * TYPING_FRAMES_A_POST, self._workers_a_room, TYPING_BYTES),
            # For the sockets of one person.
            (self.workspace.each(READS_EACH_HOUR), 1 if self.mended else self.workers, READ_BYTES),
            (0 if self.mended else self._writers, self.workers, 0),
        ]

    @property
    def _workers_a_room(self) -> int:
        """How many hear of a room, and ask for it: all, since its people are on all."""
        return min(self.workers, WORKERS_A_ROOM) if self.mended else self.workers

    @property
    def _writers(self) -> float:
        """How many workers have a change of presence to write, and tell the others so."""
        return self.workers * (1 - math.exp(-self.second.changes / self.workers))

    @property
    def looks(self) -> float:
        """At presence, by all workers: each second, and each with each hint of another."""
        hinted = 0 if self.mended else self._writers * (self.workers - 1)
        return self.workers + hinted

    @property
    def polled_rooms(self) -> float:
        """How many rooms all workers ask for each second, so that a lost hint heals."""
        return len(self.workspace.members) * self._workers_a_room

    # Behind them

    @property
    def rows_written(self) -> float:
        return self.second.posts * ROWS_A_POST + self._other_writes

    @property
    def _other_writes(self) -> float:
        """Read marks, sign-ins in use, changes of presence, and the processes' own rows."""
        requests = POSTS_EACH_HOUR + PAGES_EACH_HOUR + READS_EACH_HOUR
        touches = self.workspace.people / (TOUCH_SECONDS + 3600 / requests)
        processes = max(self._writers, self.workers / PROCESS_BEAT_SECONDS)
        return self.workspace.each(READS_EACH_HOUR) + touches + self.second.changes + processes

    @property
    def questions(self) -> float:
        """What is asked without writing: by requests, and by workers for themselves."""
        each = self.workspace.each
        asked = QUESTIONS_A_PAGE * each(PAGES_EACH_HOUR) + each(OPENINGS_EACH_HOUR)
        asked += QUESTIONS_A_WRITE * (self.second.posts + each(READS_EACH_HOUR))
        rooms = self.workers * math.ceil(self.polled_rooms / self.workers / ROOMS_A_QUESTION)
        return asked + rooms + QUESTIONS_A_LOOK * self.looks

    @property
    def polled_rows(self) -> float:
        """What workers read each second by themselves: rooms, processes, changes of presence."""
        changes = self.second.changes * (self.workers - 1)
        return self.polled_rooms + self.looks * self.workers + changes

    @property
    def database_cores(self) -> float:
        """How many are busy in PostgreSQL."""
        return (
            self.second.posts * DATABASE_POST_US
            + self._other_writes * DATABASE_WRITE_US
            + self.questions * DATABASE_QUESTION_US
            + self.polled_rows * DATABASE_ROW_US
        ) / 1e6

    @property
    def memory(self) -> float:
        """In bytes, of the workers. A socket was measured with those people known who are here."""
        people = self.workspace.people
        here = people / self.workers
        known = min(people, here * SEEN_BY) if self.mended else people
        each_worker = self.costs.worker_bytes + (known - here) * STATE_BYTES
        return people * self.costs.socket_bytes + self.workers * each_worker

    @property
    def welcome_bytes(self) -> float:
        """The first frame of a socket, with the ids of those who are online."""
        known = SEEN_BY if self.mended else self.workspace.people
        return WELCOME_BYTES + known * self.workspace.id_bytes

    @property
    def presence_bytes(self) -> float:
        """In a second, to browsers: the frames, and the welcomes."""
        told = self.second.presence_frames * PRESENCE_BYTES
        told += self.second.changes_heard * self.workspace.id_bytes
        return told + self.workspace.each(OPENINGS_EACH_HOUR) * self.welcome_bytes

    @property
    def out_bytes(self) -> float:
        """In a second, to browsers, without the headers of TCP and TLS."""
        second, each = self.second, self.workspace.each
        return (
            self.presence_bytes
            + second.message_frames * self.costs.delivery_bytes
            + second.typing_frames * TYPING_BYTES
            + second.heads_heard * HEAD_BYTES
            + each(READS_EACH_HOUR) * READ_BYTES
            + each(PAGES_EACH_HOUR) * PAGE_BYTES
            + self.workspace.people / BEAT_EVERY_SECONDS * BEAT_BYTES
        )
