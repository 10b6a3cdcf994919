"""Posting by HTTP: 16 clients, each sends its next message when the last was acknowledged.

Ours does all of it (sign-in, CSRF, limits counted, markdown, one durable transaction with the
search entry, announcing, its line in the log). The sixteen have the room open, so each message is
told to sixteen sockets, too, where every one is counted; and every acknowledged message is audited.
Synapse is told the same texts, and announces them to nobody: its room is read by sync at the end.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import environment
from benchmarks.audit import audited
from benchmarks.load.http_clients import Client, run
from benchmarks.load.listening import viewing
from benchmarks.load.posters import Acknowledged, marked, posters
from benchmarks.peers import synapse
from benchmarks.plan import Plan, take_turns
from benchmarks.product import Product, product
from benchmarks.results import Row, Sample, medians
from benchmarks.rows.fan_out_peers import greetings, hello
from benchmarks.rows.synapse_room import SynapseRoom
from benchmarks.servers import free_port, running

WORK = "posts"
CLIENTS, MESSAGES, SEARCHED_OF_EACH = 16, 1_000, 3
SETTLE_SECONDS = 3.0


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    bars = {"hello world": 0.35, "Synapse": 10.0}
    return [
        *(
            Row(WORK, "posts, 16 clients", "requests/s", bars[name], peer_name=name)
            for name in bars
        ),
        Row(WORK, "posts, 99th percentile", "ms", 100, at_least=False),
    ]


def measure(plan: Plan) -> Iterator[Row]:
    """Throughput against hello world and Synapse, the 99th percentile, and what was audited."""
    wanted = {"people": CLIENTS, "signed_in": CLIENTS, "messages": MESSAGES, "rooms": 20}
    with product(wanted) as served, hello() as floor, ExitStack() as stack:
        ours, peer = _Ours(served, plan), _Synapse(stack, plan)
        turns = take_turns(
            plan.rounds,
            {
                "ours": ours.posts_a_second,
                "hello world": lambda: greetings(floor.port, CLIENTS, plan).rate,
                "Synapse": peer.posts_a_second,
            },
            peers=["Synapse"],
            missing=plan.missing,
        )
        ours.searched()
    *against, slowest = barred(plan)
    for row in against:
        turn = turns[row.peer_name]
        row.ours, row.peer, row.missing = turns["ours"].sample, turn.sample, turn.missing
        row.note = (
            f"{ours.audited:,} acknowledged messages audited: key, body, order, search; told to"
            f" {CLIENTS} sockets; the server took {ours.facts['post_share_of_core']:.0%} of its"
            f" core, the clients {ours.facts['post_load_share']:.0%} of theirs"
        )
        row.facts = ours.facts
        yield row
    slowest.ours = ours.slowest
    yield slowest


class _Ours:
    """The product; each round's acknowledged messages are audited at its end."""

    def __init__(self, served: Product, plan: Plan):
        self.served, self.plan = served, plan
        self.slowest = Sample()
        self.audited = 0
        self.costs: defaultdict[str, list[float]] = defaultdict(list)
        self.last: list[Acknowledged] = []

    @property
    def facts(self) -> dict[str, float]:
        return medians(self.costs)

    def posts_a_second(self) -> float:
        server = self.served.server
        speakers = posters(self.served.clients, self.served.room, marked)
        with viewing(self.served, CLIENTS, None) as all_of_them:
            busy, began = server.busy_seconds(), time.perf_counter()
            outcome = run(
                server.port,
                [speaker.client() for speaker in speakers],
                self.plan.seconds,
                self.plan.warm_up,
            )
            busy, took = server.busy_seconds() - busy, time.perf_counter() - began
            count = sum(len(s.acknowledged) for s in speakers)
            heard = all_of_them.result(count)
        self.costs["post_cpu_us"].append(busy / count * 1e6)
        self.costs["post_share_of_core"].append(busy / took)
        self.costs["post_load_share"].append(outcome.load_share + heard["cpu_seconds"] / took)
        self.slowest.values.append(outcome.percentile(0.99))
        by_client = [speaker.acknowledged for speaker in speakers]
        self.audited += audited(self.served.environment, self.served.room, by_client)
        self.last = [message for one in by_client for message in one[-SEARCHED_OF_EACH:]]
        return outcome.rate

    def searched(self) -> None:
        """Whether the search page shows the newest messages to another person, too."""
        person = self.served.clients[1]
        wanted = iter(self.last)
        asked: list[Acknowledged] = []

        def request() -> bytes | None:
            message = next(wanted, None)
            if message is None:
                return None
            asked.append(message)
            return person.get(f"/searches?q={message.key}")

        def check(status: int, body: bytes) -> str | None:
            mark = f"message-{asked[-1].author}-{asked[-1].key}".encode()
            return None if status == 200 and body.count(mark) == 1 else f"no hit: {mark!r}"

        run(self.served.server.port, [Client(request, check)])


class _Synapse:
    """Started in its first turn, and as warm as ours in the later ones."""

    def __init__(self, stack: ExitStack, plan: Plan):
        self.stack, self.plan = stack, plan
        self.room: SynapseRoom | None = None

    def posts_a_second(self) -> float:
        self.room = self.room or self._opened()
        outcome = run(self.room.port, self.room.clients(), self.plan.seconds, self.plan.warm_up)
        self.room.audit()
        # What it still has to do is not to be on the core while ours is measured.
        time.sleep(SETTLE_SECONDS)
        return outcome.rate

    def _opened(self) -> SynapseRoom:
        port = free_port()
        folder = Path(
            self.stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-synapse-"))
        )
        command = synapse.command(str(environment.PYTHON), folder, port)
        self.stack.enter_context(running(command, port, folder=folder))
        return SynapseRoom(port, CLIENTS)
