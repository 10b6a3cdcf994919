"""Fan-out: deliveries a second to 1,000 members of one room.

Ours: 16 people post by HTTP, one after the other each, and every member hears the product's real
frame. A peer: one socket says a text of the same size, 16 at a time, and its server repeats it.
"""

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.audit import audited
from benchmarks.environment import RESPONDER
from benchmarks.load.http_clients import run
from benchmarks.load.listening import viewing
from benchmarks.load.posters import marked, posters, times
from benchmarks.peers import prosody
from benchmarks.plan import Plan, Turn, take_turns
from benchmarks.product import ROOT, Product, product
from benchmarks.results import Row, Sample, medians
from benchmarks.rows.fan_out_peers import PEERS, Heard, Peer, greetings, hello
from benchmarks.servers import Running, free_port, running

WORK = "fan_out"
PROSODY = "Prosody"
MEMBERS, IN_FLIGHT = 1_000, 16
BARS = {"C loop": 0.8, "Node ws": 1.0, "Flask-SocketIO": 2.0, "Django Channels": 20.0}
# Messages for each second of the plan: so many that a server's first moments weigh little with the
# quick ones, and that the slow ones are done within a quarter of a minute.
OURS = "ours"
MESSAGES_A_SECOND = {
    OURS: 400,
    "C loop": 400,
    "Node ws": 200,
    "Flask-SocketIO": 120,
    "naive flask-sock": 80,
    "Django Channels": 3,
    PROSODY: 12,
}


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    return [_against(name) for name in BARS]


def measure(plan: Plan) -> Iterator[Row]:
    """A row against each peer, and what the load generator itself can take."""
    with product({"people": MEMBERS, "signed_in": MEMBERS, "messages": 40}) as ours:
        facts, loads = _Ours(ours), _Loads()
        size = facts.frame_bytes()
        said = {name: _messages(name, plan) for name in MESSAGES_A_SECOND}
        contestants = {OURS: lambda: facts.deliveries_a_second(said[OURS])}
        for peer in PEERS.values():
            contestants[peer.name] = loads.noted(
                peer.name, _contestant(peer, said[peer.name], size)
            )
        contestants[PROSODY] = loads.noted(PROSODY, lambda: _prosody(said[PROSODY], size))
        turns = take_turns(plan.rounds, contestants, peers=[*PEERS, PROSODY], missing=plan.missing)
    sample, costs = turns.pop(OURS).sample, facts.costs
    measured = medians(costs)
    for name, turn in turns.items():
        row = _row(name, sample, turn, measured | {"delivery_bytes": float(size)})
        row.note += loads.told(f"saying and listening to {name}", name)
        yield row
    told = loads.told("saying and listening", "C loop")
    yield from _headroom(plan, turns["C loop"].sample, told)


class _Ours:
    """The product with its thousand listeners; every round adds to what is audited."""

    def __init__(self, ours: Product):
        self.ours = ours
        self.costs: defaultdict[str, list[float]] = defaultdict(list)

    def frame_bytes(self) -> int:
        """The size of the product's frame for what is posted."""
        counts = self._round(2, 2)
        return counts["payload_bytes"] // counts["deliveries"]

    def deliveries_a_second(self, messages: int) -> float:
        counts = self._round(messages, MEMBERS)
        self.costs["fan_out_cpu_us"].append(counts["busy"] / counts["deliveries"] * 1e6)
        listened = counts["cpu_seconds"] / counts["seconds"]
        self.costs["fan_out_load_share"].append(counts["asked"] + listened)
        return counts["deliveries"] / counts["seconds"]

    def _round(self, messages: int, members: int) -> dict:
        people = self.ours.clients
        port = self.ours.server.port
        speakers = posters(people[:IN_FLIGHT], self.ours.room, marked, times(messages))
        with viewing(self.ours, members, messages) as all_of_them:
            busy = self.ours.server.busy_seconds()
            outcome = run(port, [speaker.client() for speaker in speakers])
            counts = all_of_them.result() | {"asked": outcome.load_share}
            counts["busy"] = self.ours.server.busy_seconds() - busy
        by_client = [speaker.acknowledged for speaker in speakers if speaker.acknowledged]
        audited(self.ours.environment, self.ours.room, by_client)
        return counts


class _Loads:
    """What saying to each peer and listening to it took of the load's core, round by round."""

    def __init__(self) -> None:
        self._shares: defaultdict[str, list[float]] = defaultdict(list)

    def noted(self, name: str, fan_out: Callable[[], Heard]) -> Callable[[], float]:
        """The same work, of which only the deliveries a second are given."""

        def measured() -> float:
            heard = fan_out()
            self._shares[name].append(heard.load_share)
            return heard.rate

        return measured

    def told(self, what: str, name: str) -> str:
        """For a note; empty where that peer was not heard."""
        shares = self._shares[name]
        return f"; {what} took {statistics.median(shares):.0%} of a core" if shares else ""


def _contestant(peer: Peer, messages: int, size: int) -> Callable[[], Heard]:
    return lambda: peer.fan_out(MEMBERS, messages, size, IN_FLIGHT)


def _messages(name: str, plan: Plan) -> int:
    return max(IN_FLIGHT, round(MESSAGES_A_SECOND[name] * plan.seconds))


def _prosody(messages: int, size: int) -> Heard:
    if not prosody.available():
        raise OSError("not installed: apt-get install prosody")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-prosody-") as folder:
        command = prosody.command(Path(folder), port)
        with running(command, port, folder=Path(folder), cwd=ROOT):
            room = prosody.Room(port, MEMBERS)
            texts = [f"bench:{n}:0;".ljust(size, "x") for n in range(1, messages + 1)]
            used, began = time.process_time(), time.perf_counter()
            rate, missing = room.fan_out(texts, patience=120)
            share = (time.process_time() - used) / (time.perf_counter() - began)
            room.leave()
    if missing:
        raise ValueError(f"{missing} deliveries are missing")
    return Heard(rate, share)


def _row(name: str, ours: Sample, turn: Turn, facts: dict[str, float]) -> Row:
    row = _against(name)
    row.ours, row.peer, row.missing, row.facts = ours, turn.sample, turn.missing, facts
    row.note = (
        f"real frames of {facts['delivery_bytes']:.0f} bytes; asking and listening to ours took"
        f" {facts['fan_out_load_share']:.0%} of a core"
    )
    return row


def _against(name: str) -> Row:
    bar, what = BARS.get(name), f"fan-out to {MEMBERS:,} members"
    return Row(WORK, what, "deliveries/s", bar, peer_name=name)


def _headroom(plan: Plan, c_loop: Sample, load: str) -> Iterator[Row]:
    """What the load generators take when the server hardly does anything."""
    row = Row(WORK, "headroom: C listeners, fed by the C loop", "deliveries/s", ours=c_loop)
    row.note = f"one core each, a write for each message; gathered ones are read quicker{load}"
    yield row
    for name, floor in (("hello world", hello()), ("a C program", _responder())):
        with floor as server:
            outcome = greetings(server.port, IN_FLIGHT, plan)
        row = Row(WORK, f"headroom: HTTP clients, fed by {name}", "requests/s")
        row.ours = Sample([outcome.rate])
        row.note = f"the clients took {outcome.load_share:.0%} of their core"
        yield row


@contextmanager
def _responder() -> Generator[Running]:
    port = free_port()
    with running([str(RESPONDER), str(port)], port) as server:
        yield server
