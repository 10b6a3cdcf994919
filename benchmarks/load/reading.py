"""People who read on from a room's beginning, message by message, so that each mark is stored."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from benchmarks.audit import AuditError, database_of
from benchmarks.load.http_clients import Client
from benchmarks.product import Client as Person
from benchmarks.product import Product

_OF_ONE = "user_id = ? AND room_id = ?"


@contextmanager
def reading(served: Product, readers: list[int]) -> Generator[list[Client]]:
    """A client for each of these people (1 is the first).

    At the end the last mark of each must be stored, and then nobody has read anything.

    Raises `AuditError`.
    """
    marks = [_Marks(served.clients[one - 1], one, served) for one in readers]
    with closing(sqlite3.connect(database_of(served.environment), timeout=30)) as store:
        _begin(store, marks)
        yield [mark.client() for mark in marks]
        for mark in marks:
            mark.audit(store)
        _begin(store, marks)


def _begin(store: sqlite3.Connection, marks: "list[_Marks]") -> None:
    with store:
        store.executemany(
            f"UPDATE memberships SET read_number = 0 WHERE {_OF_ONE}",
            [(mark.reader, mark.served.room) for mark in marks],
        )


@dataclass
class _Marks:
    """One person's, on their way through the room."""

    person: Person
    reader: int
    served: Product
    number: int = 0

    def client(self) -> Client:
        return Client(self._request, self._check)

    def _request(self) -> bytes | None:
        if self.number == self.served.messages:
            return None
        self.number += 1
        path = f"/rooms/{self.served.room}/reads"
        return self.person.post(path, {"number": str(self.number)})

    def _check(self, status: int, _: bytes) -> str | None:
        return None if status == 204 else f"marking as read: {status}"

    def audit(self, store: sqlite3.Connection) -> None:
        place = (self.reader, self.served.room)
        found = store.execute(f"SELECT read_number FROM memberships WHERE {_OF_ONE}", place)
        if found.fetchone() != (self.number,):
            raise AuditError(f"read up to {self.number}, and that is not stored")
