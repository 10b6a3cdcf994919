"""What was invoked, acknowledged and seen: append-only, the only thing the checker believes."""

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.harness.wire import Answer

clock = time.monotonic

# Errors that say that they pass. Any other from 500 on is a bug, whatever goes wrong meanwhile.
PASSING = (502, 503, 504, 507)


@dataclass(slots=True)
class Send:
    """One message that a writer wants in a room, however many tries that takes."""

    author: int
    key: str
    room: int
    body: str
    group: str
    invoked: float
    phase: str
    acked: float | None = None
    id: int | None = None
    seq: int | None = None
    number: int | None = None
    tries: int = 0
    first_body: str = ""

    def __post_init__(self) -> None:
        self.first_body = self.body


@dataclass(slots=True)
class Change:
    """An edit, a deletion or a reaction put on or taken back; `value` is the text or the emoji."""

    kind: str
    by: int
    message: int
    value: str
    invoked: float
    phase: str
    acked: float | None = None


@dataclass(slots=True)
class Stay:
    """The time a person was a member of a room, as far as the answers tell."""

    user: int
    room: int
    since: float
    until: float | None = None


@dataclass(slots=True)
class Trouble:
    """Something that must not happen in itself: an answer 500, a frame one may not see."""

    kind: str
    detail: str
    phase: str


@dataclass(slots=True)
class Stray:
    """A frame of a room that reached somebody who was no member of it any more, or never was."""

    user: int
    room: int
    # The room's sequence in the frame; None where the frame has none.
    seq: int | None
    at: float
    # It was told no earlier than this: its connection had not begun, or nobody had asked.
    not_before: float
    # How long after they left they may still be told of what happens.
    grace: float
    detail: str
    phase: str


@dataclass(slots=True)
class Fall:
    """One fault as it was: when it came, when it ended, how long each client took to recover."""

    name: str
    began: float
    ended: float
    recoveries: list[float] = field(default_factory=list)


@dataclass
class History:
    """Everything one round did."""

    sends: list[Send] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    falls: list[Fall] = field(default_factory=list)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    # The highest acknowledged seq of each room.
    heads: dict[int, int] = field(default_factory=dict)
    # The pages that were opened, and stay open to the end: whose, and of which room.
    pages: list[tuple[str, int]] = field(default_factory=list)
    phase: str = "calm"
    # In calm: how far pages were behind, in tenths of a second, and how often.
    lags: Counter[float] = field(default_factory=Counter)
    # How many writes of all kinds the server acknowledged.
    acked: int = 0

    def invoke(self, author: int, key: str, room: int, body: str, group: str) -> Send:
        """A writer is about to send this for the first time."""
        send = Send(author, key, room, body, group, clock(), self.phase)
        self.sends.append(send)
        return send

    def ack(self, send: Send, id: int, seq: int, number: int) -> None:
        """The server has promised that this message is there."""
        send.acked, send.id, send.seq, send.number = clock(), id, seq, number
        self.acked += 1
        self.heads[send.room] = max(seq, self.heads.get(send.room, 0))

    def change(self, kind: str, by: int, message: int, value: str = "") -> Change:
        """A writer is about to change a message for the first time."""
        change = Change(kind, by, message, value, clock(), self.phase)
        self.changes.append(change)
        return change

    def ack_change(self, change: Change) -> None:
        """The server has promised that this change is there."""
        change.acked = clock()
        self.acked += 1

    def trouble(self, kind: str, detail: str) -> None:
        self.troubles.append(Trouble(kind, detail, self.phase))

    def answered(self, asked: str, answer: Answer) -> None:
        """Count an answer's status; a 500 is trouble, whoever got it."""
        self.statuses[self.phase, answer.status] += 1
        if answer.status >= 500 and answer.status not in PASSING:
            self.trouble("failed", f"{asked}: {answer.status} {answer.text[:300]}")

    def joined(self, user: int, room: int) -> None:
        self.stays.append(Stay(user, room, clock()))

    def left(self, user: int, room: int) -> None:
        for stay in self._stays_of(user, room):
            if stay.until is None:
                stay.until = clock()

    def left_at(self, user: int, room: int, before: float) -> float | None:
        """When that person's last stay until then ended; None where there was none."""
        ends = [stay.until for stay in self._stays_of(user, room) if stay.until is not None]
        return max((end for end in ends if end <= before), default=None)

    def is_member(self, user: int, room: int, at: float) -> bool:
        """Whether that person was a member then."""
        return any(
            stay.since <= at and (stay.until is None or at <= stay.until)
            for stay in self._stays_of(user, room)
        )

    def _stays_of(self, user: int, room: int) -> list[Stay]:
        return [stay for stay in self.stays if (stay.user, stay.room) == (user, room)]
