"""Reactions over HTTP."""

import pytest

from tests.chat.conftest import AS_JSON


@pytest.fixture
def message(make_message, room, ann):
    return make_message(room, ann)


def react(client, message, emoji="👍", on="1"):
    values = {"emoji": emoji, "on": on}
    return client.post(f"/messages/{message.id}/reactions", data=values, headers=AS_JSON)


def test_a_reaction_shows_who_gave_it(as_ann, as_bob, ann, bob, message):
    react(as_ann, message)
    html = react(as_bob, message).json["html"]
    assert f'data-people="{ann.id} {bob.id}"' in html
    assert '<span class="reaction-count">2</span>' in html


def test_a_reaction_given_twice_counts_once_and_takes_no_seq(as_ann, message):
    first, second = react(as_ann, message), react(as_ann, message)
    assert first.json["seq"] == message.seq + 1
    assert first.json == second.json


def test_a_reaction_is_taken_back(as_ann, message):
    assert "👍" in react(as_ann, message).json["html"]
    answer = react(as_ann, message, on="0")
    assert "👍" not in answer.json["html"]
    assert answer.json["seq"] == message.seq + 2


def test_taking_back_what_is_not_there_changes_nothing(as_bob, message):
    assert react(as_bob, message, on="0").json["seq"] == message.seq


@pytest.mark.parametrize("emoji", ["", "x", "👍👍", "<b>", "thumbs up"])
def test_only_emoji_are_reactions(as_ann, message, emoji):
    assert react(as_ann, message, emoji).status_code == 422


def test_a_message_takes_twenty_different_emoji(as_ann, as_bob, message):
    emoji = "😀😃😄😁😆😅😂🙂🙃😉😊😇😍😘😗😙😚😋😛😜"
    for one in emoji:
        assert react(as_ann, message, one).status_code == 200
    assert react(as_ann, message, "🎉").status_code == 409
    assert react(as_bob, message, emoji[0]).status_code == 200


def test_whoever_reacted_is_named_to_members(
    as_ann, as_eve, make_client, sign_in, make_user, make_member, room, message
):
    people = [make_user(f"person{number}") for number in range(14)]
    for person in people:
        make_member(room, person)
        react(sign_in(make_client(), person), message)
    react(sign_in(make_client(), people[13]), message, "🎉")
    path = f"/messages/{message.id}/reactions"
    told = as_ann.get(path, headers=AS_JSON).json["people"]
    assert {(one["id"], one["name"]) for one in told} == {
        (person.id, person.display_name) for person in [*people[:12], people[13]]
    }
    assert as_eve.get(path, headers=AS_JSON).status_code == 404


def test_outsiders_do_not_react(as_eve, message):
    assert react(as_eve, message).status_code == 404


def test_a_deleted_message_loses_its_reactions_and_takes_no_more(as_ann, message):
    react(as_ann, message)
    html = as_ann.post(f"/messages/{message.id}/delete", headers=AS_JSON).json["html"]
    assert "👍" not in html
    assert react(as_ann, message).status_code == 409
