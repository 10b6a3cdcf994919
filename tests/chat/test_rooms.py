"""Finding, making, showing and changing rooms over HTTP."""

import re

import pytest

from tests.queries import counted


def test_the_start_is_the_first_room_with_something_unread(
    as_bob, ann, bob, make_room, make_message
):
    make_room("alpha", members=[ann, bob])
    busy = make_room("omega", members=[ann, bob])
    make_message(busy, ann)
    assert as_bob.get("/").location == f"/rooms/{busy.id}"


def test_the_start_without_rooms_is_the_list_to_join(as_eve):
    assert as_eve.get("/").location == "/rooms"
    assert "There is no room yet" in as_eve.get("/rooms").text


def test_a_room_is_made_with_its_maker_in_it(as_ann):
    answer = as_ann.post("/rooms", data={"name": " Tea  time ", "topic": "When", "kind": "open"})
    assert answer.status_code == 303
    page = as_ann.get(answer.location).text
    assert "Tea time" in page
    assert 'data-person="1"' in page


def test_a_room_needs_a_name_and_keeps_what_was_typed(as_ann):
    answer = as_ann.post("/rooms", data={"name": "  ", "topic": "A fine topic", "kind": "open"})
    assert answer.status_code == 422
    assert "Give the room a name." in answer.text
    assert "A fine topic" in answer.text


@pytest.mark.parametrize("name", ["x" * 61, "a\u202eb", "\u200b"])
def test_names_that_mislead_are_refused(as_ann, name):
    assert as_ann.post("/rooms", data={"name": name, "kind": "open"}).status_code == 422


def test_a_room_is_open_or_closed_and_nothing_else(as_ann):
    assert as_ann.post("/rooms", data={"name": "x", "kind": "secret"}).status_code == 422


def test_open_rooms_are_listed_for_everybody_closed_ones_for_members(
    as_ann, as_eve, room, closed_room
):
    assert "attic" in as_ann.get("/rooms").text
    page = as_eve.get("/rooms").text
    assert "kitchen" in page
    assert "attic" not in page


def test_an_open_room_asks_outsiders_to_join(as_eve, room, make_message, ann):
    make_message(room, ann, "for members")
    answer = as_eve.get(f"/rooms/{room.id}")
    assert answer.status_code == 200
    assert "Join the room" in answer.text
    assert "for members" not in answer.text


def test_a_closed_room_is_not_there_for_outsiders(as_ann, as_eve, closed_room):
    paths = ["", "/edit", "/members", "/messages", "/changes?since=0&workspace=0&epoch="]
    for path in paths:
        assert as_eve.get(f"/rooms/{closed_room.id}{path}").status_code == 404, path
    assert as_ann.get(f"/rooms/{closed_room.id}").status_code == 200


def test_nothing_can_be_posted_to_a_closed_room_by_outsiders(as_eve, closed_room, ann):
    requests = {
        "/join": {},
        "/leave": {},
        "/edit": {"name": "mine"},
        "/members": {"user_name": "eve"},
        f"/members/{ann.id}/remove": {},
        "/messages": {"body": "hello", "client_key": "abcdefgh"},
        "/reads": {"number": "1"},
    }
    for path, values in requests.items():
        answer = as_eve.post(f"/rooms/{closed_room.id}{path}", data=values)
        assert answer.status_code == 404, path


def test_the_room_page_tells_where_it_stands(as_ann, room, make_message, bob):
    message = make_message(room, bob)
    page = as_ann.get(f"/rooms/{room.id}").text
    tag = re.search(r"<chat-room[^>]*>", page)[0]
    assert f'data-seq="{message.seq}"' in tag
    assert 'data-number="1"' in tag
    assert 'data-read="0"' in tag


def test_messages_that_follow_each_other_stand_under_one_head(as_ann, room, ann, bob, make_message):
    for author in (ann, ann, bob):
        make_message(room, author)
    page = as_ann.get(f"/rooms/{room.id}").text
    rows = re.findall(r'<li class="(message-row[^"]*)"', page.split("<template")[0])
    assert rows == ["message-row", "message-row follows", "message-row"]


def test_the_room_page_takes_few_queries(app, as_ann, room, ann, bob, make_message):
    for number in range(50):
        make_message(room, (ann, bob)[number % 2], f"message {number}")
    with counted(app) as cold:
        as_ann.get(f"/rooms/{room.id}")
    with counted(app) as warm:
        as_ann.get(f"/rooms/{room.id}")
    assert len(cold) <= 5, cold
    assert len(warm) <= 2, warm


def test_the_queries_do_not_grow_with_reactions(app, as_ann, room, ann, make_message):
    for number in range(5):
        message = make_message(room, ann, f"message {number}")
        as_ann.post(f"/messages/{message.id}/reactions", data={"emoji": "👍", "on": "1"})
    app.extensions.pop("recent", None)
    with counted(app) as statements:
        as_ann.get(f"/rooms/{room.id}")
    assert len(statements) <= 6, statements


def test_the_list_of_messages_is_a_log_that_tells_additions_only(as_ann, room):
    tag = re.search(r'<[^>]* role="log"[^>]*>', as_ann.get(f"/rooms/{room.id}").text)[0]
    for attribute in ('aria-live="polite"', 'aria-relevant="additions"', "aria-label="):
        assert attribute in tag


def test_the_creator_renames_a_room(as_ann, room):
    path = f"/rooms/{room.id}/edit"
    assert "kitchen" in as_ann.get(path).text
    assert as_ann.post(path, data={"name": "Galley", "topic": "Food"}).status_code == 303
    page = as_ann.get(f"/rooms/{room.id}").text
    assert "Galley" in page
    assert "Food" in page


def test_other_members_do_not_rename_it(as_bob, room):
    path = f"/rooms/{room.id}/edit"
    assert as_bob.get(path).status_code == 403
    assert as_bob.post(path, data={"name": "Mine"}).status_code == 403


def test_a_name_is_never_markup(as_ann):
    place = as_ann.post("/rooms", data={"name": "<b>bold</b>", "kind": "open"}).location
    page = as_ann.get(place).text
    assert "&lt;b&gt;bold" in page
    assert "<b>bold" not in page


def test_the_start_is_the_room_one_was_last_in(as_bob, ann, bob, make_room, make_message):
    quiet = make_room("quiet", members=[ann, bob])
    make_message(make_room("busy", members=[ann, bob]), ann)
    as_bob.get(f"/rooms/{quiet.id}")
    assert as_bob.get("/").location == f"/rooms/{quiet.id}"


def test_a_page_that_was_only_fetched_ahead_is_no_visit(as_bob, ann, bob, make_room):
    first, second = (make_room(name, members=[ann, bob]) for name in ("one", "two"))
    page = as_bob.get(f"/rooms/{second.id}", headers={"X-Sec-Purpose": "prefetch"}).text
    assert as_bob.get("/").location == f"/rooms/{first.id}"
    assert "data-ahead" in page
    assert "data-ahead" not in as_bob.get(f"/rooms/{first.id}").text
    # Shown after all, it says so.
    assert as_bob.post(f"/rooms/{second.id}/visits").status_code == 204
    assert as_bob.get("/").location == f"/rooms/{second.id}"


def test_only_a_room_of_ones_own_is_visited(as_bob, ann, make_room):
    closed = make_room("attic", members=[ann], kind="closed")
    assert as_bob.post(f"/rooms/{closed.id}/visits").status_code == 404


def test_the_start_is_no_room_that_one_has_left(as_bob, ann, bob, make_room):
    first, second = (make_room(name, members=[ann, bob]) for name in ("one", "two"))
    as_bob.get(f"/rooms/{second.id}")
    as_bob.post(f"/rooms/{second.id}/leave")
    assert as_bob.get("/").location == f"/rooms/{first.id}"


@pytest.mark.parametrize("value", ["", "x", "1", "1-", "-1", "1-x", "9" * 999, "1-" + "9" * 999])
def test_the_start_bears_any_cookie(as_bob, room, value):
    as_bob.set_cookie("chatapp-room", value)
    assert as_bob.get("/").location == f"/rooms/{room.id}"


def test_the_last_room_is_that_of_the_person_not_of_the_device(
    make_client, sign_in, ann, bob, make_room
):
    first, second = (make_room(name, members=[ann, bob]) for name in ("one", "two"))
    client = sign_in(make_client(), ann)
    client.get(f"/rooms/{second.id}")
    sign_in(client, bob)
    assert client.get("/").location == f"/rooms/{first.id}"


def test_the_page_around_a_message_names_it_and_offers_its_author_to_change_it(
    as_ann, as_bob, room, ann, make_message
):
    message = make_message(room, ann)
    address = f"/rooms/{room.id}?around={message.id}"
    change = f'href="/messages/{message.id}/edit"'
    assert f'data-found="{message.id}"' in as_ann.get(address).text
    assert change in as_ann.get(address).text
    assert change not in as_bob.get(address).text
    as_ann.post(f"/messages/{message.id}/delete")
    assert change not in as_ann.get(address).text
