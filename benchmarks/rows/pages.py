"""The pages that people open all day: 16 different people, each answer checked."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection

import msgspec

from benchmarks.load.http_clients import ACCEPT_ENCODING, Client, run
from benchmarks.load.reading import reading
from benchmarks.plan import Plan, take_turns
from benchmarks.product import Client as Person
from benchmarks.product import Product, product
from benchmarks.results import Row, medians
from benchmarks.rows.fan_out_peers import greetings, hello

WORK = "pages"
CLIENTS, MESSAGES, ROOMS, SHOWN = 16, 1_000, 20, 40
MARKS = "read marks"
ARTICLE = b'<article class="message"'

Visit = Callable[[Product, Person, int], Client]


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    return [_row(name, 0.35) for name in VISITS]


def measure(plan: Plan) -> Iterator[Row]:
    """A row for each visit against hello world, and one for read marks."""
    wanted = {"people": CLIENTS, "signed_in": CLIENTS, "messages": MESSAGES, "rooms": ROOMS}
    with product(wanted) as ours, hello() as floor:
        work = _Ours(ours, plan)
        visits = {name: work.visiting(name, visit) for name, visit in VISITS.items()}
        visits[MARKS] = work.marking
        floored = {"hello world": lambda: greetings(floor.port, CLIENTS, plan).rate}
        turns = take_turns(plan.rounds, visits | floored, peers=())
    for name in visits:
        row = _row(name, 0.35 if name in VISITS else None)
        row.ours, row.peer = turns[name].sample, turns["hello world"].sample
        taken = medians(work.taken[name])
        row.facts = {f"{name.split()[0]}_cpu_us": taken["cpu_us"]}
        row.note = (
            f"the server took {taken['of_core']:.0%} of its core, the clients"
            f" {taken['load']:.0%} of theirs"
        )
        yield row


def _row(name: str, bar: float | None) -> Row:
    return Row(WORK, f"{name}, 16 people", "requests/s", bar, peer_name="hello world")


@dataclass
class _Ours:
    """The product; `taken`: what each kind of visit took of both cores, round by round."""

    served: Product
    plan: Plan
    taken: defaultdict[str, defaultdict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def visiting(self, name: str, visit: Visit) -> Callable[[], float]:
        """Gives the visits a second, all people at the same time."""

        def measured() -> float:
            people = enumerate(self.served.clients, 1)
            return self._rate(name, [visit(self.served, person, n) for n, person in people])

        return measured

    def marking(self) -> float:
        """The read marks a second."""
        with reading(self.served, [*range(1, CLIENTS + 1)]) as clients:
            return self._rate(MARKS, clients)

    def _rate(self, name: str, clients: list[Client]) -> float:
        server = self.served.server
        busy, began = server.busy_seconds(), time.perf_counter()
        outcome = run(server.port, clients, self.plan.seconds, self.plan.warm_up)
        if not outcome.answers:
            raise TimeoutError(f"{name}: not one answer within {self.plan.seconds} s")
        share = (server.busy_seconds() - busy) / (time.perf_counter() - began)
        taken = self.taken[name]
        taken["of_core"].append(share)
        taken["load"].append(outcome.load_share)
        taken["cpu_us"].append(share / outcome.rate * 1e6)
        return outcome.rate


def room_page(ours: Product, person: Person, number: int) -> Client:
    """The newest 40 messages, the sidebar and the people beside them."""
    path, name = f"/rooms/{ours.room}", f"Person {number}<".encode()
    request = _been_at(path, person).get(path)
    newest = f'data-number="{ours.messages}"'.encode()

    def check(status: int, body: bytes) -> str | None:
        shown = body.count(ARTICLE)
        right = status == 200 and shown == SHOWN and newest in body and name in _sidebar(body)
        return None if right else f"the room page: {status}, {shown} messages"

    return Client(lambda: request, check)


def _been_at(path: str, person: Person) -> Person:
    """With the cookies that a browser has from being there before."""
    with closing(HTTPConnection("127.0.0.1", person.port)) as connection:
        headers = {"Cookie": person.cookie, "Accept-Encoding": ACCEPT_ENCODING}
        connection.request("GET", path, headers=headers)
        given = connection.getresponse().headers.get_all("Set-Cookie", [])
    cookies = [person.cookie, *(cookie.partition(";")[0] for cookie in given)]
    return replace(person, cookie="; ".join(cookies))


def sidebar(ours: Product, person: Person, number: int) -> Client:
    """One's rooms, each with its unread count."""
    request, name = person.get("/sidebar"), f"Person {number}<".encode()
    unread = f'<span class="unread-count">{ours.messages}</span>'.encode()

    def check(status: int, body: bytes) -> str | None:
        rooms = body.count(b'class="room-link')
        right = status == 200 and rooms == ours.rooms and body.count(unread) == 1
        return None if right and name in body else f"the sidebar: {status}, {rooms} rooms"

    return Client(lambda: request, check)


def catch_up(ours: Product, person: Person, number: int) -> Client:
    """What a page has missed that is 40 messages behind."""
    since = ours.messages - SHOWN
    path = f"/rooms/{ours.room}/changes?since={since}&workspace=0&epoch={ours.epoch}"
    request = person.get(path, accept="application/json")
    seqs = list(range(since + 1, ours.messages + 1))

    def check(status: int, body: bytes) -> str | None:
        answer = _changes.decode(body)
        right = status == 200 and [change.seq for change in answer.messages] == seqs
        right = right and all("message-body" in change.html for change in answer.messages)
        return None if right and answer.seq == ours.messages else f"the catch-up: {body[:200]!r}"

    return Client(lambda: request, check)


class Change(msgspec.Struct):
    """One changed message of a catch-up."""

    seq: int
    html: str


class Changes(msgspec.Struct):
    """A catch-up, as far as it is checked."""

    seq: int
    messages: list[Change]


_changes = msgspec.json.Decoder(Changes)


def _sidebar(body: bytes) -> bytes:
    return body[body.find(b'id="sidebar"') : body.find(b"</nav>")]


VISITS = {"room page": room_page, "sidebar": sidebar, "catch-up of 40 changes": catch_up}
