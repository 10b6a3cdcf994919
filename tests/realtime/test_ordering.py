"""A room's hints come in order if what is missing comes soon, and in time if it doesn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.realtime.hints import RoomHint
from chatapp.realtime.ordering import HELD_A_ROOM, PATIENCE_SECONDS, Ordering


def hint(seq: int, room: int = 1) -> RoomHint:
    return RoomHint(room, seq, seq, b"")


def seqs(hints) -> list[int]:
    return [one.seq for one in hints]


@given(st.permutations(range(1, 20)))
def test_whatever_the_order_of_arrival_they_leave_in_order(arrivals):
    ordering, known, left = Ordering(), 0, []
    for seq in arrivals:
        for ready in ordering.take(hint(seq), known, now=0.0):
            left.append(ready.seq)
            known = max(known, ready.seq)
    assert left == sorted(arrivals)
    assert ordering.patience(0.0) is None


def test_what_is_missing_is_waited_for_a_moment_only():
    ordering = Ordering()
    assert seqs(ordering.take(hint(3), 1, now=10.0)) == []
    assert seqs(ordering.take(hint(5), 1, now=10.05)) == []
    assert ordering.patience(10.0) == pytest.approx(PATIENCE_SECONDS)
    assert seqs(ordering.overdue(10.0 + PATIENCE_SECONDS / 2)) == []
    assert seqs(ordering.overdue(10.001 + PATIENCE_SECONDS)) == [3, 5]
    assert ordering.patience(11.0) is None


def test_what_is_late_is_told_all_the_same():
    assert seqs(Ordering().take(hint(2), 5, now=0.0)) == [2]


def test_rooms_do_not_wait_for_each_other():
    ordering = Ordering()
    assert seqs(ordering.take(hint(9, room=1), 1, now=0.0)) == []
    assert seqs(ordering.take(hint(2, room=2), 1, now=0.0)) == [2]


def test_what_waits_is_bounded():
    ordering = Ordering()
    held = [seqs(ordering.take(hint(seq), 0, now=0.0)) for seq in range(2, HELD_A_ROOM + 3)]
    assert held[-1] == [HELD_A_ROOM + 2]
    assert all(not one for one in held[:-1])


def test_what_is_missing_after_something_has_come_has_a_moment_of_its_own():
    ordering = Ordering()
    assert seqs(ordering.take(hint(3), 1, now=10.0)) == []
    assert seqs(ordering.take(hint(5), 1, now=10.05)) == []
    assert seqs(ordering.take(hint(2), 1, now=10.09)) == [2, 3]
    assert seqs(ordering.overdue(10.01 + PATIENCE_SECONDS)) == []
    assert seqs(ordering.take(hint(4), 3, now=10.15)) == [4, 5]
    assert ordering.patience(10.15) is None


def test_what_was_overtaken_does_not_wait_for_longer():
    ordering = Ordering()
    for seq in range(2, HELD_A_ROOM + 2):
        assert seqs(ordering.take(hint(seq), 0, now=10.0)) == []
    newest = HELD_A_ROOM + 2
    assert seqs(ordering.take(hint(newest), 0, now=10.05)) == [newest]
    assert seqs(ordering.take(hint(newest + 1), newest, now=10.09)) == [newest + 1]
    assert seqs(ordering.overdue(10.001 + PATIENCE_SECONDS)) == [*range(2, newest)]
