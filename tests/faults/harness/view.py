"""A room as a page holds it: frames applied in sequence, holes asked for. Pure."""

import re
import sys
from dataclasses import dataclass, field
from typing import Any

ARTICLE = re.compile(r"<article\b.*?</article>", re.DOTALL)
ATTRIBUTE = {
    name: re.compile(rf'\bdata-{name}="(\d+)"') for name in ("message", "seq", "number", "author")
}


@dataclass(slots=True, frozen=True)
class Row:
    """One message on the page."""

    id: int
    seq: int
    number: int
    html: str


def rows_of(html: str) -> list[Row]:
    """The message articles in a piece of HTML, in its order; a page's empty template is none."""
    return [row for row in map(row_of, ARTICLE.findall(html)) if row.id]


def row_of(article: str) -> Row:
    values = {name: ATTRIBUTE[name].search(article) for name in ("message", "seq", "number")}
    found = {name: int(match[1]) if match else 0 for name, match in values.items()}
    return Row(found["message"], found["seq"], found["number"], kept(article))


def kept(html: str) -> str:
    """Many pages hold the same HTML: it is kept in memory once."""
    return sys.intern(html.strip())


@dataclass
class View:
    """What one page shows of one room, and how far it has come."""

    room: int
    have: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
    # As far as it has been heard of.
    head: int = 0
    # Whether somebody is asking for what is missing.
    asking: bool = False
    # The number of the first message on the page: what is older is not shown.
    first: int = 1

    def next(self, seq: int) -> bool:
        """Whether a frame with this seq is the next one; False also for one already applied."""
        return seq == self.have + 1

    @property
    def is_behind(self) -> bool:
        """Whether something is missing here."""
        return self.head > self.have

    def apply(self, frame: dict[str, Any]) -> None:
        """Apply the next frame of the room."""
        self.have = frame["seq"]
        if frame["type"] == "message":
            self.put(Row(frame["id"], frame["seq"], frame["number"], kept(frame["html"])))

    def put(self, row: Row) -> None:
        """Show this row in the place that its number gives it, unless a newer one is there."""
        old = self.rows.get(row.id)
        if row.number >= self.first and (old is None or old.seq <= row.seq):
            self.rows[row.id] = row

    def catch_up(self, page: dict[str, Any]) -> None:
        """Apply one page of the room's changes."""
        for message in page["messages"]:
            self.put(Row(message["id"], message["seq"], message["number"], kept(message["html"])))
        self.have = max(self.have, page["seq"])

    def in_order(self) -> list[Row]:
        return sorted(self.rows.values(), key=lambda row: row.number)
