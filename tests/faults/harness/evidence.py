"""What the people of a round were shown: lists, search results, counts. Plain data."""

from dataclasses import dataclass, field
from typing import Literal

from tests.faults.harness.view import Row


@dataclass(slots=True)
class Listing:
    """One list of a room's messages as somebody saw it, in the order shown."""

    who: str
    room: int
    how: Literal["live", "paged", "changes", "page"]
    rows: list[Row]
    # A page that begins in the middle of the room's history starts with this number.
    first: int = 1


@dataclass(slots=True)
class Find:
    """What a search for one group's word found, for somebody who may see all of it."""

    group: str
    ids: list[int]


@dataclass(slots=True)
class Count:
    """What a page says of one person's reading of one room."""

    user: int
    room: int
    read: int
    last: int


@dataclass
class Evidence:
    """Everything that was looked at once the faults were over."""

    listings: list[Listing] = field(default_factory=list)
    finds: list[Find] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
