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

    # What else may truly happen

    def edit(self) -> None:
        """Ann gives the first message another text."""
        text = "kkey1 g1 hello changed4"
        self._change("edit", text).source = text
        self.show()

    def delete(self) -> None:
        """Ann takes the first message back."""
        row = self._change("delete")
        row.source, row.deleted = "", True
        self.show()

    def react(self) -> None:
        """Ann puts an emoji under the first message."""
        row = self._change("react", "👍")
        self.stored.reactions.add((row.id, "👍", ANN))
        self.show()

    def _change(self, kind: str, value: str = "") -> Message:
        row = self.stored.messages[0]
        self.history.change(kind, ANN, row.id, value).acked = 9.0
        head, last = self.stored.heads[ROOM]
        row.seq = head + 1
        self.stored.heads[ROOM] = (row.seq, last)
        return row

    # What is made of it

    def show(self) -> None:
        """Everybody looks at what is stored now, by every way."""
        rows = [self.row(message) for message in self.stored.messages]
        rows.sort(key=lambda row: row.number)
        self.live = Listing("bob", ROOM, "live", [*rows])
        self.paged = Listing("ann", ROOM, "paged", [*rows])
        self.changes = Listing("ann", ROOM, "changes", sorted(rows, key=lambda row: row.seq))
        self.find = Find("g1", [row.id for row in self.stored.messages if not row.deleted])
        self.count = Count(ANN, ROOM, self.stored.members[ROOM, ANN], len(rows))
        self.listings = [self.live, self.paged, self.changes]
        self.evidence = Evidence(self.listings, [self.find], [self.count])

    def row(self, message: Message) -> Row:
        """The message as pages show it."""
        reactions = [(emoji, by) for id, emoji, by in self.stored.reactions if id == message.id]
        html = article(message, reactions)
        return Row(message.id, message.seq, message.number, html)

    def kinds(self) -> set[str]:
        """What kinds of violation the checker finds in it."""
        found = check(self.history, self.stored, self.evidence)
        return {violation.kind for violation in found}


def article(message: Message, reactions: list[tuple[str, int]]) -> str:
    """The HTML of a message under which these people put these emoji, each another one."""
    deleted = " data-deleted" if message.deleted else ""
    text = f"<p>{message.source}</p>" if message.source else ""
    buttons = "".join(
        f'<button data-emoji="{emoji}" data-people="{by}"><span class="reaction-count">1</span>'
        for emoji, by in reactions
    )
    body = f'<div class="message-body" dir="auto">{text}</div>'
    return f"<article{deleted}>{body}<footer>{buttons}</footer></article>"
