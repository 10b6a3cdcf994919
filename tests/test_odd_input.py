"""Whatever is sent gets a plain answer; on both databases."""

import re
from urllib.parse import quote

import pytest

from tests.test_strangers import GUARDED

ODD = {
    "NUL": "a\x00b",
    "right to left": "\u202eevil",
    "one sign of many": "\ufdfa" * 60,
    "long": "x" * 1_000,
    "markup": "<b>x</b>",
    "emoji": "\U0001f600",
}
NUMBERS = ("0", "9" * 18, str(2**63), "9" * 30)


@pytest.fixture
def admin(client, make_user, make_room, sign_in):
    ann = make_user("ann", role="admin")
    make_room("quay", members=[ann])
    return sign_in(client, ann)


@pytest.mark.parametrize(("rule", "method"), [each for each in GUARDED if "<int:" in each[0]])
def test_a_number_that_nothing_has_is_not_found(admin, rule, method):
    values = {"body": "x", "client_key": "key-00000001", "number": "1", "emoji": "👍"}
    values |= {"name": "x", "user_name": "ann"}
    for number in NUMBERS:
        path = re.sub(r"<int:[^>]+>", number, rule) + "?since=0&workspace=0"
        assert admin.open(path, method=method, data=values).status_code == 404


def test_a_member_that_nobody_is_can_be_removed_to_no_effect(admin):
    for number in NUMBERS:
        answer = admin.post(f"/rooms/1/members/{number}/remove")
        assert answer.status_code in (303, 404)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/rooms", "name"),
        ("/rooms/1/edit", "name"),
        ("/rooms/1/members", "user_name"),
        ("/rooms/1/messages", "body"),
        ("/rooms/1/messages", "client_key"),
        ("/profile", "display_name"),
        ("/profile", "locale"),
        ("/password", "current_password"),
        ("/workspace", "name"),
        ("/workspace", "registration"),
    ],
)
def test_an_odd_text_in_a_form_is_taken_or_refused(admin, path, field, text):
    values = {"name": "x", "display_name": "Ann", "body": "x", "client_key": "key-00000001"}
    values |= {"password": "a password of mine", field: text}
    assert admin.post(path, data=values).status_code in (303, 422)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
@pytest.mark.parametrize("field", ["user_name", "display_name", "email", "password"])
def test_an_odd_text_in_an_account_is_taken_or_refused(admin, make_client, field, text):
    admin.post("/workspace", data={"name": "Quay", "registration": "open"})
    values = {"user_name": "bob", "display_name": "Bob", "password": "a password of mine"}
    answer = make_client().post("/register", data=values | {field: text})
    assert answer.status_code in (303, 422)
    answer = make_client().post("/sign-in", data=values | {field: text})
    assert answer.status_code in (303, 422)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_text_in_a_search_or_an_invite_is_only_not_found(admin, make_client, text):
    admin.post("/workspace", data={"name": "Quay", "registration": "invite"})
    assert admin.get("/searches", query_string={"q": text}).status_code == 200
    assert make_client().get("/join/" + quote(text, safe="")).status_code in (403, 404)
