"""Posting, reading, changing and deleting messages over HTTP."""

import re

import pytest

from tests.chat.conftest import AS_JSON
from tests.queries import counted

KEY = "0123456789abcdef"


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-number="(\d+)"', html)]


@pytest.fixture
def many(app, room, ann, make_message):
    return [make_message(room, ann, f"message {number}") for number in range(1, 101)]


def test_a_post_answers_with_the_stored_message(as_ann, room, post):
    answer = post(as_ann, "hello *you*", KEY)
    assert answer.status_code == 201
    assert set(answer.json) == {"id", "seq", "number", "html", "room"}
    assert answer.json["room"] == room.id
    assert f'id="message-1-{KEY}"' in answer.json["html"]
    assert "<em>you</em>" in answer.json["html"]


def test_a_double_post_is_one_message_with_the_same_answer(as_ann, room, post):
    first, second = post(as_ann, "hello", KEY), post(as_ann, "hello", KEY)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    page = as_ann.get(f"/rooms/{room.id}/messages", headers=AS_JSON).json
    assert numbers(page["rows"]) == [1]


def test_the_same_key_with_another_body_is_refused(as_ann, post):
    assert post(as_ann, "hello", KEY).status_code == 201
    answer = post(as_ann, "something else", KEY)
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"


def test_a_plain_form_goes_back_to_the_room(as_ann, room):
    values = {"body": "hello", "client_key": KEY}
    answer = as_ann.post(f"/rooms/{room.id}/messages", data=values)
    assert answer.status_code == 303
    assert answer.location == f"/rooms/{room.id}"
    assert "hello" in as_ann.get(answer.location).text


def test_the_plain_form_carries_a_fresh_key_each_time(as_ann, room):
    pages = [as_ann.get(f"/rooms/{room.id}").text for _ in range(2)]
    keys = [re.search(r'name="client_key" value="([A-Za-z0-9_-]{16,64})"', page) for page in pages]
    assert keys[0][1] != keys[1][1]


def test_too_long_a_message_is_refused_in_words(as_ann, post):
    answer = post(as_ann, "x" * 10_001)
    assert answer.status_code == 422
    assert "10000" in answer.text


def test_what_is_said_cannot_become_markup(as_ann, post):
    html = post(as_ann, "<script>alert(1)</script> <img src=x onerror=alert(1)>").json["html"]
    assert "<script" not in html
    assert "<img" not in html


def test_outsiders_cannot_post_to_an_open_room(as_eve, as_ann, room, post):
    assert post(as_eve, "hello").status_code == 404
    assert numbers(as_ann.get(f"/rooms/{room.id}/messages").json["rows"]) == []


def test_a_post_takes_few_queries(app, as_ann, post):
    post(as_ann, "warm")
    with counted(app) as statements:
        post(as_ann, "hello")
    writes = [line for line in statements if not line.startswith("SELECT")]
    # The place, the read mark, the row and the search entry, between begin and commit.
    assert len(writes) <= 5, statements
    # Whether one may; the sign-in.
    assert len(statements) <= 7, statements


def test_a_page_of_history_has_forty_messages_in_order(as_ann, room, many):
    page = as_ann.get(f"/rooms/{room.id}/messages", headers=AS_JSON).json
    assert numbers(page["rows"]) == list(range(61, 101))
    assert (page["first"], page["last"]) == (61, 100)
    assert (page["more_before"], page["more_after"]) == (True, False)


def test_pages_of_history_join_without_hole_or_double(as_ann, room, many):
    seen, page = [], as_ann.get(f"/rooms/{room.id}/messages").json
    seen = numbers(page["rows"])
    while page["more_before"]:
        page = as_ann.get(f"/rooms/{room.id}/messages?before={page['first']}").json
        seen = numbers(page["rows"]) + seen
    assert seen == list(range(1, 101))


def test_pages_after_a_message_go_forward(as_ann, room, many):
    page = as_ann.get(f"/rooms/{room.id}/messages?after=10").json
    assert numbers(page["rows"]) == list(range(11, 51))
    assert (page["more_before"], page["more_after"]) == (True, True)


@pytest.mark.parametrize("query", ["after=100", "after=9999", "before=1"])
def test_where_there_is_nothing_the_room_shows_its_newest_page(as_ann, room, many, query):
    # Twice: the newest page is kept for everybody.
    for asked in (query, "", query):
        page = as_ann.get(f"/rooms/{room.id}?{asked}").text
        assert 'data-last="100"' in page
        assert "?before=61" in page


def test_a_page_around_a_message_holds_it_in_its_place(as_ann, room, many):
    page = as_ann.get(f"/rooms/{room.id}/messages?around={many[49].id}").json
    assert numbers(page["rows"]) == list(range(30, 70))
    assert (page["more_before"], page["more_after"]) == (True, True)


def test_around_a_message_of_another_room_is_not_found(
    as_ann, room, closed_room, make_message, ann
):
    message = make_message(closed_room, ann)
    assert as_ann.get(f"/rooms/{room.id}/messages?around={message.id}").status_code == 404


@pytest.mark.parametrize("query", ["before=x", "after=-1", "around=", "before=9" * 30])
def test_a_page_at_nonsense_is_refused(as_ann, room, query):
    assert as_ann.get(f"/rooms/{room.id}/messages?{query}").status_code == 422


def test_outsiders_read_nothing_of_an_open_room(as_ann, as_eve, room, make_message, ann):
    message = make_message(room, ann, "for members")
    for path in (f"/rooms/{room.id}/messages", f"/messages/{message.id}"):
        assert as_ann.get(path, headers=AS_JSON).status_code == 200
        assert as_eve.get(path, headers=AS_JSON).status_code == 404
    assert "for members" not in as_eve.get(f"/rooms/{room.id}").text


def test_a_permalink_leads_to_the_message_in_its_place(as_ann, room, make_message, ann):
    message = make_message(room, ann, client_key=KEY)
    answer = as_ann.get(f"/messages/{message.id}")
    assert answer.status_code == 302
    assert answer.location == f"/rooms/{room.id}?around={message.id}#message-{ann.id}-{KEY}"


def test_scripts_get_the_source_of_a_message(as_ann, room, make_message, ann):
    message = make_message(room, ann, "hello *you*")
    answer = as_ann.get(f"/messages/{message.id}", headers=AS_JSON).json
    assert answer["source"] == "hello *you*"
    assert (answer["id"], answer["room"]) == (message.id, room.id)


def test_an_author_changes_a_message_and_it_says_so(as_ann, make_message, room, ann):
    message = make_message(room, ann, "tomorow")
    path = f"/messages/{message.id}/edit"
    answer = as_ann.post(path, data={"body": "tomorrow"}, headers=AS_JSON)
    assert answer.status_code == 200
    assert answer.json["seq"] == message.seq + 1
    assert "tomorrow" in answer.json["html"]
    assert "data-edited" in answer.json["html"]


def test_the_same_text_again_is_no_change(as_ann, make_message, room, ann):
    message = make_message(room, ann, "hello")
    path = f"/messages/{message.id}/edit"
    answer = as_ann.post(path, data={"body": "hello"}, headers=AS_JSON)
    assert answer.json["seq"] == message.seq
    assert "data-edited" not in answer.json["html"]


def test_a_message_is_changed_without_a_script(as_ann, make_message, room, ann):
    message = make_message(room, ann, "tomorow")
    path = f"/messages/{message.id}/edit"
    assert "tomorow" in as_ann.get(path).text
    answer = as_ann.post(path, data={"body": "tomorrow"})
    assert answer.status_code == 303
    assert "tomorrow" in as_ann.get(answer.location).text


def version(client, message) -> str:
    return client.get(f"/messages/{message.id}", headers=AS_JSON).json["version"]


def test_a_change_does_not_replace_what_another_device_has_saved_since(
    as_ann, make_message, room, ann
):
    message = make_message(room, ann, "one")
    path, seen = f"/messages/{message.id}/edit", version(as_ann, message)

    def save(body, made_from):
        return as_ann.post(path, data={"body": body, "made_from": made_from}, headers=AS_JSON)

    assert save("two", seen).status_code == 200
    refused = save("three", seen)
    assert refused.status_code == 409
    assert "changed meanwhile" in refused.json["detail"]
    assert as_ann.get(f"/messages/{message.id}", headers=AS_JSON).json["source"] == "two"
    # The same once more, because its answer was lost, is no other text.
    assert save("two", seen).status_code == 200
    assert save("three", version(as_ann, message)).status_code == 200
    # A script that names none replaces what there is.
    assert save("four", "").status_code == 200


def test_a_page_that_another_device_was_faster_than_shows_both_texts(
    as_ann, make_message, room, ann
):
    message = make_message(room, ann, "one")
    path = f"/messages/{message.id}/edit"
    opened = as_ann.get(path).text
    made_from = re.search(r'name="made_from"[^>]*value="(\w+)"', opened)[1]
    as_ann.post(path, data={"body": "two *by phone*"}, headers=AS_JSON)
    refused = as_ann.post(path, data={"body": "three by laptop", "made_from": made_from})
    assert refused.status_code == 409
    assert "two <em>by phone</em>" in refused.text
    assert "three by laptop</textarea>" in refused.text
    made_from = re.search(r'name="made_from"[^>]*value="(\w+)"', refused.text)[1]
    saved = as_ann.post(path, data={"body": "three by laptop", "made_from": made_from})
    assert saved.status_code == 303
    assert "three by laptop" in as_ann.get(saved.location).text


def test_an_empty_change_is_refused_beside_the_field(as_ann, make_message, room, ann):
    message = make_message(room, ann, "hello")
    answer = as_ann.post(f"/messages/{message.id}/edit", data={"body": "  "})
    assert answer.status_code == 422
    assert "Write something first." in answer.text


def test_nobody_changes_anothers_message(as_bob, make_message, room, ann):
    message = make_message(room, ann, "hello")
    path = f"/messages/{message.id}/edit"
    assert as_bob.get(path).status_code == 403
    assert as_bob.post(path, data={"body": "x"}, headers=AS_JSON).status_code == 403


def test_an_author_deletes_a_message_and_its_text_is_gone(as_ann, make_message, room, ann):
    message = make_message(room, ann, "too much said")
    answer = as_ann.post(f"/messages/{message.id}/delete", headers=AS_JSON)
    assert answer.status_code == 200
    assert "data-deleted" in answer.json["html"]
    assert "too much said" not in answer.json["html"]
    assert as_ann.get(f"/messages/{message.id}", headers=AS_JSON).json["source"] == ""
    assert "too much said" not in as_ann.get(f"/rooms/{room.id}").text


def test_deleting_twice_is_one_change(as_ann, make_message, room, ann):
    path = f"/messages/{make_message(room, ann).id}/delete"
    seqs = [as_ann.post(path, headers=AS_JSON).json["seq"] for _ in range(2)]
    assert seqs[0] == seqs[1]


def test_a_deleted_message_cannot_be_changed(as_ann, make_message, room, ann):
    message = make_message(room, ann)
    as_ann.post(f"/messages/{message.id}/delete", headers=AS_JSON)
    answer = as_ann.post(f"/messages/{message.id}/edit", data={"body": "back"}, headers=AS_JSON)
    assert answer.status_code == 409


def test_an_admin_of_the_room_deletes_anothers_message(
    make_client, sign_in, make_user, make_member, make_message, room, ann, as_bob
):
    admin = make_user("boss", role="admin")
    message = make_message(room, ann)
    as_admin = sign_in(make_client(), admin)
    path = f"/messages/{message.id}/delete"
    assert as_bob.post(path, headers=AS_JSON).status_code == 403
    assert as_admin.post(path, headers=AS_JSON).status_code == 404
    make_member(room, admin)
    assert as_admin.post(path, headers=AS_JSON).status_code == 200


def test_ex_members_do_nothing_to_what_they_said(as_ann, make_message, room, ann):
    message = make_message(room, ann)
    as_ann.post(f"/rooms/{room.id}/leave")
    for verb, values in (("edit", {"body": "x"}), ("delete", {}), ("reactions", {"emoji": "👍"})):
        path = f"/messages/{message.id}/{verb}"
        assert as_ann.post(path, data=values, headers=AS_JSON).status_code == 404, verb


def test_a_retry_after_leaving_is_not_answered(as_ann, room, post):
    post(as_ann, "hello", KEY)
    as_ann.post(f"/rooms/{room.id}/leave")
    assert post(as_ann, "hello", KEY).status_code == 404


def test_one_address_may_send_so_much_whoever_is_behind_it(app, as_ann, as_bob, post):
    app.config["RATE_POST_ADDRESS"] = "2 per 10 seconds"
    assert post(as_ann, "one", "key-1-0123456789").status_code == 201
    assert post(as_bob, "two", "key-2-0123456789").status_code == 201
    refused = post(as_bob, "three", "key-3-0123456789")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_what_is_refused_to_one_uses_up_nothing_of_those_behind_the_same_address(
    app, as_ann, as_bob, post
):
    app.config |= {"RATE_POST_ADDRESS": "3 per 10 seconds", "RATE_POST": "2 per 10 seconds"}
    for number in range(4):
        assert post(as_ann, "", f"key-{number}-empty-0123").status_code == 422
    statuses = [post(as_ann, "more", f"key-{number}-0123456789").status_code for number in range(4)]
    assert statuses == [201, 201, 429, 429]
    assert post(as_bob, "mine", "key-bob-0123456789").status_code == 201
