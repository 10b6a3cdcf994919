"""`flask seed` fills an empty workspace as the product itself would have."""

import random
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, func, select

from chatapp.cli.demonstration import history
from chatapp.cli.demonstration.people import ADMIN, PEOPLE
from chatapp.cli.demonstration.rooms import ROOMS
from chatapp.domain import accounts, imports, search
from chatapp.extensions import db
from chatapp.models import Membership, Message, Reaction, Room, User
from chatapp.models.columns import now

PASSWORD = "a paper lantern"


@pytest.fixture
def seeded(app: Flask) -> Iterator[str]:
    """The command's output, within an application context."""
    result = app.test_cli_runner().invoke(args=["seed", "--password", PASSWORD])
    assert result.exit_code == 0, result.output
    with app.app_context():
        yield result.output


def test_the_numbers_are_as_promised(seeded):
    assert db.session.scalar(select(func.count(User.id))) == len(PEOPLE) == 20
    assert db.session.scalar(select(func.count(Room.id))) == len(ROOMS) == 8
    assert db.session.scalar(select(func.count(Message.id))) == 2000
    assert db.session.scalar(select(func.count()).where(Room.kind == "closed")) == 1


def test_everybody_can_sign_in_with_the_password_that_is_told(seeded):
    assert PASSWORD in seeded
    for name in (ADMIN, "nour"):
        assert name in seeded
        assert accounts.authenticate(name, PASSWORD).user_name == name


def test_times_increase_within_each_room_and_end_before_now(seeded):
    for room_id in db.session.scalars(select(Room.id)):
        times = list(
            db.session.scalars(
                select(Message.posted_at).where(Message.room_id == room_id).order_by(Message.number)
            )
        )
        assert all(earlier < later for earlier, later in pairwise(times))
        assert times[-1] < now()


def test_sequences_are_dense_and_agree_with_the_rooms(seeded):
    for room in db.session.scalars(select(Room)):
        numbers = list(
            db.session.scalars(
                select(Message.number).where(Message.room_id == room.id).order_by(Message.id)
            )
        )
        assert numbers == list(range(1, room.last_number + 1))
        newest = db.session.scalar(select(func.max(Message.seq)).where(Message.room_id == room.id))
        assert newest == room.head_seq


def test_there_is_something_of_everything(seeded):
    def count(*conditions: ColumnElement[bool]) -> int:
        return db.session.scalar(select(func.count(Message.id)).where(*conditions)) or 0

    assert count(Message.edited_at.is_not(None)) > 20
    assert count(Message.deleted_at.is_not(None)) > 5
    assert count(Message.deleted_at.is_not(None), Message.source != "") == 0
    assert count(Message.html.contains('<span class="k">')) > 5
    assert count(Message.source.contains("ש")) > 2
    assert count(func.length(Message.source) > 400) > 2
    assert db.session.execute(select(func.count()).select_from(Reaction)).scalar_one() > 300


def test_people_are_behind_by_different_amounts(seeded):
    behind = set(
        db.session.scalars(
            select(Room.last_number - Membership.read_number).where(Room.id == Membership.room_id)
        )
    )
    assert min(behind) == 0
    assert len(behind) > 4


def test_what_was_said_is_found(seeded):
    ada = accounts.authenticate(ADMIN, PASSWORD)
    assert search.find(ada, "scarf").rows


def test_the_same_seed_says_the_same(make_seeded):
    assert make_seeded(seed=3) == make_seeded(seed=3) != make_seeded(seed=4)


@pytest.fixture
def make_seeded():
    """What would be said in one room."""
    ids = {name: number for number, name in enumerate(PEOPLE)}
    until = now()

    def make(seed: int) -> list[tuple[int, str]]:
        past = history.of_room(ROOMS[0], 1, ids, until, random.Random(seed))
        return [(message.author_id, message.body) for message in past]

    return make


def test_every_word_of_the_scenes_is_filled_in(seeded):
    left = db.session.scalars(
        select(Message.source).where(Message.source.regexp_match(r"\{[a-zA-Z|]+\}"))
    )
    assert list(left) == []


def test_the_password_is_told_before_anything_is_stored(app, monkeypatch):
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "add_people", ended)
    answer = app.test_cli_runner().invoke(args=["seed"])
    password = re.search(r"^Password +(\S+)$", answer.output, re.MULTILINE)[1]
    with app.app_context():
        assert accounts.authenticate(ADMIN, password)


def test_a_workspace_with_people_is_left_alone(app, make_user):
    make_user("ann")
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 1
    assert "flask db upgrade" in result.output
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id))) == 1
