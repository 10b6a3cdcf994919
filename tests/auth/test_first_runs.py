import threading

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from chatapp.domain import first_run
from chatapp.domain.accounts import NewAccount
from chatapp.domain.errors import Conflict
from chatapp.extensions import db
from chatapp.models import Membership, Room, User, Workspace
from tests.auth.pages import errors_of, notices_of, values_of
from tests.builders.people import PASSWORD

FORM = {
    "workspace_name": "Harbour",
    "room_name": "Quay",
    "user_name": "ann",
    "display_name": "Ann",
    "password": PASSWORD,
}


def test_the_first_visitor_is_led_to_the_first_run(client: FlaskClient):
    for path in ("/", "/sign-in", "/register", "/join/x", "/people"):
        assert client.get(path).location == "/first-run"


def test_the_first_run_makes_the_admin_and_the_first_room(client: FlaskClient, app):
    assert client.get("/first-run").status_code == 200
    answer = client.post("/first-run", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/")
    with app.app_context():
        user = db.session.execute(select(User)).scalar_one()
        room = db.session.execute(select(Room)).scalar_one()
        membership = db.session.execute(select(Membership)).scalar_one()
    assert (user.role, user.user_name, room.name, room.kind) == ("admin", "ann", "Quay", "open")
    assert (membership.user_id, membership.room_id) == (user.id, room.id)


def test_whoever_makes_the_workspace_is_signed_in(client: FlaskClient):
    client.post("/first-run", data=FORM)
    assert client.get("/profile").status_code == 200


def test_the_first_run_works_once(client: FlaskClient, make_client):
    client.post("/first-run", data=FORM)
    other = make_client()
    assert other.get("/first-run").location == "/sign-in"
    assert other.post("/first-run", data=FORM | {"user_name": "bob"}).location == "/sign-in"


def test_a_first_run_that_is_off_says_everything_at_once_and_keeps_what_was_typed(
    client: FlaskClient,
):
    typed = FORM | {"workspace_name": "\u200b", "user_name": "a b", "password": "12345678"}
    answer = client.post("/first-run", data=typed)
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"workspace_name", "user_name", "password"}
    assert values_of(answer)["room_name"] == "Quay"
    assert PASSWORD not in answer.text


def test_the_second_of_two_who_race_is_told_so(client: FlaskClient, monkeypatch, make_user):
    # The second one's look at the table came before the first one's commit.
    make_user()
    with monkeypatch.context() as before:
        before.setattr("chatapp.domain.workspace.exists", lambda: False)
        answer = client.post("/first-run", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert notices_of(client.get("/sign-in"))


def test_of_many_who_race_one_makes_the_workspace(app):
    outcomes: list[object] = []
    ready = threading.Barrier(4)

    def run(number: int) -> None:
        account = NewAccount(f"person{number}", f"Person {number}", PASSWORD)
        with app.test_request_context():
            ready.wait()
            try:
                outcomes.append(first_run.open_workspace("Harbour", "Quay", account))
            except Conflict as error:
                outcomes.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 3 + ["User"]
    with app.app_context():
        counts = [
            db.session.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (Workspace, User, Room, Membership)
        ]
    assert counts == [1, 1, 1, 1]


@pytest.mark.parametrize("missing", FORM)
def test_every_field_of_the_first_run_is_needed(client: FlaskClient, missing: str):
    answer = client.post("/first-run", data=FORM | {missing: ""})
    assert answer.status_code == 422
    assert missing in errors_of(answer)
