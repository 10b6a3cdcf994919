import threading

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from chatapp.domain import accounts, sessions
from chatapp.domain.accounts import NewAccount
from chatapp.domain.errors import Busy, Invalid
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import Membership, User, Workspace
from tests.auth.pages import errors_of, values_of
from tests.builders.people import PASSWORD

FORM = {"user_name": "bob", "display_name": "Bob", "password": PASSWORD}


def test_an_account_stays_where_no_sign_in_can_be_stored(
    app, client: FlaskClient, ann, monkeypatch
):
    def start(*_: object, **__: object) -> str:
        raise Busy("The database is busy.")

    with monkeypatch.context() as patch:
        patch.setattr(sessions, "start", start)
        answer = client.post("/register", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "Your account is made" in client.get("/sign-in").text
    assert client.post("/sign-in", data=FORM).location == "/"


@pytest.fixture
def ann(make_user):
    return make_user("ann", display_name="Ann Lee", email="ann@example.org")


def set_registration(app, kind: str) -> str:
    """Who may register; returns the code of the invite link."""
    with app.app_context():
        with transaction() as session:
            session.execute(update(Workspace).values(registration=kind))
        return db.session.execute(select(Workspace.invite_code)).scalar_one()


def test_a_new_person_is_signed_in_and_in_the_first_open_room(
    app, client: FlaskClient, ann, make_room
):
    make_room("vault", members=[ann], kind="closed")
    quay = make_room("quay", members=[ann])
    make_room("other", members=[ann])
    answer = client.post("/register", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/profile").status_code == 200
    with app.app_context():
        bob = db.session.execute(select(User).where(User.user_name == "bob")).scalar_one()
        rooms = db.session.execute(
            select(Membership.room_id).where(Membership.user_id == bob.id)
        ).scalars()
        assert list(rooms) == [quay.id]
        assert bob.role == "member"
        assert bob.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ({"user_name": "ANN"}, {"user_name"}),
        ({"user_name": "\u0430nn"}, {"user_name"}),
        ({"user_name": "\uff21nn"}, {"user_name"}),
        ({"display_name": " ann  lee "}, {"display_name"}),
        ({"user_name": "ann", "display_name": "Ann Lee"}, {"user_name", "display_name"}),
        ({"email": "ANN@example.org"}, {"email"}),
    ],
)
def test_the_form_says_which_name_is_taken(client: FlaskClient, ann, typed, taken):
    answer = client.post("/register", data=FORM | typed)
    assert answer.status_code == 422
    assert set(errors_of(answer)) == taken


def test_the_form_keeps_what_was_typed_but_the_password(client: FlaskClient, ann):
    typed = FORM | {"user_name": "ann", "email": "bob@example.org"}
    answer = client.post("/register", data=typed)
    values = values_of(answer)
    assert (values["user_name"], values["display_name"]) == ("ann", "Bob")
    assert values["email"] == "bob@example.org"
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_name", "a b"),
        ("user_name", "admin"),
        ("user_name", "a\u202eb"),
        ("display_name", "\u200b"),
        ("display_name", "x" * 61),
        ("password", "short"),
        ("password", "x1" * 513),
        ("password", "password123"),
        ("password", "bob"),
        ("email", "nowhere"),
        ("email", "a@b\nBcc: c@example.org"),
    ],
)
def test_a_value_that_is_off_is_said_beside_its_field(client: FlaskClient, ann, field, value):
    answer = client.post("/register", data=FORM | {field: value})
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {field}


def test_a_password_is_not_the_user_name(client: FlaskClient, ann):
    typed = FORM | {"user_name": "harbourmaster", "password": "HarbourMaster"}
    assert set(errors_of(client.post("/register", data=typed))) == {"password"}


def test_a_password_may_be_1024_bytes_of_anything(client: FlaskClient, ann):
    answer = client.post("/register", data=FORM | {"password": "\u00e9\u20ac \U0001f600x" * 93})
    assert answer.status_code == 303


def test_where_links_invite_only_the_link_opens_the_form(app, client: FlaskClient, ann):
    code = set_registration(app, "invite")
    assert client.get("/register").status_code == 403
    assert client.post("/register", data=FORM).status_code == 403
    assert client.get("/join/wrong").status_code == 403
    assert client.post("/join/wrong", data=FORM).status_code == 403
    assert client.get(f"/join/{code}").status_code == 200
    assert client.post(f"/join/{code}", data=FORM).status_code == 303


def test_where_registration_is_closed_no_link_opens_it(app, client: FlaskClient, ann):
    code = set_registration(app, "closed")
    assert client.get(f"/join/{code}").status_code == 403
    assert client.post(f"/join/{code}", data=FORM).status_code == 403
    assert client.post("/register", data=FORM).status_code == 403


def test_an_invite_that_was_replaced_meanwhile_lets_nobody_in(
    app, client: FlaskClient, ann, monkeypatch
):
    code, real = set_registration(app, "invite"), accounts.passwords.hashed

    def hashed(password: str) -> str:
        with transaction() as session:
            session.execute(update(Workspace).values(invite_code="another"))
        return real(password)

    monkeypatch.setattr("chatapp.domain.passwords.hashed", hashed)
    assert client.post(f"/join/{code}", data=FORM).status_code == 403
    with app.app_context():
        assert db.session.execute(select(User).where(User.user_name == "bob")).first() is None


def test_an_address_that_grows_beyond_its_place_is_refused(client: FlaskClient, ann):
    # Under case folding each of these letters becomes three.
    long = "\u0390" * 32 + "@" + ("\u0390" * 20 + ".") * 3 + "example"
    assert set(errors_of(client.post("/register", data=FORM | {"email": long}))) == {"email"}
    fits = "\u0390" * 32 + "@" + ("\u0390" * 8 + ".") * 6 + "example"
    assert client.post("/register", data=FORM | {"email": fits}).status_code == 303


def test_nobody_makes_themselves_an_admin(app, client: FlaskClient, ann):
    client.post("/register", data=FORM | {"role": "admin", "status": "active", "id": "1"})
    with app.app_context():
        bob = db.session.execute(select(User).where(User.user_name == "bob")).scalar_one()
        assert bob.role == "member"


@pytest.mark.parametrize(
    ("ours", "theirs", "field"),
    [
        (("bob", "Bob"), ("Bob", "Robert"), "user_name"),
        (("bob", "Bob"), ("robert", "BOB"), "display_name"),
    ],
)
def test_who_comes_second_in_a_race_for_a_name_is_told_which(
    app, ann, monkeypatch, ours, theirs, field
):
    # Both have looked before either has stored anything.
    looked = threading.Barrier(2)
    real = accounts.passwords.hashed
    monkeypatch.setattr(
        "chatapp.domain.passwords.hashed", lambda text: (looked.wait(), real(text))[1]
    )
    outcomes: list[object] = []

    def run(names: tuple[str, str]) -> None:
        with app.test_request_context():
            try:
                outcomes.append(accounts.register(NewAccount(*names, PASSWORD)))
            except Invalid as error:
                outcomes.append(set(error.fields))

    threads = [threading.Thread(target=run, args=(names,)) for names in (ours, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["User", "set"]
    assert {field} in outcomes


class TestLimits:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"RATE_REGISTER_ADDRESS": "3 per hour"}

    def test_an_address_registers_so_often_only(self, client: FlaskClient, ann):
        for _ in range(3):
            client.post("/register", data=FORM | {"user_name": "ann"})
        answer = client.post("/register", data=FORM)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
