import re
import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from chatapp.domain import passwords
from chatapp.domain.transaction import transaction
from chatapp.extensions import db
from chatapp.models import SignInSession, User
from tests.auth.pages import errors_of, values_of
from tests.builders.people import PASSWORD

RIGHT = {"user_name": "ann", "password": PASSWORD}


@pytest.fixture
def ann(make_user):
    return make_user("ann")


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("chatapp")
    assert cookie is not None
    return cookie.value


def test_a_person_signs_in_and_out(client: FlaskClient, ann):
    assert client.get("/profile").location == "/sign-in?next=%2Fprofile"
    assert client.post("/sign-in", data=RIGHT).location == "/"
    assert client.get("/profile").status_code == 200
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get("/profile").status_code == 303


def test_user_names_are_the_same_in_any_case(client: FlaskClient, ann):
    assert client.post("/sign-in", data=RIGHT | {"user_name": " ANN "}).status_code == 303


@pytest.mark.parametrize(
    "typed",
    [{"password": "wrong horse battery"}, {"user_name": "nobody"}, {"password": "x" * 5000}],
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: FlaskClient, ann, typed):
    answer = client.post("/sign-in", data=RIGHT | typed)
    assert answer.status_code == 422
    assert errors_of(answer) == {"password": "The user name or the password is wrong."}
    assert values_of(answer)["user_name"] == (RIGHT | typed)["user_name"]


class TestTime:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"PASSWORD_MEMORY_KIB": 8192}

    def test_an_unknown_name_takes_as_long_as_a_wrong_password(self, app, ann):
        def seconds(kept: str | None) -> float:
            began = time.perf_counter()
            assert not passwords.is_right("wrong horse battery", kept)
            return time.perf_counter() - began

        with app.app_context():
            kept = passwords.hashed(PASSWORD)
            pairs = [(seconds(kept), seconds(None)) for _ in range(15)]
        # A busy machine only adds to a time: the least of many is what the work itself takes.
        known, unknown = (min(times) for times in zip(*pairs, strict=True))
        assert unknown == pytest.approx(known, rel=0.5)


@pytest.mark.parametrize("status", ["deactivated", "banned"])
def test_a_barred_person_does_not_get_in(client: FlaskClient, make_user, status):
    make_user("ann", status=status)
    answer = client.post("/sign-in", data=RIGHT)
    assert (answer.status_code, set(errors_of(answer))) == (422, {"user_name"})
    # Only whoever knows the password learns that the account is closed.
    answer = client.post("/sign-in", data=RIGHT | {"password": "wrong horse battery"})
    assert set(errors_of(answer)) == {"password"}


@pytest.mark.parametrize("path", ["/people", "/rooms/7?around=12", "/searches?q=a%26b+c"])
def test_whoever_asked_for_a_page_gets_it_after_signing_in(client: FlaskClient, ann, path):
    door = client.get(path).location
    assert door.startswith("/sign-in?next=")
    form = client.get(door).text
    action = re.search(r'<form[^>]*action="([^"]+)"', form)
    assert action
    assert client.post(action[1].replace("&amp;", "&"), data=RIGHT).location == path


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%0d%0aSet-Cookie:a=b\r\n",
        "",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(client: FlaskClient, ann, target):
    answer = client.post("/sign-in", query_string={"next": target}, data=RIGHT)
    assert (answer.status_code, answer.location) == (303, "/")


def test_signing_in_starts_the_browser_session_afresh(client: FlaskClient, ann):
    with client.session_transaction() as session:
        session["planted"] = "by an attacker"
        session["csrf_token"] = "known"
    client.post("/sign-in", data=RIGHT)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known"


def test_signing_out_empties_the_browser_session(client: FlaskClient, ann, sign_in):
    sign_in(client, ann)
    client.post("/sign-out")
    with client.session_transaction() as session:
        assert "_user_id" not in session


def test_a_copied_cookie_is_void_after_signing_out(client: FlaskClient, make_client, ann, sign_in):
    sign_in(client, ann)
    thief = make_client()
    thief.set_cookie("chatapp", cookie_of(client))
    assert thief.get("/profile").status_code == 200
    client.post("/sign-out")
    assert thief.get("/profile").status_code == 303


def test_signing_in_again_ends_the_sign_in_before(app, client: FlaskClient, ann, sign_in):
    sign_in(client, ann)
    sign_in(client, ann)
    with app.app_context():
        count = db.session.execute(select(func.count()).select_from(SignInSession)).scalar_one()
    assert count == 1


def test_the_cookie_holds_no_persons_id(app, client: FlaskClient, ann, sign_in):
    sign_in(client, ann)
    with client.session_transaction() as session:
        token = session["_user_id"]
    assert len(token) >= 43
    with app.app_context():
        kept = db.session.execute(select(SignInSession.token_hash)).scalar_one()
    assert token.encode() not in kept


def test_a_made_up_token_is_nobody(client: FlaskClient, ann):
    with client.session_transaction() as session:
        session["_user_id"] = str(ann.id)
    assert client.get("/profile").status_code == 303


def test_staying_signed_in_is_a_longer_row_and_a_lasting_cookie(app, make_client, ann):
    days = {}
    for kept in ("", "y"):
        answer = make_client().post("/sign-in", data=RIGHT | {"kept": kept})
        cookie = answer.headers["Set-Cookie"]
        assert ("Expires=" in cookie) == bool(kept)
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        with app.app_context():
            row = db.session.execute(
                select(SignInSession).order_by(SignInSession.id.desc()).limit(1)
            ).scalar_one()
        days[kept] = (row.expires_at - row.created_at).total_seconds() / 86400
    assert days == {"": pytest.approx(1, abs=0.01), "y": pytest.approx(90, abs=0.01)}


@pytest.fixture
def set_hash(app):
    def set_hash(value: str) -> None:
        with app.app_context(), transaction() as session:
            session.execute(update(User).values(password_hash=value))

    return set_hash


@pytest.fixture
def outdated(app, ann, set_hash):
    """The hash that Ann's password has: one that took more passes than the settings ask for."""
    with app.app_context():
        app.config["PASSWORD_TIME_COST"] = 2
        outdated = passwords.hashed(PASSWORD)
        app.config["PASSWORD_TIME_COST"] = 1
    set_hash(outdated)
    return outdated


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(app, client: FlaskClient, outdated):
    assert client.post("/sign-in", data=RIGHT).status_code == 303
    with app.app_context():
        kept = db.session.execute(select(User.password_hash)).scalar_one()
    assert kept != outdated
    assert ",t=1," in kept


@pytest.mark.parametrize(("set_meanwhile", "status"), [(PASSWORD, 303), ("other horse", 422)])
def test_while_a_hash_is_renewed_another_may_take_its_place(
    client: FlaskClient, outdated, set_hash, monkeypatch, set_meanwhile, status
):
    """A second sign-in at the same moment has the same to renew; a changed password is changed."""
    real = passwords.hashed

    def hashed(password: str) -> str:
        monkeypatch.undo()
        set_hash(real(set_meanwhile))
        return real(password)

    monkeypatch.setattr(passwords, "hashed", hashed)
    assert client.post("/sign-in", data=RIGHT).status_code == status


def test_a_password_that_is_changed_while_the_renewed_hash_is_checked_stays_changed(
    app, client: FlaskClient, outdated, set_hash, monkeypatch
):
    hashed, is_right = passwords.hashed, passwords.is_right
    with app.app_context():
        changed = hashed("other horse")

    def renewed_elsewhere(password: str) -> str:
        set_hash(hashed(PASSWORD))
        monkeypatch.setattr(passwords, "is_right", changed_meanwhile)
        return hashed(password)

    def changed_meanwhile(password: str, kept: str | None) -> bool:
        set_hash(changed)
        return is_right(password, kept)

    monkeypatch.setattr(passwords, "hashed", renewed_elsewhere)
    assert set(errors_of(client.post("/sign-in", data=RIGHT))) == {"password"}
    monkeypatch.undo()
    other = RIGHT | {"password": "other horse"}
    assert client.post("/sign-in", data=other).status_code == 303


def test_accents_typed_either_way_are_the_same_password(client: FlaskClient, make_user):
    make_user("bob", password="caf\u00e9 harbour lamp")
    typed = {"user_name": "bob", "password": "cafe\u0301 harbour lamp"}
    assert client.post("/sign-in", data=typed).status_code == 303


class TestLimits:
    @pytest.fixture
    def settings(self, settings):
        return settings | {
            "RATE_SIGN_IN": "3 per 5 minutes",
            "RATE_SIGN_IN_ADDRESS": "8 per 5 minutes",
        }

    def test_an_account_is_tried_so_often_only(self, client: FlaskClient, ann):
        for _ in range(3):
            assert client.post("/sign-in", data=RIGHT | {"password": "w"}).status_code == 422
        answer = client.post("/sign-in", data=RIGHT)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert "user_name" not in errors_of(answer)

    def test_an_unknown_account_is_limited_the_same(self, client: FlaskClient, ann):
        typed = RIGHT | {"user_name": "nobody"}
        codes = [client.post("/sign-in", data=typed).status_code for _ in range(4)]
        assert codes == [422, 422, 422, 429]

    def test_an_address_tries_so_many_accounts_only(self, client: FlaskClient, ann):
        for number in range(8):
            client.post("/sign-in", data=RIGHT | {"user_name": f"nobody{number}"})
        assert client.post("/sign-in", data=RIGHT).status_code == 429
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert client.post("/sign-in", data=RIGHT, environ_base=elsewhere).status_code == 303

    def test_an_office_that_knows_its_passwords_is_not_kept_out(self, client: FlaskClient, ann):
        for _ in range(12):
            assert client.post("/sign-in", data=RIGHT).status_code == 303
            client.post("/sign-out")
        # Nor is whoever has an account of their own let off for their guesses.
        for number in range(8):
            client.post("/sign-in", data=RIGHT | {"user_name": f"nobody{number}"})
        assert client.post("/sign-in", data=RIGHT).status_code == 429

    def test_a_forged_forwarding_header_is_no_other_address(self, client: FlaskClient, ann):
        for number in range(9):
            answer = client.post(
                "/sign-in",
                data=RIGHT | {"user_name": f"nobody{number}"},
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            )
        assert answer.status_code == 429

    def test_whoever_knows_the_password_starts_afresh(self, client: FlaskClient, ann):
        for _ in range(2):
            client.post("/sign-in", data=RIGHT | {"password": "w"})
            client.post("/sign-in", data=RIGHT | {"password": "w"})
            assert client.post("/sign-in", data=RIGHT).status_code == 303
