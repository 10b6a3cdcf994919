import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from chatapp.domain import accounts
from chatapp.events import PersonChanged, subscribe
from chatapp.extensions import db
from chatapp.models import User, WorkspaceChange
from tests.auth.pages import errors_of, notices_of, values_of


@pytest.fixture
def ann(make_user):
    return make_user("ann", display_name="Ann")


@pytest.fixture
def browser(client: FlaskClient, sign_in, ann) -> FlaskClient:
    return sign_in(client, ann)


def test_a_person_changes_their_display_name(app, browser):
    heard: list[PersonChanged] = []
    subscribe(app, PersonChanged, heard.append)
    answer = browser.post("/profile", data={"display_name": "Ann  Lee", "locale": ""})
    assert answer.status_code == 303
    page = browser.get("/profile")
    assert values_of(page)["display_name"] == "Ann Lee"
    assert notices_of(page) == ["Your profile is saved."]
    assert len(heard) == 1
    with app.app_context():
        change = db.session.execute(select(WorkspaceChange)).scalar_one()
    assert (change.kind, change.user_id) == ("person_changed", heard[0].user_id)


def test_the_same_display_name_is_no_change(app, browser):
    heard: list[PersonChanged] = []
    subscribe(app, PersonChanged, heard.append)
    browser.post("/profile", data={"display_name": "Ann", "locale": "de"})
    assert not heard


def test_a_display_name_of_another_is_refused_and_kept_in_the_form(browser, make_user):
    make_user("bob", display_name="Bob")
    answer = browser.post("/profile", data={"display_name": "BOB", "locale": ""})
    assert (answer.status_code, set(errors_of(answer))) == (422, {"display_name"})
    assert values_of(answer)["display_name"] == "BOB"


def test_ones_own_name_may_change_its_case(browser):
    assert browser.post("/profile", data={"display_name": "ANN", "locale": ""}).status_code == 303


def test_a_language_is_chosen_over_the_browsers(app, browser):
    browser.post("/profile", data={"display_name": "Ann", "locale": "de"})
    page = browser.get("/profile", headers={"Accept-Language": "en"}).text
    assert '<html lang="de"' in page
    with app.app_context():
        assert db.session.execute(select(User.locale)).scalar_one() == "de"
    browser.post("/profile", data={"display_name": "Ann", "locale": ""})
    assert '<html lang="en"' in browser.get("/profile", headers={"Accept-Language": "en"}).text


def test_an_unknown_language_is_refused(browser):
    answer = browser.post("/profile", data={"display_name": "Ann", "locale": "../x"})
    assert answer.status_code == 422


def test_only_ones_own_profile_is_changed(app, browser, make_user):
    bob = make_user("bob", display_name="Bob")
    browser.post("/profile", data={"display_name": "Anna", "locale": "", "id": str(bob.id)})
    with app.app_context():
        names = db.session.execute(select(User.display_name).order_by(User.id)).scalars()
        assert list(names) == ["Anna", "Bob"]


def test_a_name_that_another_tab_has_changed_meanwhile_is_changed_for_everybody(app, make_user):
    ann = make_user("ann", display_name="Ann")
    heard: list[PersonChanged] = []
    subscribe(app, PersonChanged, heard.append)
    with app.test_request_context():
        as_read = db.session.get_one(User, ann.id)
        db.session.expunge(as_read)
        accounts.change_profile(ann, "Anna", None)
        # Its form says the name of before, and another language.
        accounts.change_profile(as_read, "Ann", "de")
        assert db.session.get_one(User, ann.id).display_name == "Ann"
    assert [event.user_id for event in heard] == [ann.id] * 2
