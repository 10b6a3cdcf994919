import time
from collections.abc import Iterator
from io import BytesIO

import pytest
from flask import Flask, g
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from chatapp import hooks
from chatapp.domain import sessions
from chatapp.extensions import db
from chatapp.models import User, Workspace
from tests.builders.rooms import new_room
from tests.queries import counted


@pytest.fixture
def ann(make_user):
    return make_user("ann")


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent from now on."""
    with counted(app) as sent:
        yield sent


def test_who_is_asking_takes_one_query(app, client, ann, sign_in, queries):
    sign_in(client, ann)
    queries.clear()
    token = client.get("/csrf-token")
    assert token.status_code == 200
    assert len(queries) == 1
    assert "sessions" in queries[0]


def test_who_is_asking_is_asked_once_a_second(client, ann, sign_in, queries):
    sign_in(client, ann)
    client.get("/sidebar")
    queries.clear()
    client.get("/sidebar")
    assert len(queries) == 1
    assert "token_hash" not in queries[0]


def test_what_another_process_ends_is_over_a_second_later(app, client, ann, sign_in, monkeypatch):
    sign_in(client, ann)
    assert client.get("/sidebar").status_code == 200
    with app.app_context():
        db.session.execute(text("DELETE FROM sessions"))
        db.session.commit()
    later = time.monotonic() + sessions.BELIEVED_SECONDS
    monkeypatch.setattr(sessions.time, "monotonic", lambda: later)
    assert client.get("/sidebar").status_code == 303


@pytest.mark.parametrize("others", [{}, {"a_theme": "dark"}, {"zone": "x=y"}])
def test_the_session_is_found_among_other_cookies(client, ann, sign_in, others):
    sign_in(client, ann)
    for name, value in others.items():
        client.set_cookie(name, value)
    assert client.get("/", follow_redirects=True).request.path != "/sign-in"


def test_who_signed_out_is_a_stranger_at_once(client, ann, sign_in):
    sign_in(client, ann)
    assert client.get("/sidebar").status_code == 200
    cookie = client.get_cookie("chatapp").value
    client.post("/sign-out")
    client.set_cookie("chatapp", cookie)
    assert client.get("/sidebar").status_code == 303


def test_a_stranger_takes_no_query_once_there_is_a_workspace(client, ann, queries):
    client.get("/profile")
    queries.clear()
    assert client.get("/profile").status_code == 303
    assert queries == []


def test_static_files_ask_for_nobody(client, ann, sign_in, queries):
    sign_in(client, ann)
    queries.clear()
    client.get("/favicon.ico")
    client.get("/static/none/none.css")
    assert queries == []


def test_what_a_failed_request_began_is_undone(app, client, ann):
    @app.get("/up-and-down")
    def fail() -> str:
        db.session.add(User(user_name="ghost"))
        db.session.execute(text("UPDATE users SET display_name = 'Ghost'"))
        raise LookupError

    app.config["PROPAGATE_EXCEPTIONS"] = False
    hooks_public = hooks.PUBLIC_RULES | {"/up-and-down"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "PUBLIC_RULES", hooks_public)
        assert client.get("/up-and-down").status_code == 500
    with app.app_context():
        assert db.session.execute(select(User.user_name)).scalars().all() == ["ann"]
        assert db.engine.pool.checkedout() <= 1  # ty: ignore[missing-attribute]


def test_no_connection_is_held_after_a_request(app, client, ann, sign_in):
    sign_in(client, ann)
    for path in ("/profile", "/sessions", "/nowhere", "/people/9/ban"):
        client.get(path)
    with app.app_context():
        assert db.engine.pool.checkedout() == 0  # ty: ignore[missing-attribute]


@pytest.mark.parametrize(
    "path", ["/profile", "/sessions/end-others", "/rooms/1/members", "/messages/1/reactions"]
)
def test_no_connection_is_held_while_a_form_is_on_its_way(app, client, ann, sign_in, path):
    held = []

    class Slow(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            held.append(db.engine.pool.checkedout())  # ty: ignore[missing-attribute]
            return super().read(size)

    sign_in(client, ann)
    body = b"csrf_token=none&emoji=x"
    form = {"content_type": "application/x-www-form-urlencoded", "content_length": len(body)}
    client.post(path, input_stream=Slow(body), **form)
    assert held
    assert set(held) == {0}


@pytest.mark.parametrize(
    "path",
    [
        *("/rooms", "/people", "/sessions", "/profile", "/sidebar", "/searches?q=hello", "/"),
        *("/rooms/1", "/rooms/1/members", "/rooms/1/changes?since=0&workspace=0&epoch={epoch}"),
    ],
)
@pytest.mark.postgresql_only
def test_no_page_takes_a_second_connection_beside_its_first(app, client, ann, sign_in, path):
    """As many such pages at once as the pool has connections would wait for each other."""
    with app.app_context():
        new_room(members=[db.session.merge(ann)])
        epoch = db.session.execute(select(Workspace.epoch)).scalar_one()
        db.session.remove()
    sign_in(client, ann)
    client.post("/profile", data={"display_name": "Ann of the people"})
    taken = [0]
    most = [0]

    def take(*_: object) -> None:
        taken[0] += 1
        most[0] = max(most[0], taken[0])

    def give_back(*_: object) -> None:
        taken[0] -= 1

    with app.app_context():
        event.listen(db.engine, "checkout", take)
        event.listen(db.engine, "checkin", give_back)
    assert client.get(path.format(epoch=epoch), follow_redirects=True).status_code == 200
    assert most == [1]


class TestProxies:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"TRUSTED_PROXIES": 1}

    def test_a_configured_proxy_vouches_for_the_address(self, client, ann, sign_in):
        forwarded = {"X-Forwarded-For": "198.51.100.66, 192.0.2.5", "X-Forwarded-Proto": "https"}
        client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded["X-Forwarded-For"]
        page = sign_in(client, ann).get("/sessions").text
        assert "192.0.2.5" in page
        assert "198.51.100.66" not in page


class TestSeveralProxies:
    """One sets the scheme, the other its own: `X-Forwarded-Proto` then has one value for two."""

    @pytest.fixture
    def settings(self, settings):
        return settings | {"TRUSTED_PROXIES": 2, "BASE_URL": "https://chat.example.org"}

    def test_an_address_with_tls_is_reached_by_tls(self, client):
        forwarded = {"X-Forwarded-For": "198.51.100.66, 192.0.2.5", "X-Forwarded-Proto": "http"}
        answer = client.get("/sign-in", headers=forwarded)
        assert "Strict-Transport-Security" in answer.headers


def test_without_a_configured_proxy_nobody_vouches(client, ann, sign_in):
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "192.0.2.5"
    assert "192.0.2.5" not in sign_in(client, ann).get("/sessions").text


def test_the_person_of_one_request_is_not_that_of_the_next(app, make_client, ann, sign_in):
    sign_in(make_client(), ann)
    with app.test_request_context("/csrf-token"):
        app.preprocess_request()
        assert g.user is None


def test_a_database_that_goes_away_under_a_request_does_not_change_its_answer(
    app, client, ann, sign_in
):
    sign_in(client, ann)

    def break_once(connection):
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            # There is nothing to undo, and nobody is asked.
            return
        event.remove(engine, "rollback", break_once)
        raise OperationalError("ROLLBACK", {}, Exception("gone"))

    with app.app_context():
        engine = db.engine
        event.listen(engine, "rollback", break_once)
    assert client.get("/rooms").status_code == 200
    assert not event.contains(engine, "rollback", break_once)
    assert client.get("/rooms").status_code == 200
