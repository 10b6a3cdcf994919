"""Read marks."""

import pytest

from chatapp.domain import reads
from chatapp.domain.errors import NotFound
from chatapp.events import ReadMarked


def test_only_a_mark_that_moves_is_told(context, room, ann, bob, make_message, told):
    heard = told(ReadMarked)
    for _ in range(3):
        make_message(room, ann)
    assert [reads.mark(bob, room.id, number) for number in (2, 1, 2, 99, 3)] == [2, 2, 2, 3, 3]
    assert heard == [ReadMarked(room.id, bob.id, 2), ReadMarked(room.id, bob.id, 3)]


def test_outsiders_have_no_mark(context, room, make_user):
    with pytest.raises(NotFound):
        reads.mark(make_user("eve"), room.id, 1)
