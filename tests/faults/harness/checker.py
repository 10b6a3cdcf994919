"""Jepsen's manner: what was acknowledged, stored and shown must be one story. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from math import inf

from tests.faults.harness.evidence import Evidence
from tests.faults.harness.history import Change, History, Stray
from tests.faults.harness.looks import (
    check_all_is_seen,
    check_counts,
    check_finds,
    check_listings,
)
from tests.faults.harness.stored import Message, Stored
from tests.faults.harness.violation import Violation


def check(history: History, stored: Stored, evidence: Evidence) -> list[Violation]:
    """Every violation of the contract that these three show; empty when it holds."""
    found: list[Violation] = []
    for rule in RULES:
        found += rule(history, stored)
    found += check_all_is_seen(history, stored, evidence)
    found += check_listings(stored, evidence)
    found += check_finds(history, stored, evidence)
    found += check_counts(stored, evidence)
    return found


def acked_is_stored(history: History, stored: Stored) -> Iterator[Violation]:
    """C1: each acknowledged message is there, with what its answer promised."""
    rows = {(message.author, message.key): message for message in stored.messages}
    for send in history.sends:
        row = rows.get((send.author, send.key))
        if send.acked is None:
            continue
        if row is None:
            yield Violation("lost", send.phase, f"{send.key} in room {send.room}")
        elif (row.id, row.number, row.room) != (send.id, send.number, send.room):
            detail = f"{send.key}: promised {send.id} #{send.number}, is {row.id} #{row.number}"
            yield Violation("altered", send.phase, detail)
        elif row.posted_seq != send.seq and row.seq != send.seq:
            yield Violation("altered", send.phase, f"{send.key}: seq {send.seq}, {row}")


def stored_is_invoked(history: History, stored: Stored) -> Iterator[Violation]:
    """C3: nothing is in the store that nobody wrote, and the text is what was written."""
    sends = {(send.author, send.key): send for send in history.sends}
    texts = defaultdict(set)
    for change in history.changes:
        if change.kind == "edit":
            texts[change.message].add(change.value)
    for row in stored.messages:
        send = sends.get((row.author, row.key))
        if send is None:
            yield Violation("phantom", "", f"{row}")
        elif not row.deleted and row.source not in {send.first_body, *texts[row.id]}:
            yield Violation("altered", send.phase, f"{send.body!r} is {row.source!r}")


def one_row_per_key(_history: History, stored: Stored) -> Iterator[Violation]:
    """C2: one row per key, and per text (each text carries its key)."""
    keys = Counter((message.author, message.key) for message in stored.messages)
    words = Counter(key_word(message) for message in stored.messages if not message.deleted)
    for key, count in keys.items():
        if count > 1:
            yield Violation("doubled", "", f"{count} rows with the key {key}")
    for word, count in words.items():
        if count > 1:
            yield Violation("doubled", "", f"{count} rows with the text of {word}")


def key_word(message: Message) -> str:
    return message.source.partition(" ")[0]


def dense_and_ascending(_history: History, stored: Stored) -> Iterator[Violation]:
    """C4: numbers run from 1 without a hole, posted_seq ascends with them, seq is never shared."""
    rooms = defaultdict(list)
    for message in stored.messages:
        rooms[message.room].append(message)
    for room, (head, last) in stored.heads.items():
        rows = sorted(rooms[room], key=lambda row: row.number)
        if [row.number for row in rows] != list(range(1, last + 1)):
            yield Violation("misordered", "", f"room {room}: the numbers are not 1 to {last}")
        places = [row.posted_seq for row in rows]
        if places != sorted(set(places)):
            yield Violation("misordered", "", f"room {room}: posted_seq does not ascend")
        if len({row.seq for row in rows}) != len(rows):
            yield Violation("misordered", "", f"room {room}: two messages share a seq")
        if any(row.seq > head or row.seq < row.posted_seq for row in rows):
            yield Violation("misordered", "", f"room {room}: a seq is outside its bounds")


def order_is_real(history: History, _stored: Stored) -> Iterator[Violation]:
    """C4: what was acknowledged before another was begun stands before it."""
    rooms = defaultdict(list)
    for send in history.sends:
        if send.number is not None:
            rooms[send.room].append(send)
    for sends in rooms.values():
        sends.sort(key=lambda send: send.number or 0, reverse=True)
        earliest = float("inf")
        for send in sends:
            if earliest < send.invoked:
                yield Violation("misordered", send.phase, f"{send.key} stands too early")
            earliest = min(earliest, send.acked or earliest)


def who_posts_has_read(history: History, stored: Stored) -> Iterator[Violation]:
    """C23: posting moves the author's own read mark, which never moves back."""
    for send in history.sends:
        read = stored.members.get((send.room, send.author))
        if send.number is not None and read is not None and read < send.number:
            yield Violation("miscounted", send.phase, f"{send.key}: #{send.number}, read {read}")


def changes_hold(history: History, stored: Stored) -> Iterator[Violation]:
    """The last acknowledged edit, deletion and reaction of each message is what is stored."""
    for change, row in lost_changes(history, stored):
        yield Violation("lost", change.phase, f"{change} is not in {row}")


def lost_changes(history: History, stored: Stored) -> Iterator[tuple[Change, Message | None]]:
    """Each acknowledged change that the store should show and does not, and what is there."""
    rows = {message.id: message for message in stored.messages}
    last: dict[tuple[str, int, int, str], Change] = {}
    for change in history.changes:
        emoji = change.value if change.kind in ("react", "unreact") else ""
        last[change.kind.removeprefix("un"), change.message, change.by, emoji] = change
    for change in last.values():
        row = rows.get(change.message)
        if change.acked is not None and (row is None or not holds(change, row, stored)):
            yield change, row


def holds(change: Change, row: Message, stored: Stored) -> bool:
    """Whether the store shows this change, which is the last of its kind."""
    if change.kind == "delete":
        return row.deleted
    if row.deleted:
        return True
    if change.kind == "edit":
        return row.source == change.value
    there = (change.message, change.value, change.by) in stored.reactions
    return there == (change.kind == "react")


def nothing_leaks(history: History, stored: Stored) -> Iterator[Violation]:
    """C20: whoever has left a room is told nothing of what happens there from 2 s later on.

    It is what happens that must not be later, not the frame: that may have been on its way through
    a slow line for long.
    """
    places = {(row.author, row.key): row.posted_seq for row in stored.messages}
    for stray in history.strays:
        left = history.left_at(stray.user, stray.room, stray.at)
        if left is None or happened(stray, history, places) > left + stray.grace:
            yield Violation("leaked", stray.phase, stray.detail)


def happened(stray: Stray, history: History, places: dict[tuple[int, str], int]) -> float:
    """No earlier than this did what the frame tells happen, or the server tell it.

    A change stands behind each message with a lower seq, so it is later than when the last of them
    was begun.
    """
    if stray.seq is None:
        return stray.at
    begun = (
        send.invoked
        for send in history.sends
        if send.room == stray.room and places.get((send.author, send.key), inf) <= stray.seq
    )
    return max([stray.not_before, *begun])


def no_troubles(history: History, _stored: Stored) -> Iterator[Violation]:
    """What was wrong when it happened: a 500, a refused write."""
    for trouble in history.troubles:
        yield Violation(trouble.kind, trouble.phase, trouble.detail)


RULES: list[Callable[[History, Stored], Iterator[Violation]]] = [
    acked_is_stored,
    stored_is_invoked,
    one_row_per_key,
    dense_and_ascending,
    order_is_real,
    who_posts_has_read,
    changes_hold,
    nothing_leaks,
    no_troubles,
]
