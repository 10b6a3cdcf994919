"""Read marks."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from chatapp.domain import reads, transaction
from chatapp.domain.errors import NotFound
from chatapp.events import ReadMarked
from chatapp.extensions import db
from chatapp.models import Membership
from tests.realtime.browsers import eventually


def test_only_a_mark_that_moves_is_told(context, room, ann, bob, make_message, told):
    heard = told(ReadMarked)
    for _ in range(3):
        make_message(room, ann)
    assert [reads.mark(bob, room.id, number) for number in (2, 1, 2, 99, 3)] == [2, 2, 2, 3, 3]
    assert heard == [ReadMarked(room.id, bob.id, 2), ReadMarked(room.id, bob.id, 3)]


def test_outsiders_have_no_mark(context, room, make_user):
    with pytest.raises(NotFound):
        reads.mark(make_user("eve"), room.id, 1)


def test_two_tabs_that_mark_at_once_leave_the_higher_mark(app, room, ann, bob, make_message, told):
    heard = told(ReadMarked)
    for _ in range(8):
        make_message(room, ann)
    with ThreadPoolExecutor(8) as pool:
        numbers = (8, 3, 7, 5, 8, 1)
        answers = [pool.submit(_marked, app, bob, room, number) for number in numbers]
    assert all(one.result() >= number for one, number in zip(answers, numbers, strict=True))
    with app.app_context():
        assert _where_stands(room, bob) == 8
    numbers = [event.number for event in heard]
    assert len(numbers) == len(set(numbers))
    assert max(numbers) == 8


@pytest.mark.sqlite_only  # PostgreSQL itself has commits wait for the disk together.
def test_marks_that_wait_at_the_same_moment_are_moved_with_one_commit(
    app, room, ann, bob, make_user, make_message, told, batches
):
    heard = told(ReadMarked)
    for _ in range(8):
        make_message(room, ann)
    eve = make_user("eve")
    with ThreadPoolExecutor(4) as pool:
        with transaction._turn:
            first = pool.submit(_marked, app, bob, room, 2)
            eventually(lambda: _waiting(app) == 1)
            others = [pool.submit(_marked, app, bob, room, number) for number in (5, 3)]
            outsider = pool.submit(_marked, app, eve, room, 8)
            eventually(lambda: _waiting(app) == 3)
        assert [one.result() for one in (first, *others)] == [2, 5, 3]
    assert isinstance(outsider.exception(), NotFound)
    assert batches == [3]
    assert max(event.number for event in heard) == 5
    with app.app_context():
        assert _where_stands(room, bob) == 5


@pytest.fixture
def batches(sizes_of) -> list[int]:
    """How many marks each commit was for, as it goes on."""
    return sizes_of(reads, "_move_on_sqlite")


def _waiting(app):
    turns = app.extensions.get("chatapp.reads")
    return len(turns._waiting) if turns else 0


def _marked(app, user, room, number):
    with app.app_context():
        return reads.mark(user, room.id, number)


def _where_stands(room, user):
    return db.session.scalar(
        select(Membership.read_number).where(
            Membership.room_id == room.id, Membership.user_id == user.id
        )
    )
