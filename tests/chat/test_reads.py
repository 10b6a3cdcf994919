"""Read marks and unread counts over HTTP."""

import re

import pytest


def unread(client, room) -> int:
    link = re.search(
        rf'<a class="room-link[^>]*data-room="{room.id}".*?</a>', client.get("/rooms").text
    )
    count = re.search(r'class="unread-count">(\d*)<', link[0])[1]
    assert ("is-unread" in link[0]) == bool(count)
    return int(count or 0)


@pytest.fixture
def three(room, ann, make_message):
    return [make_message(room, ann) for _ in range(3)]


def mark(client, room, number):
    return client.post(f"/rooms/{room.id}/reads", data={"number": str(number)})


def test_what_others_say_is_unread_and_what_one_says_is_not(as_ann, as_bob, room, three):
    assert unread(as_bob, room) == 3
    assert unread(as_ann, room) == 0


def test_marking_read_clears_the_count(as_bob, room, three):
    assert mark(as_bob, room, 2).status_code == 204
    assert unread(as_bob, room) == 1
    assert mark(as_bob, room, 3).status_code == 204
    assert unread(as_bob, room) == 0


def test_a_read_mark_never_goes_back(as_bob, room, three):
    mark(as_bob, room, 3)
    mark(as_bob, room, 1)
    assert unread(as_bob, room) == 0


def test_a_read_mark_never_passes_the_newest_message(as_bob, room, three, make_message, ann):
    mark(as_bob, room, 1000)
    make_message(room, ann)
    assert unread(as_bob, room) == 1


@pytest.mark.parametrize("number", ["", "x", "-1", "1" * 40])
def test_a_read_mark_is_a_number(as_bob, room, number):
    assert mark(as_bob, room, number).status_code == 422


def test_outsiders_mark_nothing(as_eve, room, three):
    assert mark(as_eve, room, 1).status_code == 404
