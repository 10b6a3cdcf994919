"""What stands beside every page: names that are remembered, and numbers that are asked for."""

from sqlalchemy import update

from chatapp.domain import memberships, rooms
from chatapp.domain.access import room_for
from chatapp.domain.prepared import Prepared
from chatapp.domain.sidebar import sidebar_of
from chatapp.domain.transaction import transaction
from chatapp.models import Room, Workspace
from chatapp.recent import recent
from tests.queries import counted


def names(user) -> list[str]:
    return [room.name for room in sidebar_of(user.id).rooms]


def test_it_counts_what_is_unread(context, room, ann, bob, make_message):
    for _ in range(3):
        make_message(room, ann)
    assert [entry.unread for entry in sidebar_of(ann.id).rooms] == [0]
    assert [entry.unread for entry in sidebar_of(bob.id).rooms] == [3]


def test_a_newcomer_has_the_workspace_and_no_rooms(context, make_user):
    sidebar = sidebar_of(make_user("eve").id)
    assert (sidebar.workspace_name, sidebar.rooms) == ("Harbour", [])


def test_rooms_stand_by_name_however_they_are_written(context, ann):
    for name in ("Zebra", "apple", "\u00c4rger", "Banana", "apple"):
        rooms.create(ann, name)
    shown = sidebar_of(ann.id).rooms
    assert [room.name for room in shown] == ["apple", "apple", "Banana", "Zebra", "\u00c4rger"]
    assert shown[0].id < shown[1].id
    assert sidebar_of(ann.id).rooms == shown, "remembered, they stand in the same order"


def test_another_name_and_topic_show_at_once(context, room, ann, bob):
    rooms.create(bob, "Attic")
    assert names(bob) == ["Attic", "kitchen"]
    rooms.rename(ann, room_for(ann, room.id), "Aft deck", "Where the wind is")
    shown = sidebar_of(bob.id).rooms
    assert [(one.name, one.topic) for one in shown] == [
        ("Aft deck", "Where the wind is"),
        ("Attic", ""),
    ]


def test_a_room_that_was_left_is_gone_and_one_that_was_entered_is_there(context, room, bob, ann):
    attic = rooms.create(ann, "Attic")
    assert names(bob) == ["kitchen"]
    memberships.join(bob, room_for(bob, attic))
    assert names(bob) == ["Attic", "kitchen"]
    memberships.leave(bob, room_for(bob, room.id))
    assert names(bob) == ["Attic"]


def test_a_room_that_is_left_between_the_questions_is_not_shown(
    context, room, bob, ann, monkeypatch
):
    attic = room_for(ann, rooms.create(ann, "Attic"))
    memberships.join(bob, attic)
    ask = Prepared.rows

    def leave_in_between(statement, values):
        found = ask(statement, values)
        monkeypatch.undo()
        memberships.leave(bob, attic)
        return found

    monkeypatch.setattr(Prepared, "rows", leave_in_between)
    assert names(bob) == ["kitchen"]


def test_a_room_that_is_renamed_between_the_questions_is_shown(
    context, room, bob, ann, monkeypatch
):
    ask = Prepared.rows

    def rename_in_between(statement, values):
        found = ask(statement, values)
        monkeypatch.undo()
        rooms.rename(ann, room_for(ann, room.id), "Galley", "")
        return found

    monkeypatch.setattr(Prepared, "rows", rename_in_between)
    assert names(bob) == ["Galley"]
    assert names(bob) == ["Galley"]


def test_in_another_history_nothing_is_remembered(context, room, ann):
    """A restore may leave a room with another name at the same place."""
    assert names(ann) == ["kitchen"]
    recent("pages", 1).put("a page", "of then")
    with transaction() as session:
        session.execute(update(Room).values(name="Galley"))
    assert names(ann) == ["kitchen"], "its place says that nothing has changed"
    with transaction() as session:
        session.execute(update(Workspace).values(epoch="another"))
    assert names(ann) == ["Galley"]
    assert recent("pages", 1).get("a page") is None


def test_it_is_one_question_unless_a_name_may_have_changed(app, context, room, ann, bob):
    with counted(app) as first:
        sidebar_of(ann.id)
    with counted(app) as other:
        sidebar_of(bob.id)
    rooms.rename(ann, room_for(ann, room.id), "Galley", "")
    with counted(app) as renamed:
        sidebar_of(bob.id)
    assert [len(first), len(other), len(renamed)] == [2, 1, 2]
