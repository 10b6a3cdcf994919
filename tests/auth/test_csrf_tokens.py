import pytest
from flask.testing import FlaskClient

from tests.builders.people import PASSWORD


@pytest.fixture
def settings(settings):
    return settings | {"WTF_CSRF_ENABLED": True}


@pytest.fixture
def ann(make_user):
    return make_user("ann")


def token(client: FlaskClient) -> str:
    return client.get("/csrf-token").json["token"]


def enter(client: FlaskClient, ann) -> None:
    data = {"user_name": "ann", "password": PASSWORD, "csrf_token": token(client)}
    assert client.post("/sign-in", data=data).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/sign-out", "/profile", "/password"])
def test_nothing_is_posted_without_a_token(client: FlaskClient, ann, path):
    enter(client, ann)
    assert client.post(path, data={}).status_code == 400
    assert client.get("/profile").status_code == 200


def test_a_script_sends_the_token_in_a_header(client: FlaskClient, ann):
    enter(client, ann)
    answer = client.post("/sign-out", headers={"X-CSRFToken": token(client)})
    assert answer.status_code == 303


def test_a_checked_token_is_good_for_its_own_browser_only(client: FlaskClient, make_client, ann):
    enter(client, ann)
    good = token(client)
    for _ in range(2):
        answer = client.post("/rooms", data={"name": ""}, headers={"X-CSRFToken": good})
        assert answer.status_code == 422
    other = make_client()
    enter(other, ann)
    assert other.post("/sign-out", headers={"X-CSRFToken": good}).status_code == 400
    assert client.post("/sign-out", headers={"X-CSRFToken": good}).status_code == 303
    enter(client, ann)
    assert client.post("/sign-out", headers={"X-CSRFToken": good}).status_code == 400


def test_a_header_beside_a_good_field_is_not_taken_for_good(client: FlaskClient, ann):
    enter(client, ann)
    good, forged = token(client), "forged"
    fields = {"name": "", "csrf_token": good}
    answer = client.post("/rooms", data=fields, headers={"X-CSRFToken": forged})
    assert answer.status_code == 422
    assert client.post("/sign-out", headers={"X-CSRFToken": forged}).status_code == 400


def test_under_tls_a_checked_token_is_good_from_our_own_pages_only(client: FlaskClient, ann):
    enter(client, ann)
    good = token(client)

    def post(page: str) -> int:
        headers = {"X-CSRFToken": good, "Referer": page}
        secure = {"base_url": "https://localhost", "headers": headers}
        client.set_cookie("chatapp", client.get_cookie("chatapp").value, secure=False)
        return client.post("/rooms", data={"name": ""}, **secure).status_code

    assert [post("https://localhost/rooms/new") for _ in range(2)] == [422, 422]
    assert post("https://evil.example/") == 400
    assert post("https://[") == 400


def test_a_token_comes_with_whose_it_is(client: FlaskClient, ann):
    assert client.get("/csrf-token").json["user"] == 0
    enter(client, ann)
    assert client.get("/csrf-token").json["user"] == ann.id


def test_a_token_of_another_browser_is_refused(client: FlaskClient, make_client, ann):
    enter(client, ann)
    foreign = token(make_client())
    assert client.post("/sign-out", headers={"X-CSRFToken": foreign}).status_code == 400


def test_a_token_ends_with_its_sign_in(client: FlaskClient, ann):
    before = token(client)
    enter(client, ann)
    assert client.post("/sign-out", headers={"X-CSRFToken": before}).status_code == 400


def test_a_token_lives_as_long_as_the_sign_in(client: FlaskClient, ann):
    import time_machine

    from chatapp.models.columns import now

    enter(client, ann)
    old = token(client)
    with time_machine.travel(now().timestamp() + 20 * 3600, tick=False):
        assert client.post("/sign-out", headers={"X-CSRFToken": old}).status_code == 303
