import re

import pytest
from flask.testing import FlaskClient

from tests.auth.pages import errors_of, notices_of


@pytest.fixture
def admin(client: FlaskClient, sign_in, make_user) -> FlaskClient:
    return sign_in(client, make_user("ann", role="admin"))


@pytest.fixture
def member(make_client, sign_in, make_user) -> FlaskClient:
    return sign_in(make_client(), make_user("bob"))


def link_on(admin: FlaskClient) -> str:
    found = re.search(r'data-copy="http://localhost(/join/[^"]+)"', admin.get("/workspace").text)
    assert found
    return found[1]


def test_an_admin_names_the_workspace(admin, make_client):
    answer = admin.post("/workspace", data={"name": "Lighthouse", "registration": "open"})
    assert answer.status_code == 303
    assert notices_of(admin.get("/workspace"))
    assert "Lighthouse" in make_client().get("/sign-in").text


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"name": "\u200b"}, {"name": "x" * 99}, {"registration": "anybody"}]
)
def test_settings_that_are_off_are_said_beside_their_field(admin, typed):
    answer = admin.post("/workspace", data={"name": "Harbour", "registration": "open"} | typed)
    assert (answer.status_code, set(errors_of(answer))) == (422, set(typed))


def test_an_admin_closes_and_opens_registration(admin, make_client):
    for kind, status in (("closed", 403), ("invite", 403), ("open", 200)):
        admin.post("/workspace", data={"name": "Harbour", "registration": kind})
        assert make_client().get("/register").status_code == status


def test_the_invite_link_works_until_it_is_rotated(admin, make_client):
    admin.post("/workspace", data={"name": "Harbour", "registration": "invite"})
    old = link_on(admin)
    assert make_client().get(old).status_code == 200
    assert admin.post("/workspace/invite").status_code == 303
    new = link_on(admin)
    assert make_client().get(old).status_code == 403
    assert make_client().get(new).status_code == 200


def test_where_registration_is_closed_there_is_no_link_to_copy(admin):
    admin.post("/workspace", data={"name": "Harbour", "registration": "closed"})
    assert "/join/" not in admin.get("/workspace").text


def test_members_neither_see_nor_change_the_settings(admin, member):
    before = link_on(admin)
    assert member.get("/workspace").status_code == 403
    typed = {"name": "Mine", "registration": "open"}
    assert member.post("/workspace", data=typed).status_code == 403
    assert member.post("/workspace/invite").status_code == 403
    assert link_on(admin) == before
    assert "Mine" not in admin.get("/workspace").text


class TestBehindAnAddress:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"BASE_URL": "https://chat.example.org"}

    def test_the_link_is_made_from_the_configured_address(self, admin):
        page = admin.get("/workspace").text
        assert 'data-copy="https://chat.example.org/join/' in page
        assert "http://localhost/join/" not in page
