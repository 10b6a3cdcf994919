"""Rooms and the list of one's own."""

import pytest
from sqlalchemy import select

from chatapp.domain import memberships, rooms
from chatapp.domain.errors import Forbidden, Invalid, NotFound
from chatapp.events import MemberJoined, RoomChanged
from chatapp.extensions import db
from chatapp.models import Membership, Room


def stored(room_id: int) -> Room:
    statement = select(Room).where(Room.id == room_id)
    return db.session.execute(statement, execution_options={"populate_existing": True}).scalar_one()


def test_who_makes_a_room_is_its_first_member(context, ann, told):
    heard = told(MemberJoined)
    room_id = rooms.create(ann, "Kitchen", "Tea", "closed")
    room = stored(room_id)
    assert (room.name, room.topic, room.kind) == ("Kitchen", "Tea", "closed")
    assert db.session.get(Membership, (room_id, ann.id))
    assert [(event.room_id, event.user_id) for event in heard] == [(room_id, ann.id)]
    assert room.head_seq == 1


def test_two_rooms_may_have_one_name(context, ann, bob):
    assert rooms.create(ann, "Kitchen") != rooms.create(bob, "Kitchen")


def test_everything_that_is_wrong_is_said_at_once(context, ann):
    with pytest.raises(Invalid) as refusal:
        rooms.create(ann, "", "x" * 251)
    assert set(refusal.value.fields) == {"name", "topic"}


def test_a_topic_is_one_harmless_line(context, ann):
    room_id = rooms.create(ann, "Kitchen", "one\n two\u202e \x00three")
    assert stored(room_id).topic == "one two three"


def test_renaming_takes_a_seq_and_is_told(context, room, ann, told):
    heard = told(RoomChanged)
    rooms.rename(ann, stored(room.id), "Galley", "Food")
    now = stored(room.id)
    assert (now.name, now.topic) == ("Galley", "Food")
    assert now.head_seq == now.details_seq == room.head_seq + 1
    assert heard == [RoomChanged(room.id, now.head_seq, renamed=True)]
    rooms.rename(ann, now, now.name, "Drink")
    assert [event.renamed for event in heard] == [True, False]


def test_the_same_name_and_topic_change_nothing(context, room, ann, told):
    heard = told(RoomChanged)
    rooms.rename(ann, room, " kitchen ", "")
    assert heard == []
    assert stored(room.id).head_seq == room.head_seq


def test_only_the_creator_or_an_admin_renames(context, room, bob, make_user):
    with pytest.raises(Forbidden):
        rooms.rename(bob, room, "Mine", "")
    boss = make_user("boss", role="admin")
    memberships.join(boss, room)
    rooms.rename(boss, room, "Ours", "")
    assert stored(room.id).name == "Ours"


def test_who_was_put_out_meanwhile_renames_nothing(context, room, ann, make_user):
    boss = make_user("boss", role="admin")
    memberships.join(boss, room)
    memberships.remove(boss, room, ann.id)
    with pytest.raises(NotFound):
        rooms.rename(ann, room, "Mine still", "")
    assert stored(room.id).name == "kitchen"


def test_the_list_of_rooms_pages_by_id(context, ann, make_room):
    made = [make_room(f"room {number}", members=[ann]).id for number in range(5)]
    first = rooms.listed(ann, limit=3)
    rest = rooms.listed(ann, after=first[-1].id, limit=3)
    assert [entry.id for entry in first + rest] == made
