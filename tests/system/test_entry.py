"""The smallest whole path: a browser, a server, a person."""

from tests.builders.people import new_user
from tests.builders.rooms import new_room


def test_a_person_signs_in_and_reaches_a_room(server, enter):
    ann = server.build(new_user, "ann")
    room = server.build(new_room, "kitchen", members=[ann])
    person = enter(server, "ann")
    person.open_room(room.id)
    assert person.problems == []
