"""A story of one room that keeps every promise, for tests that break one of them."""

from tests.faults.harness.checker import check
from tests.faults.harness.evidence import Count, Evidence, Find, Listing
from tests.faults.harness.history import History
from tests.faults.harness.stored import Message, Stored
from tests.faults.harness.view import Row

ROOM, ANN, BOB = 7, 1, 2


class Story:
    """Three acknowledged messages of Ann's, stored and shown to everybody as they should be."""

    def __init__(self) -> None:
        self.history = History(pages=[("bob", ROOM)])
        self.stored = Stored([], {ROOM: (3, 3)}, set(), {(ROOM, ANN): 3})
        for number in (1, 2, 3):
            self._tell(number)
        self.show()

    def _tell(self, number: int) -> None:
        key, body = f"key{number}", f"kkey{number} g1 hello"
        send = self.history.invoke(ANN, key, ROOM, body, "g1")
        send.invoked, send.acked = float(number), number + 0.5
        send.id, send.seq, send.number = 100 + number, number, number
        row = Message(100 + number, ROOM, ANN, key, number, number, number, body, deleted=False)
        self.stored.messages.append(row)

    def show(self) -> None:
        """Everybody looks at what is stored now, by every way."""
        rows = [Row(row.id, row.seq, row.number, article(row)) for row in self.stored.messages]
        rows.sort(key=lambda row: row.number)
        self.live = Listing("bob", ROOM, "live", [*rows])
        self.paged = Listing("ann", ROOM, "paged", [*rows])
        self.changes = Listing("ann", ROOM, "changes", sorted(rows, key=lambda row: row.seq))
        self.find = Find("g1", [row.id for row in self.stored.messages if not row.deleted])
        self.count = Count(ANN, ROOM, self.stored.members[ROOM, ANN], len(rows))
        listings = [self.live, self.paged, self.changes]
        self.evidence = Evidence(listings, [self.find], [self.count])

    def kinds(self) -> set[str]:
        """What kinds of violation the checker finds in it."""
        found = check(self.history, self.stored, self.evidence)
        return {violation.kind for violation in found}


def article(message: Message) -> str:
    """The message as pages show it."""
    return f"<article>{message.number}</article>"
