"""Joining, leaving, adding and removing over HTTP."""

from tests.queries import counted


def people(client, room) -> str:
    return client.get(f"/rooms/{room.id}/members").text


def test_whoever_joins_an_open_room_sees_it(as_eve, room, make_message, ann):
    make_message(room, ann, "for members")
    assert as_eve.post(f"/rooms/{room.id}/join").status_code == 303
    assert "for members" in as_eve.get(f"/rooms/{room.id}").text


def test_what_was_said_before_joining_counts_as_read(as_eve, room, make_message, ann):
    make_message(room, ann)
    as_eve.post(f"/rooms/{room.id}/join")
    assert "is-unread" not in as_eve.get("/rooms").text


def test_whoever_leaves_sees_it_no_more(as_bob, closed_room):
    assert as_bob.get(f"/rooms/{closed_room.id}").status_code == 200
    assert as_bob.post(f"/rooms/{closed_room.id}/leave").location == "/rooms"
    assert as_bob.get(f"/rooms/{closed_room.id}").status_code == 404


def test_a_member_adds_a_person_to_a_closed_room(as_bob, as_eve, closed_room):
    assert as_eve.get(f"/rooms/{closed_room.id}").status_code == 404
    path = f"/rooms/{closed_room.id}/members"
    assert as_bob.post(path, data={"user_name": "EVE"}).status_code == 303
    assert as_eve.get(f"/rooms/{closed_room.id}").status_code == 200


def test_an_unknown_user_name_is_said_beside_the_field(as_bob, closed_room):
    answer = as_bob.post(f"/rooms/{closed_room.id}/members", data={"user_name": "nobody-here"})
    assert answer.status_code == 422
    assert "Nobody here has that user name." in answer.text


def test_barred_people_are_not_added(as_bob, closed_room, make_user):
    make_user("mallory", status="banned")
    answer = as_bob.post(f"/rooms/{closed_room.id}/members", data={"user_name": "mallory"})
    assert answer.status_code == 422


def test_the_creator_removes_a_member(as_ann, as_bob, bob, closed_room):
    assert as_bob.get(f"/rooms/{closed_room.id}").status_code == 200
    path = f"/rooms/{closed_room.id}/members/{bob.id}/remove"
    assert as_ann.post(path).status_code == 303
    assert as_bob.get(f"/rooms/{closed_room.id}").status_code == 404
    assert "Bob" not in people(as_ann, closed_room)


def test_other_members_do_not_remove_anybody(as_bob, ann, closed_room):
    path = f"/rooms/{closed_room.id}/members/{ann.id}/remove"
    assert as_bob.post(path).status_code == 403
    assert "Ann" in people(as_bob, closed_room)


def test_a_large_room_shows_its_first_fifty_and_a_way_to_the_others(
    as_ann, room, make_user, make_member
):
    for _ in range(50):
        make_member(room, make_user())
    page = as_ann.get(f"/rooms/{room.id}").text
    assert page.count('class="person"') == 50
    assert "All <span data-people-count>52</span> people" in page
    assert people(as_ann, room).count('class="person"') == 52


def test_a_full_room_is_counted_once_until_somebody_comes_or_goes(
    app, make_user, make_room, make_client, sign_in
):
    crowd = [make_user() for _ in range(52)]
    room = make_room(members=crowd)
    one, another, last = (sign_in(make_client(), person) for person in crowd[:3])

    def counts(act):
        with counted(app) as statements:
            act()
        return sum("count(*)" in statement for statement in statements)

    assert counts(lambda: one.get(f"/rooms/{room.id}")) == 1
    another.post("/sign-out")
    assert counts(lambda: one.get(f"/rooms/{room.id}")) == 0
    last.post(f"/rooms/{room.id}/leave")
    assert counts(lambda: one.get(f"/rooms/{room.id}")) == 1
