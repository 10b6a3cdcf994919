import sqlite3
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, make_url, select, update

from chatapp.domain import sessions
from chatapp.domain.errors import NotFound
from chatapp.domain.transaction import transaction
from chatapp.events import SessionEnded, subscribe
from chatapp.extensions import db
from chatapp.models import SignInSession, WorkspaceChange
from chatapp.models.columns import now
from tests.auth.pages import notices_of

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def ann(make_user):
    return make_user("ann")


@pytest.fixture
def devices(make_client, sign_in, ann) -> list[FlaskClient]:
    """Three browsers on which Ann is signed in."""
    return [sign_in(make_client(), ann) for _ in range(3)]


def ids(app) -> list[int]:
    with app.app_context():
        return list(db.session.execute(select(SignInSession.id).order_by("id")).scalars())


def is_in(client: FlaskClient) -> bool:
    return client.get("/profile").status_code == 200


def test_the_page_lists_ones_own_devices_only(client, make_client, sign_in, ann, make_user):
    for agent in (PHONE, DESKTOP):
        other = make_client()
        other.environ_base["HTTP_USER_AGENT"] = agent
        sign_in(other, ann)
    bob = make_client()
    bob.environ_base["REMOTE_ADDR"] = "192.0.2.99"
    sign_in(bob, make_user("bob"))
    page = sign_in(client, ann).get("/sessions").text
    assert "Safari on iPhone" in page
    assert "Firefox on Linux" in page
    assert page.count("This device") == 1
    assert "192.0.2.99" not in page


def test_a_person_ends_one_of_their_devices(app, devices):
    answer = devices[0].post(f"/sessions/{ids(app)[1]}/end")
    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert notices_of(devices[0].get("/sessions"))
    assert [is_in(device) for device in devices] == [True, False, True]


def test_a_person_ends_all_other_devices(devices):
    devices[1].post("/sessions/end-others")
    assert [is_in(device) for device in devices] == [False, True, False]


def test_ending_the_own_device_is_signing_out(app, devices):
    answer = devices[0].post(f"/sessions/{ids(app)[0]}/end")
    assert answer.location == "/sign-in"
    assert [is_in(device) for device in devices] == [False, True, True]


def test_nobody_ends_another_persons_device(app, devices, client, sign_in, make_user):
    bob = sign_in(client, make_user("bob"))
    for session_id in (ids(app)[0], 10**12):
        assert bob.post(f"/sessions/{session_id}/end").status_code == 404
    assert all(is_in(device) for device in devices)


def test_each_ended_sign_in_is_a_fact_for_every_process(app, devices):
    heard: list[SessionEnded] = []
    subscribe(app, SessionEnded, heard.append)
    first, second, third = ids(app)
    devices[0].post(f"/sessions/{second}/end")
    devices[0].post("/sessions/end-others")
    devices[0].post("/sign-out")
    assert [event.session_id for event in heard] == [second, third, first]
    with app.app_context():
        changes = db.session.execute(select(WorkspaceChange).order_by("seq")).scalars().all()
    assert [change.session_id for change in changes] == [second, third, first]
    assert {change.kind for change in changes} == {"session_ended"}
    assert [change.seq for change in changes] == [event.workspace_seq for event in heard]


def test_a_sign_in_ends_a_day_after_its_last_use(client, sign_in, ann):
    sign_in(client, ann)
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(3):
            clock.shift(timedelta(hours=23))
            assert is_in(client)
        clock.shift(timedelta(hours=25))
        assert not is_in(client)


def test_a_kept_sign_in_lasts_for_months(client, ann):
    from tests.builders.people import PASSWORD

    client.post("/sign-in", data={"user_name": "ann", "password": PASSWORD, "kept": "y"})
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        clock.shift(timedelta(days=80))
        answer = client.get("/profile")
        assert answer.status_code == 200
        # The cookie's end moves on with the row's.
        assert "Expires=" in answer.headers["Set-Cookie"]
        clock.shift(timedelta(days=80))
        assert is_in(client)
        clock.shift(timedelta(days=91))
        assert not is_in(client)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_an_hour_signs_nobody_out(client, sign_in, ann, hours):
    sign_in(client, ann)
    with time_machine.travel(now() + timedelta(hours=hours), tick=False):
        assert is_in(client)


def test_the_last_use_is_written_every_five_minutes_only(app, client, sign_in, ann):
    sign_in(client, ann)
    written: list[str] = []
    with app.app_context():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda _c, _cur, statement, *_: written.append(statement),
        )
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        for minutes in (1, 3, 2, 1):
            clock.shift(timedelta(minutes=minutes))
            client.get("/profile")
    assert len([text for text in written if text.startswith("UPDATE sessions")]) == 1


@pytest.mark.sqlite_only  # Only SQLite is locked as a whole.
def test_a_page_does_not_fail_because_the_last_use_cannot_be_written(
    app, client, sign_in, ann, database_url
):
    sign_in(client, ann)
    with app.app_context(), transaction() as session:
        session.execute(update(SignInSession).values(last_seen_at=now() - timedelta(hours=1)))
    foreign = sqlite3.connect(make_url(database_url).database or "", isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    try:
        assert is_in(client)
    finally:
        foreign.close()


def test_expired_rows_go_at_the_next_sign_in(app, client, sign_in, ann):
    sign_in(client, ann)
    with app.app_context(), transaction() as session:
        session.execute(update(SignInSession).values(expires_at=now() - timedelta(hours=1)))
    sign_in(client, ann)
    with app.app_context():
        ends = db.session.execute(select(SignInSession.expires_at)).scalars().all()
    assert [end > now() for end in ends] == [True]


def test_a_sign_in_is_found_by_its_token_alone(app, ann):
    with app.app_context():
        token = sessions.start(ann, kept=False, user_agent="x" * 5000, address="192.0.2.1")
        found = sessions.resume(token)
        assert found is not None
        assert (found[0].id, len(found[1].user_agent)) == (ann.id, 300)
        assert sessions.resume(token + "x") is None
        assert sessions.resume("") is None


def test_nobody_is_given_the_number_of_an_ended_sign_in(app, ann, make_user):
    """What still has that number in hand would be about somebody else."""
    bob = make_user("bob")
    with app.app_context():
        sessions.start(ann, kept=False, user_agent="", address="")
        [ended] = sessions.of(ann)
        sessions.end(ann, ended.id)
        sessions.start(bob, kept=False, user_agent="", address="")
        [his] = sessions.of(bob)
        assert his.id > ended.id


def test_nobody_renews_anothers_sign_in(app, ann, make_user):
    bob = make_user("bob")
    with app.app_context():
        token = sessions.start(bob, kept=False, user_agent="", address="")
        [his] = sessions.of(bob)
        with pytest.raises(NotFound), transaction():
            sessions.renew_within(ann.id, his.id)
        assert sessions.resume(token)


def test_one_device_too_many_signs_out_the_one_not_used_for_longest(
    app, make_client, sign_in, ann, make_user, monkeypatch
):
    monkeypatch.setattr(sessions, "DEVICES_AT_ONCE", 3)
    bobs = sign_in(make_client(), make_user("bob"))
    devices = [sign_in(make_client(), ann) for _ in range(3)]
    heard: list[SessionEnded] = []
    subscribe(app, SessionEnded, heard.append)
    with app.app_context(), transaction() as session:
        used_last = select(SignInSession.id).where(SignInSession.user_id == ann.id).limit(1)
        long_ago = now() - timedelta(minutes=3)
        others = update(SignInSession).where(SignInSession.id != used_last.scalar_subquery())
        session.execute(others.values(last_seen_at=long_ago))
        # By the clock of another worker.
        first = update(SignInSession).where(SignInSession.id == used_last.scalar_subquery())
        session.execute(first.values(last_seen_at=now() + timedelta(hours=1)))
    devices.append(sign_in(make_client(), ann))
    assert [is_in(device) for device in devices] == [True, False, True, True]
    assert len(heard) == 1
    assert is_in(bobs)
