import pytest
from flask.testing import FlaskClient

from chatapp.domain import operators, passwords, sessions
from chatapp.domain.transaction import transaction
from tests.auth.pages import errors_of, notices_of
from tests.builders.people import PASSWORD

NEW, OTHER = "seven quiet lanterns", "nine green bicycles"


@pytest.fixture
def ann(make_user):
    return make_user("ann")


@pytest.fixture
def browser(client: FlaskClient, sign_in, ann) -> FlaskClient:
    return sign_in(client, ann)


def change(browser: FlaskClient, current: str = PASSWORD, new: str = NEW):
    return browser.post("/password", data={"current_password": current, "password": new})


def test_a_person_changes_their_password(browser, make_client, ann):
    assert change(browser).status_code == 303
    assert notices_of(browser.get("/password"))
    typed = {"user_name": "ann", "password": PASSWORD}
    assert make_client().post("/sign-in", data=typed).status_code == 422
    assert make_client().post("/sign-in", data=typed | {"password": NEW}).status_code == 303


def test_another_password_ends_all_other_sign_ins(browser, make_client, sign_in, ann):
    other = sign_in(make_client(), ann)
    assert other.get("/profile").status_code == 200
    change(browser)
    assert browser.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303


def test_another_password_voids_copies_of_ones_own_cookie(browser, make_client):
    thief = make_client()
    thief.set_cookie("chatapp", browser.get_cookie("chatapp").value)
    assert thief.get("/profile").status_code == 200
    change(browser)
    assert thief.get("/profile").status_code == 303


def test_another_password_starts_the_browser_session_afresh(browser):
    with browser.session_transaction() as session:
        session["csrf_token"] = "known"
    change(browser)
    with browser.session_transaction() as session:
        assert session.get("csrf_token") != "known"


@pytest.fixture
def reset_meanwhile(monkeypatch):
    """While the next password is being checked, the operator sets another one."""

    def is_right(password: str, kept: str | None) -> bool:
        monkeypatch.undo()
        right = passwords.is_right(password, kept)
        operators.reset_password("ann", OTHER)
        return right

    return lambda: monkeypatch.setattr(passwords, "is_right", is_right)


def test_a_password_that_was_changed_while_it_was_checked_lets_nobody_in(
    browser, make_client, ann, reset_meanwhile
):
    reset_meanwhile()
    typed = {"user_name": "ann", "password": PASSWORD}
    answer = make_client().post("/sign-in", data=typed)
    assert (answer.status_code, set(errors_of(answer))) == (422, {"password"})
    assert sessions.of(ann) == []


def test_a_password_that_was_changed_while_it_was_checked_is_not_changed_back(
    browser, reset_meanwhile, make_client
):
    reset_meanwhile()
    answer = change(browser)
    assert (answer.status_code, set(errors_of(answer))) == (422, {"current_password"})
    assert browser.get("/profile").status_code == 303
    typed = {"user_name": "ann"}
    assert make_client().post("/sign-in", data=typed | {"password": NEW}).status_code == 422
    assert make_client().post("/sign-in", data=typed | {"password": OTHER}).status_code == 303


def test_whose_sign_in_ends_while_it_is_checked_is_given_nobody_elses(
    app, browser, make_client, make_user, sign_in, ann, monkeypatch
):
    bob, bobs = make_user("bob"), make_client()

    def is_right(password: str, kept: str | None) -> bool:
        monkeypatch.undo()
        # Another device of hers ends it, and the next number is his.
        with transaction():
            assert sessions.end_within(ann.id) == 1
        sign_in(bobs, bob)
        return passwords.is_right(password, kept)

    monkeypatch.setattr(passwords, "is_right", is_right)
    assert change(browser).status_code == 404
    assert browser.get("/profile").status_code == 303
    assert bobs.get("/profile").status_code == 200


def test_the_current_password_is_needed(browser, make_client, sign_in, ann):
    answer = change(browser, current="wrong horse battery")
    assert (answer.status_code, set(errors_of(answer))) == (422, {"current_password"})
    sign_in(make_client(), ann)


@pytest.mark.parametrize("new", ["sh0rt-1", "password1", "x" * 1025])
def test_a_bad_new_password_is_refused(browser, make_client, sign_in, ann, new):
    answer = change(browser, new=new)
    assert (answer.status_code, set(errors_of(answer))) == (422, {"password"})
    assert new not in answer.text
    sign_in(make_client(), ann)


class TestLimits:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"RATE_SIGN_IN": "3 per 5 minutes"}

    def test_the_current_password_is_guessed_so_often_only(self, browser):
        codes = [change(browser, current="wrong").status_code for _ in range(4)]
        assert codes == [422, 422, 422, 429]

    def test_who_guesses_at_an_account_keeps_its_owner_from_nothing(self, browser, make_client):
        wrong = {"user_name": "ann", "password": "wrong horse battery"}
        codes = [make_client().post("/sign-in", data=wrong).status_code for _ in range(4)]
        assert codes == [422, 422, 422, 429]
        assert change(browser).status_code == 303
