"""The pages that people open all day: 16 different people, each answer checked."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection

import msgspec

from benchmarks.load.http_clients import Client, run
from benchmarks.load.reading import reading
from benchmarks.plan import Plan, take_turns
from benchmarks.product import Client as Person
from benchmarks.product import Product, product
from benchmarks.results import Row
from benchmarks.rows.fan_out_peers import greetings, hello

WORK = "pages"
CLIENTS, MESSAGES, ROOMS, SHOWN = 16, 1_000, 20, 40
MARKS = "read marks"
ARTICLE = b'<article class="message"'

Visit = Callable[[Product, Person, int], Client]


def measure(plan: Plan) -> Iterator[Row]:
    """A row for each visit against hello world, and one for read marks."""
    wanted = {"people": CLIENTS, "signed_in": CLIENTS, "messages": MESSAGES, "rooms": ROOMS}
    with product(wanted) as ours, hello() as floor:
        costs: defaultdict[str, list[float]] = defaultdict(list)
        visits = {name: _rate(ours, visit, plan, costs, name) for name, visit in VISITS.items()}
        visits[MARKS] = lambda: _marks(ours, plan, costs)
        floored = {"hello world": lambda: greetings(floor.port, CLIENTS, plan).rate}
        turns = take_turns(plan.rounds, visits | floored, peers=())
    for name in visits:
        bar = 0.35 if name in VISITS else None
        row = Row(WORK, f"{name}, 16 people", "requests/s", bar, peer_name="hello world")
        row.ours, row.peer = turns[name].sample, turns["hello world"].sample
        row.facts = {f"{name.split()[0]}_cpu_us": statistics.median(costs[name])}
        yield row


def _rate(
    ours: Product, visit: Visit, plan: Plan, costs: dict[str, list[float]], name: str
) -> Callable[[], float]:
    def measured() -> float:
        clients = [visit(ours, person, n) for n, person in enumerate(ours.clients, 1)]
        return _counted(ours, clients, plan, costs, name)

    return measured


def _marks(ours: Product, plan: Plan, costs: dict[str, list[float]]) -> float:
    with reading(ours, [*range(1, CLIENTS + 1)]) as clients:
        return _counted(ours, clients, plan, costs, MARKS)


def _counted(
    ours: Product, clients: list[Client], plan: Plan, costs: dict[str, list[float]], name: str
) -> float:
    busy, began = ours.server.busy_seconds(), time.perf_counter()
    outcome = run(ours.server.port, clients, plan.seconds, plan.warm_up)
    if not outcome.answers:
        raise TimeoutError(f"{name}: not one answer within {plan.seconds} s")
    share = (ours.server.busy_seconds() - busy) / (time.perf_counter() - began)
    costs[name].append(share / outcome.rate * 1e6)
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
        connection.request("GET", path, headers={"Cookie": person.cookie})
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
