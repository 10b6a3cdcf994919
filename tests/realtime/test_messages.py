"""What happens in a room is heard by those who view it, in order, and by nobody else."""

import time

import pytest

# Where the database is PostgreSQL, two share the work (tests/servers.py).
WORKERS = 2


def act(person, path, **values):
    answer = person.visitor.submit(path, values, headers={"Accept": "application/json"})
    assert answer.status_code < 400, answer.text
    return answer


def test_a_message_reaches_everybody_who_views_its_room(place, ann, bob):
    room = place.room(ann, bob)
    tabs = [ann.open(room), bob.open(room), bob.open(room)]
    answer = ann.post(room, "Good **morning**")
    for tab in tabs:
        frame = tab.expect("message", room=room)
        assert frame["change"] == "posted"
        assert frame["id"] == answer["id"]
        assert frame["seq"] == answer["seq"]
        assert frame["author"] == ann.id
        assert frame["html"] == answer["html"]
        assert "<strong>morning</strong>" in frame["html"]


def test_messages_come_in_the_order_of_their_seq(place, ann, bob):
    room = place.room(ann, bob)
    tab = bob.open(room)
    posted = [ann.post(room, f"number {number}")["seq"] for number in range(30)]
    heard = [tab.expect("message")["seq"] for _ in range(30)]
    assert heard == posted == sorted(posted)


def test_edits_deletions_and_reactions_are_heard(place, ann, bob):
    room = place.room(ann, bob)
    message = ann.post(room, "first")["id"]
    tab = bob.open(room)
    act(ann, f"/messages/{message}/edit", body="second")
    frame = tab.expect("message", change="edited", id=message)
    assert "second" in frame["html"]
    act(bob, f"/messages/{message}/reactions", emoji="👍", on="1")
    assert "👍" in tab.expect("message", change="reacted", id=message)["html"]
    act(ann, f"/messages/{message}/delete")
    assert "second" not in tab.expect("message", change="deleted", id=message)["html"]


def test_members_elsewhere_hear_of_the_head_only(place, ann, bob):
    room, other = place.room(ann, bob), place.room(ann, bob)
    tab = bob.open(other)
    answer = ann.post(room, "secret words")
    head = tab.expect("head", room=room)
    assert head["seq"] == answer["seq"]
    assert head["number"] == answer["number"]
    assert head["author"] == ann.id
    assert not [frame for frame in tab.listen(1) if frame["type"] == "message"]


def test_who_has_unsubscribed_hears_the_head_only(place, ann, bob):
    room = place.room(ann, bob)
    tab = bob.open(room)
    ann.post(room, "one")
    tab.expect("message")
    tab.say("unsubscribe", room=room)
    tab.say("subscribe", room=0)
    tab.expect("error")
    ann.post(room, "two")
    tab.expect("head", room=room)
    assert not [frame for frame in tab.frames if frame["type"] == "message"]


def test_outsiders_do_not_hear_a_closed_room(place, ann, bob):
    room = place.room(ann, kind="closed")
    member, outsider = ann.open(room), bob.open()
    outsider.say("subscribe", room=room)
    assert outsider.expect("error")["code"] == "not_found"
    ann.post(room, "canary")
    assert member.expect("message", room=room)
    heard = outsider.listen(2)
    assert str(room) not in outsider.welcome["rooms"]
    assert not [frame for frame in heard if frame.get("room") == room]
    assert "canary" not in str(outsider.all)


def test_an_open_room_is_heard_by_its_members_only(place, ann, bob):
    room = place.room(ann)
    outsider = bob.open()
    outsider.say("subscribe", room=room)
    assert outsider.expect("error", room=room)["code"] == "not_found"


def test_a_room_that_does_not_exist_looks_like_one_that_is_closed(place, ann, bob):
    closed = place.room(ann, kind="closed")
    tab = bob.open()
    answers = []
    for room in (closed, 999_999):
        tab.say("subscribe", room=room)
        answers.append(tab.expect("error") | {"room": None})
    assert answers[0] == answers[1]


def test_the_welcome_says_where_everything_stands(place, ann, bob):
    room = place.room(ann, bob)
    posted = [ann.post(room, f"number {number}") for number in range(3)]
    mark = bob.open().welcome["rooms"][str(room)]
    assert mark == {"seq": posted[-1]["seq"], "number": 3, "read": 0}
    assert ann.open().welcome["rooms"][str(room)]["read"] == 3


def test_subscribed_tells_the_head(place, ann, bob):
    room = place.room(ann, bob)
    tab = bob.open()
    answer = ann.post(room, "one")
    tab.expect("head", room=room)
    tab.say("subscribe", room=room)
    assert tab.expect("subscribed", room=room)["seq"] == answer["seq"]


def test_joining_and_leaving_are_heard_in_the_room(place, ann, bob):
    room = place.room(ann)
    tab, bobs = ann.open(room), bob.open()
    act(bob, f"/rooms/{room}/join")
    joined = tab.expect("member", room=room, change="joined", user=bob.id)
    assert f'data-person="{bob.id}"' in joined["html"]
    assert bobs.expect("rooms")
    bobs.say("subscribe", room=room)
    assert bobs.expect("subscribed", room=room)["seq"] == joined["seq"]
    act(bob, f"/rooms/{room}/leave")
    left = tab.expect("member", room=room, change="left", user=bob.id)
    assert left["seq"] == joined["seq"] + 1


def test_another_name_of_the_room_is_heard_by_all_members(place, ann, bob):
    room = place.room(ann, bob)
    viewer, elsewhere = bob.open(room), bob.open()
    act(ann, f"/rooms/{room}/edit", name="Kitchen", topic="Food")
    frame = viewer.expect("room", room=room)
    assert (frame["name"], frame["topic"]) == ("Kitchen", "Food")
    assert elsewhere.expect("rooms", shared=True)
    # A topic is in nobody's list.
    act(ann, f"/rooms/{room}/edit", name="Kitchen", topic="Drink")
    assert viewer.expect("room", room=room, topic="Drink")
    answer = ann.post(room, "thirsty?")
    assert elsewhere.expect("head", room=room, seq=answer["seq"])
    assert not [frame for frame in elsewhere.frames if frame["type"] == "rooms"]


def test_another_display_name_is_heard_by_everybody(place, ann, bob):
    tab = bob.open()
    act(ann, "/profile", display_name="Ann the Great", locale="", language="")
    frame = tab.expect("person", user=ann.id)
    assert frame["name"] == "Ann the Great"
    assert frame["initials"]
    assert frame["workspace"] > tab.welcome["workspace"]


def test_a_read_mark_moves_in_all_own_tabs_and_in_no_others(place, ann, bob):
    room = place.room(ann, bob)
    answer = ann.post(room, "one")
    tabs, others = [bob.open(room), bob.open()], ann.open(room)
    act(bob, f"/rooms/{room}/reads", number=str(answer["number"]))
    for tab in tabs:
        assert tab.expect("read", room=room)["number"] == answer["number"]
    assert not [frame for frame in others.listen(0.5) if frame["type"] == "read"]


def test_typing_is_heard_by_the_other_viewers(place, ann, bob):
    room, other = place.room(ann, bob), place.room(ann, bob)
    anns, bobs, elsewhere = [ann.open(room), ann.open(room)], bob.open(room), bob.open(other)
    anns[0].say("typing", room=room)
    frame = bobs.expect("typing", room=room, user=ann.id)
    assert frame["name"] == ann.display_name
    for _ in range(5):
        anns[0].say("typing", room=room)
    for tab in (*anns, elsewhere, bobs):
        assert not [frame for frame in tab.listen(0.3) if frame["type"] == "typing"]


def test_typing_in_many_tabs_is_passed_on_as_that_in_one(place, ann, bob):
    room = place.room(ann, bob)
    tabs, bobs = [ann.open(room) for _ in range(5)], bob.open(room)
    began = time.monotonic()
    for tab in tabs:
        tab.say("typing", room=room)
    assert bobs.expect("typing", room=room, user=ann.id)
    more = [frame for frame in bobs.listen(0.5) if frame["type"] == "typing"]
    # Each worker passes it on once a second; on a busy machine saying it takes more than one.
    assert len(more) < WORKERS + time.monotonic() - began


def test_who_does_not_view_a_room_cannot_type_in_it(place, ann, bob):
    room = place.room(ann, kind="closed")
    tab, outsider = ann.open(room), bob.open()
    outsider.say("typing", room=room)
    assert not [frame for frame in tab.listen(0.5) if frame["type"] == "typing"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"type":"dance"}', '{"type":"subscribe"}']
)
def test_a_frame_that_is_not_understood_is_answered_and_forgotten(ann, text):
    tab = ann.open()
    tab.send(text.encode())
    assert tab.expect("error")["code"] == "bad_frame"
    tab.say("subscribe", room=1)
    assert tab.expect("error")["code"] == "not_found"


def test_one_socket_views_a_bounded_number_of_rooms(place, ann):
    rooms = [place.room(ann) for _ in range(21)]
    tab = ann.open()
    for room in rooms[:20]:
        tab.say("subscribe", room=room)
        tab.expect("subscribed", room=room)
    tab.say("subscribe", room=rooms[20])
    assert tab.expect("error", room=rooms[20])["code"] == "too_many_rooms"
