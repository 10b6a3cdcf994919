"""People who post, and remember every message that the server has acknowledged."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from benchmarks.load.http_clients import Client
from benchmarks.product import Client as Person


class Answer(msgspec.Struct):
    """What a post is answered with."""

    id: int
    room: int
    seq: int
    number: int
    html: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A message that must now exist, as it was posted."""

    author: int
    key: str
    body: str
    id: int
    seq: int
    number: int


@dataclass
class Poster:
    """One person's connection: posts again and again, `key` a word that only this message has."""

    person: Person
    author: int
    room: int
    body: Callable[[str], str]
    # Whether to post once more; asked before each post.
    goes_on: Callable[[], bool] = lambda: True
    acknowledged: list[Acknowledged] = field(default_factory=list)
    sent: tuple[str, str] = ("", "")

    def client(self) -> Client:
        return Client(self._request, self._check)

    def _request(self) -> bytes | None:
        if not self.goes_on():
            return None
        key = f"k{secrets.token_hex(8)}"
        self.sent = key, self.body(key)
        return post_request(self.person, self.room, *self.sent)

    def _check(self, status: int, answer: bytes) -> str | None:
        if status != 201:
            return f"a post was answered with {status}: {answer[:200]!r}"
        facts = _decoder.decode(answer)
        key, body = self.sent
        if key not in facts.html or facts.room != self.room:
            return f"the answer to {key} shows another message"
        self.acknowledged.append(
            Acknowledged(self.author, key, body, facts.id, facts.seq, facts.number)
        )
        return None


def post_request(person: Person, room: int, key: str, body: str) -> bytes:
    """The bytes that post this."""
    return person.post(f"/rooms/{room}/messages", {"body": body, "client_key": key})


def posters(
    people: list[Person],
    room: int,
    body: Callable[[str], str],
    goes_on: Callable[[], bool] = lambda: True,
) -> list[Poster]:
    """A poster for each of the first people of a filled workspace, who have the ids 1, 2, 3..."""
    return [Poster(person, number, room, body, goes_on) for number, person in enumerate(people, 1)]


def said(key: str) -> str:
    """What people say: a little markdown, and a word of its own."""
    return (
        f"The **release** of `branch-{key[1:5]}` went well, see https://example.org/{key[5:9]} "
        f"and tell me what you think of it before lunch. {key}"
    )


def marked(key: str) -> str:
    """The same with the moment it was said, for the listeners."""
    return f"bench:0:{time.monotonic_ns()}; {said(key)}"


def times(count: int) -> Callable[[], bool]:
    """A `goes_on` that allows so many posts, over all who share it."""
    tickets: Iterator[int] = iter(range(count))
    return lambda: next(tickets, None) is not None


_decoder = msgspec.json.Decoder(Answer)
