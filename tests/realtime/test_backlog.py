"""What waits for Redis is bounded, and keeps its order."""

import pytest

from chatapp.realtime.backlog import (
    BYTES_A_TURN,
    HINTS_A_TURN,
    WAITING_BYTES,
    WAITING_HINTS,
    Backlog,
)
from chatapp.realtime.hints import PersonHint, RoomHint, TypingHint


@pytest.fixture
def backlog():
    return Backlog()


def drained(backlog: Backlog) -> list[int]:
    """Whom the hints are for that still wait, in order."""
    people = []
    while backlog:
        people += [hint.user for hint in backlog.take()]
    return people


def test_what_waits_is_taken_in_turns(backlog):
    for user in range(HINTS_A_TURN + 1):
        backlog.add(PersonHint(user, b"x"))
    assert [len(backlog.take()) for _ in range(3)] == [HINTS_A_TURN, 1, 0]


def test_large_hints_go_alone(backlog):
    for user in range(3):
        backlog.add(PersonHint(user, bytes(BYTES_A_TURN)))
    assert [[hint.user for hint in backlog.take()] for _ in range(3)] == [[0], [1], [2]]


def test_the_newest_are_kept(backlog):
    for user in range(WAITING_HINTS + 5):
        backlog.add(PersonHint(user, b"x"))
    assert drained(backlog) == list(range(5, WAITING_HINTS + 5))


def test_the_newest_are_kept_as_far_as_they_fit(backlog):
    size = WAITING_BYTES // 4
    for user in range(6):
        backlog.add(PersonHint(user, bytes(size)))
    assert drained(backlog) == [2, 3, 4, 5]
    for seq in range(6):
        backlog.add(RoomHint(7, seq, seq, bytes(size // 2), bytes(size // 2)))
    assert len(backlog) == 4


@pytest.mark.parametrize("stale", [TypingHint(1, 2, b"typing"), RoomHint(1, 2, 3, b"said")])
def test_what_is_too_old_is_forgotten(backlog, stale):
    for user in range(3):
        backlog.add(stale)
        backlog.add(PersonHint(user, b"read"))
    backlog.forget(type(stale))
    assert backlog.take() == [PersonHint(user, b"read") for user in range(3)]
    # What is left is counted as it is.
    for user in range(4):
        backlog.add(PersonHint(user, bytes(WAITING_BYTES // 4)))
    assert len(backlog) == 4


def test_what_could_not_be_told_comes_first_again(backlog):
    for user in range(3):
        backlog.add(PersonHint(user, bytes(BYTES_A_TURN)))
    taken = backlog.take()
    backlog.put_back(taken)
    assert drained(backlog) == [0, 1, 2]


def test_what_is_put_back_counts_too(backlog):
    for user in range(4):
        backlog.add(PersonHint(user, bytes(WAITING_BYTES // 4)))
    taken = backlog.take()
    backlog.add(PersonHint(4, bytes(WAITING_BYTES // 4)))
    backlog.put_back(taken)
    assert drained(backlog) == [1, 2, 3, 4]
