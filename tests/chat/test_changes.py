"""The catch-up over HTTP."""

import pytest

from tests.chat.conftest import AS_JSON
from tests.queries import counted


@pytest.fixture
def epoch(as_ann, room) -> str:
    return changes(as_ann, room, epoch="")["epoch"]


def changes(client, room, since=0, workspace=0, epoch="") -> dict:
    path = f"/rooms/{room.id}/changes?since={since}&workspace={workspace}&epoch={epoch}"
    answer = client.get(path, headers=AS_JSON)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_another_epoch_asks_the_page_to_start_anew(as_ann, room, epoch):
    answer = changes(as_ann, room, epoch="another")
    assert answer == {"epoch": epoch, "reset": True}


def test_a_page_from_the_future_starts_anew(as_ann, room, epoch):
    assert changes(as_ann, room, since=10_000, epoch=epoch)["reset"]


def test_everything_since_a_place_comes_in_order(as_ann, room, epoch, ann, bob, make_message):
    first = make_message(room, ann, "one")
    second, third = make_message(room, bob, "two"), make_message(room, ann, "three")
    answer = changes(as_ann, room, since=first.seq, epoch=epoch)
    assert [message["id"] for message in answer["messages"]] == [second.id, third.id]
    assert set(answer["messages"][0]) == {"id", "seq", "number", "author", "html"}
    assert (answer["seq"], answer["more"]) == (third.seq, False)


def test_a_changed_message_comes_once_as_it_is_now(as_ann, room, epoch, ann, make_message):
    message, other = make_message(room, ann, "one"), make_message(room, ann, "two")
    for body in ("one!", "one!!"):
        as_ann.post(f"/messages/{message.id}/edit", data={"body": body}, headers=AS_JSON)
    answer = changes(as_ann, room, since=other.seq, epoch=epoch)
    assert [found["id"] for found in answer["messages"]] == [message.id]
    assert "one!!" in answer["messages"][0]["html"]


def test_nothing_new_is_an_empty_page(as_ann, room, epoch, ann, make_message):
    seq = make_message(room, ann).seq
    answer = changes(as_ann, room, since=seq, epoch=epoch)
    assert answer["messages"] == []
    assert answer["room"] is None
    assert answer["seq"] == seq


def test_pages_of_a_hundred_are_complete(as_ann, room, epoch, ann, make_message):
    ids = [make_message(room, ann, f"message {number}").id for number in range(230)]
    seen, since, more = [], 0, True
    while more:
        answer = changes(as_ann, room, since=since, epoch=epoch)
        assert len(answer["messages"]) <= 100
        seen += [message["id"] for message in answer["messages"]]
        since, more = answer["seq"], answer["more"]
    assert seen == ids


def test_a_new_name_comes_with_the_people(as_ann, room, epoch, ann, make_message):
    seq = make_message(room, ann).seq
    as_ann.post(f"/rooms/{room.id}/edit", data={"name": "Galley", "topic": "Food"})
    answer = changes(as_ann, room, since=seq, epoch=epoch)["room"]
    assert (answer["name"], answer["topic"]) == ("Galley", "Food")
    assert 'data-person="1"' in answer["people_html"]
    assert answer["people_count"] == 2


def test_who_came_and_went_shows_in_the_people(as_ann, as_eve, room, epoch, eve):
    seq = changes(as_ann, room, epoch=epoch)["seq"]
    as_eve.post(f"/rooms/{room.id}/join")
    answer = changes(as_ann, room, since=seq, epoch=epoch)
    assert f'data-person="{eve.id}"' in answer["room"]["people_html"]
    as_eve.post(f"/rooms/{room.id}/leave")
    answer = changes(as_ann, room, since=answer["seq"], epoch=epoch)
    assert f'data-person="{eve.id}"' not in answer["room"]["people_html"]


def test_a_person_with_another_name_is_told(as_ann, as_bob, room, epoch, bob):
    before = changes(as_ann, room, epoch=epoch)["workspace"]
    as_bob.post("/profile", data={"display_name": "Robert Roe", "locale": "en"})
    answer = changes(as_ann, room, workspace=before, epoch=epoch)
    assert answer["persons"] == [{"user": bob.id, "name": "Robert Roe", "initials": "RR"}]
    assert answer["workspace"] > before


def test_the_read_mark_and_the_newest_number_come_along(as_bob, room, epoch, ann, make_message):
    make_message(room, ann)
    answer = changes(as_bob, room, epoch=epoch)
    assert (answer["read_number"], answer["last_number"]) == (0, 1)


def test_outsiders_catch_up_with_nothing(as_ann, as_eve, room, epoch):
    path = f"/rooms/{room.id}/changes?since=0&workspace=0&epoch={epoch}"
    assert as_ann.get(path, headers=AS_JSON).status_code == 200
    assert as_eve.get(path, headers=AS_JSON).status_code == 404


def test_a_catch_up_of_forty_takes_few_queries(app, as_ann, room, epoch, ann, make_message):
    seq = make_message(room, ann).seq
    for number in range(40):
        make_message(room, ann, f"message {number}")
    with counted(app) as statements:
        assert len(changes(as_ann, room, since=seq, epoch=epoch)["messages"]) == 40
    assert len(statements) <= 3, statements


def test_what_many_have_missed_is_put_together_once(
    app, as_ann, as_bob, room, epoch, ann, make_message
):
    seq = make_message(room, ann, "one").seq
    make_message(room, ann, "two")
    changes(as_bob, room, epoch=epoch)
    first = changes(as_ann, room, since=seq, epoch=epoch)["messages"]
    with counted(app) as statements:
        assert changes(as_bob, room, since=seq, epoch=epoch)["messages"] == first
    assert len(statements) == 1, statements


def test_who_left_does_not_get_what_was_kept_for_others(
    as_ann, as_bob, room, epoch, ann, make_message
):
    seq = make_message(room, ann, "one").seq
    make_message(room, ann, "two")
    path = f"/rooms/{room.id}/changes?since={seq}&workspace=0&epoch={epoch}"
    assert as_ann.get(path, headers=AS_JSON).status_code == 200
    assert as_bob.get(path, headers=AS_JSON).status_code == 200
    as_bob.post(f"/rooms/{room.id}/leave")
    assert as_bob.get(path, headers=AS_JSON).status_code == 404


def test_a_kept_catch_up_shows_later_changes_and_names(as_ann, room, epoch, ann, make_message):
    seq = make_message(room, ann, "one").seq
    message = make_message(room, ann, "two")
    assert "two" in changes(as_ann, room, since=seq, epoch=epoch)["messages"][0]["html"]
    as_ann.post(f"/messages/{message.id}/edit", data={"body": "second"}, headers=AS_JSON)
    assert "second" in changes(as_ann, room, since=seq, epoch=epoch)["messages"][0]["html"]
    as_ann.post("/profile", data={"display_name": "Anna Doe", "locale": "en"})
    assert "Anna Doe" in changes(as_ann, room, since=seq, epoch=epoch)["messages"][0]["html"]
