import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from chatapp.domain import people, workspace
from chatapp.domain.errors import Forbidden
from chatapp.events import PersonBarred, SessionEnded, subscribe
from chatapp.extensions import db
from chatapp.models import Membership, User, WorkspaceChange
from tests.auth.pages import notices_of


@pytest.fixture
def ann(make_user):
    return make_user("ann", role="admin")


@pytest.fixture
def bob(make_user):
    return make_user("bob")


@pytest.fixture
def admin(client: FlaskClient, sign_in, ann) -> FlaskClient:
    return sign_in(client, ann)


@pytest.fixture
def member(make_client, sign_in, bob) -> FlaskClient:
    return sign_in(make_client(), bob)


def test_everybody_sees_who_is_in_the_workspace(member, ann, make_user):
    make_user("eve", display_name="Eve Banned", status="banned")
    page = member.get("/people").text
    assert "Ann" in page
    assert "Bob" in page
    assert "Eve Banned" not in page
    assert "/ban" not in page


def test_admins_see_those_who_are_kept_out_too(admin, make_user):
    make_user("eve", display_name="Eve", status="banned")
    page = admin.get("/people").text
    assert "Eve" in page
    assert "Banned" in page


@pytest.fixture
def crowd(ann, make_user):
    """So many that they have two pages; with Ann."""
    return [make_user(f"p{n:03}", display_name=f"Person {n:03}") for n in range(150)]


def shown(page: str) -> list[str]:
    return re.findall(r'data-name-of="\d+" dir="auto">([^<]+)<', page.partition('class="rows"')[2])


def test_a_crowd_is_shown_page_by_page(admin, crowd):
    first = admin.get("/people").text
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    second = admin.get(link[1]).text
    assert 'rel="next"' not in second
    names = shown(first) + shown(second)
    assert names == ["Ann", *(person.display_name for person in crowd)]
    assert len(shown(first)) == people.SHOWN


def test_people_are_found_by_a_part_of_either_name(admin, make_user, crowd):
    make_user("sailor", display_name="Zo\u00eb 100% Quay")
    assert shown(admin.get("/people?q=son+14").text) == [f"Person 14{n}" for n in range(10)]
    for part in ("SAIL", "zo\u00eb", "100%", "quay"):
        assert shown(admin.get("/people", query_string={"q": part}).text) == ["Zo\u00eb 100% Quay"]
    for part in ("%", "1_0", "nobody"):
        page = admin.get("/people", query_string={"q": part}).text
        assert ("empty-state" in page) == (part != "%")
    # The next page is one of what was looked for.
    assert "/people?q=person&amp;after=p099" in admin.get("/people?q=person").text
    assert shown(admin.get("/people?q=person&after=p147").text) == ["Person 148", "Person 149"]


def test_whoever_was_kept_out_is_still_before_ones_eyes(admin, crowd):
    place = {"q": "son 14", "after": "p147"}
    answer = admin.post(f"/people/{crowd[148].id}/ban", data=place)
    assert answer.location == "/people?q=son+14&after=p147"
    assert shown(admin.get(answer.location).text) == ["Person 148", "Person 149"]
    assert shown(admin.get("/people?q=son+14&after=nobody").text)[0] == "Person 140"


def test_a_few_people_are_not_looked_for(admin, bob):
    assert 'role="search"' not in admin.get("/people").text.partition('class="page"')[2]


@pytest.mark.parametrize("verb", ["deactivate", "ban"])
def test_a_barred_person_is_out_at_once_and_everywhere(
    app, admin, bob, make_client, sign_in, make_room, verb
):
    make_room("quay", members=[bob])
    devices = [sign_in(make_client(), bob) for _ in range(2)]
    heard: list[object] = []
    subscribe(app, PersonBarred, heard.append)
    subscribe(app, SessionEnded, heard.append)
    assert all(device.get("/profile").status_code == 200 for device in devices)
    answer = admin.post(f"/people/{bob.id}/{verb}")
    assert answer.status_code == 303
    assert notices_of(admin.get("/people"))
    assert all(device.get("/profile").status_code == 303 for device in devices)
    assert sorted(type(event).__name__ for event in heard) == [
        "PersonBarred",
        "SessionEnded",
        "SessionEnded",
    ]
    with app.app_context():
        kinds = db.session.execute(select(WorkspaceChange.kind)).scalars().all()
        assert sorted(kinds) == ["person_barred", "session_ended", "session_ended"]
        # What they were a member of stays, for when they come back.
        assert db.session.execute(select(func.count()).select_from(Membership)).scalar_one() == 1


@pytest.mark.parametrize("verb", ["deactivate", "ban"])
def test_a_restored_person_signs_in_again(admin, bob, make_client, sign_in, verb):
    admin.post(f"/people/{bob.id}/{verb}")
    with pytest.raises(AssertionError):
        sign_in(make_client(), bob)
    admin.post(f"/people/{bob.id}/restore")
    sign_in(make_client(), bob)


@pytest.mark.parametrize("verb", ["deactivate", "ban", "restore"])
def test_members_bar_nobody(app, member, make_user, verb):
    eve = make_user("eve", status="banned" if verb == "restore" else "active")
    assert member.post(f"/people/{eve.id}/{verb}").status_code == 403
    with app.app_context():
        assert db.session.get(User, eve.id).status == eve.status


def test_an_admin_does_not_bar_themselves(admin, ann):
    for verb in ("deactivate", "ban"):
        assert admin.post(f"/people/{ann.id}/{verb}").status_code == 403
    assert admin.get("/profile").status_code == 200


def test_of_two_admins_who_bar_each_other_one_remains(app, ann, make_user):
    zoe = make_user("zoe", role="admin")
    with app.test_request_context():
        people.bar(ann, zoe.id, "banned")
        # Zoe's request had been let in before.
        with pytest.raises(Forbidden):
            people.bar(zoe, ann.id, "banned")
        statuses = db.session.execute(select(User.status).order_by(User.id)).scalars().all()
    assert statuses == ["active", "banned"]


def test_an_admin_who_was_barred_meanwhile_lets_nobody_in(app, ann, make_user):
    zoe, eve = make_user("zoe", role="admin"), make_user("eve", status="banned")
    with app.test_request_context():
        people.bar(ann, zoe.id, "banned")
        for change in (
            lambda: people.restore(zoe, zoe.id),
            lambda: people.restore(zoe, eve.id),
            lambda: workspace.change(zoe, "Mine", "open"),
            lambda: workspace.rotate_invite(zoe),
        ):
            # Her request had been let in before.
            with pytest.raises(Forbidden):
                change()
        people.restore(ann, eve.id)
        statuses = db.session.execute(select(User.status).order_by(User.id)).scalars().all()
    assert statuses == ["active", "banned", "active"]


@pytest.mark.parametrize("verb", ["deactivate", "ban", "restore"])
def test_whom_there_is_not_is_not_found(admin, verb):
    assert admin.post(f"/people/{10**12}/{verb}").status_code == 404
