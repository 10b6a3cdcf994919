"""Posting by HTTP: 16 clients, each sends its next message when the last was acknowledged.

Ours does all of it (sign-in, CSRF, limits counted, markdown, one durable transaction with the
search entry, announcing); afterwards every acknowledged message is audited.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import environment
from benchmarks.audit import audited
from benchmarks.load.http_clients import Client, run
from benchmarks.load.posters import Acknowledged, posters, said
from benchmarks.peers import synapse
from benchmarks.plan import Plan, take_turns
from benchmarks.product import Product, product
from benchmarks.results import Row, Sample
from benchmarks.rows.fan_out_peers import greetings, hello
from benchmarks.rows.synapse_room import SynapseRoom
from benchmarks.servers import free_port, running

WORK = "posts"
CLIENTS, MESSAGES, SEARCHES = 16, 1_000, 50


def measure(plan: Plan) -> Iterator[Row]:
    """Throughput against hello world and Synapse, the 99th percentile, and what was audited."""
    wanted = {"people": CLIENTS, "signed_in": CLIENTS, "messages": MESSAGES, "rooms": 20}
    with product(wanted) as served, hello() as floor:
        ours = _Ours(served, plan)
        turns = take_turns(
            plan.rounds,
            {
                "ours": ours.posts_a_second,
                "hello world": lambda: greetings(floor.port, CLIENTS, plan).rate,
                "Synapse": lambda: _synapse(plan),
            },
            peers=["Synapse"],
        )
        ours.searched()
    rate = turns["ours"].sample
    for name, bar in (("hello world", 0.35), ("Synapse", 10.0)):
        row = Row(WORK, "posts, 16 clients", "requests/s", bar, peer_name=name, ours=rate)
        row.peer, row.missing = turns[name].sample, turns[name].missing
        row.note = f"{ours.audited:,} acknowledged messages audited: key, body, order, search"
        row.facts = ours.facts
        yield row
    yield Row(WORK, "posts, 99th percentile", "ms", 100, at_least=False, ours=ours.slowest)


class _Ours:
    """The product; each round's acknowledged messages are audited at its end."""

    def __init__(self, served: Product, plan: Plan):
        self.served, self.plan = served, plan
        self.slowest = Sample()
        self.audited = 0
        self.facts: dict[str, float] = {}
        self.last: list[Acknowledged] = []

    def posts_a_second(self) -> float:
        server = self.served.server
        speakers = posters(self.served.clients, self.served.room, said)
        busy, began = server.busy_seconds(), time.perf_counter()
        outcome = run(
            server.port,
            [speaker.client() for speaker in speakers],
            self.plan.seconds,
            self.plan.warm_up,
        )
        busy, count = server.busy_seconds() - busy, sum(len(s.acknowledged) for s in speakers)
        self.facts["post_cpu_us"] = busy / count * 1e6
        self.facts["post_share_of_core"] = busy / (time.perf_counter() - began)
        self.slowest.values.append(outcome.percentile(0.99))
        by_client = [speaker.acknowledged for speaker in speakers]
        self.audited += audited(self.served.environment, self.served.room, by_client)
        self.last = [acknowledged[-1] for acknowledged in by_client]
        return outcome.rate

    def searched(self) -> None:
        """Whether the search page shows the newest messages to another person, too."""
        person = self.served.clients[1]
        wanted = iter(self.last[:SEARCHES])
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


def _synapse(plan: Plan) -> float:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-synapse-") as folder:
        command = synapse.command(str(environment.PYTHON), Path(folder), port)
        with running(command, port, folder=Path(folder)):
            room = SynapseRoom(port, CLIENTS)
            outcome = run(port, room.clients(), plan.seconds, plan.warm_up)
            room.audit()
    return outcome.rate
