"""A handshake whose circumstances change while it waits leaves nothing behind."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask, session
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from chatapp.domain import memberships, people, sessions, standing
from chatapp.extensions import db
from chatapp.models import User
from chatapp.realtime import endpoint
from chatapp.realtime.presence import GRACE_SECONDS
from chatapp.realtime.service import Realtime
from chatapp.realtime.sockets import WELCOMES
from tests.builders.people import new_user
from tests.builders.rooms import new_room


@pytest.fixture
def live(app: Flask, context: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Realtime]:
    """A process of its own, at whose door the handshakes of this test arrive."""
    live = Realtime(app)
    monkeypatch.setattr(endpoint, "realtime", lambda: live)
    yield live
    live.stop()


@pytest.fixture
def token() -> str:
    return sessions.start(new_user("ann"), kept=False, user_agent="", address="")


@pytest.fixture
def handshake(app: Flask, token: str, monkeypatch: pytest.MonkeyPatch):
    """Knocks with this socket; returns what is answered in HTTP."""

    def knock(sock: object, **environ: str):
        monkeypatch.setattr(endpoint, "find_socket", lambda: sock)
        headers = {"Origin": "http://localhost", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        with app.test_request_context("/ws", headers=headers, environ_base=environ):
            session["_user_id"] = token
            return endpoint.listen()

    return knock


def reset_socket() -> socket.socket:
    """The server's end of a connection that the browser has reset."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        browser = socket.create_connection(door.getsockname())
        ours, _ = door.accept()
    browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    browser.close()
    return ours


def _prepare(app: Flask, live: Realtime, token: str) -> None:
    with app.test_request_context("/ws"):
        endpoint.prepare(live, sessions.hash_of(token))


def test_a_browser_that_resets_its_handshake_is_not_there(live, handshake):
    with reset_socket() as sock:
        assert handshake(sock).status_code == 101
    assert not live.hub.connections
    assert not live.hub.people


def test_a_handshake_that_fails_otherwise_is_not_there_either(live, handshake):
    with pytest.raises(AttributeError):
        handshake(None)
    assert not live.hub.connections


def status(handshake, **environ: str) -> int:
    """With which status a handshake is refused."""
    with socket.socket() as sock, pytest.raises(HTTPException) as refused:
        handshake(sock, **environ)
    return refused.value.get_response().status_code


def test_one_person_holds_so_many_sockets(app, live, handshake, token):
    app.config["SOCKETS_PER_PERSON"] = 2
    held = [live.prepare(sessions.hash_of(token))[0] for _ in range(2)]
    assert status(handshake) == 429
    assert live.hub.connections == set(held)
    live.forget(held[0])
    with reset_socket() as sock:
        assert handshake(sock).status_code == 101


def test_a_network_counts_as_one_address(app, live, handshake, token):
    app.config |= {"RATE_SOCKET_ADDRESS": "2 per minute"}
    live.capacity = 0
    addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"]
    asked = [status(handshake, REMOTE_ADDR=address) for address in addresses]
    assert asked == [503, 503, 429, 503]


@pytest.mark.timeout(20)
def test_who_waits_for_the_door_too_long_is_told_when_to_come_again(
    app, live, handshake, token, monkeypatch
):
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", 1)
    entered, done = threading.Semaphore(0), threading.Event()
    prepare, inside = live.prepare, []

    def slowly(*asked):
        inside.append(1)
        entered.release()
        done.wait(10)
        return prepare(*asked)

    monkeypatch.setattr(live, "prepare", slowly)
    first = [threading.Thread(target=_prepare, args=[app, live, token]) for _ in range(WELCOMES)]
    for one in first:
        one.start()
    for _ in first:
        assert entered.acquire(timeout=5)
    with socket.socket() as sock, pytest.raises(HTTPException) as refused:
        handshake(sock)
    answer = refused.value.get_response()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert len(inside) == WELCOMES
    done.set()
    for one in first:
        one.join(10)
    assert len(live.hub.connections) == WELCOMES


@pytest.fixture
def meanwhile(live, monkeypatch):
    """Has something happen just after a handshake was prepared."""

    def set_up(happen) -> None:
        prepare = live.prepare

        def prepared(*asked):
            found = prepare(*asked)
            happen()
            return found

        monkeypatch.setattr(live, "prepare", prepared)

    return set_up


@pytest.mark.parametrize("what", ["stopping", "capacity"])
def test_a_handshake_that_waited_until_there_was_no_room_is_refused(
    live, handshake, meanwhile, what
):
    # What `stop` sends away was listed before this one: nobody would tell it.
    meanwhile(lambda: setattr(live, what, {"stopping": True, "capacity": 0}[what]))
    with socket.socket() as sock, pytest.raises(HTTPException) as refused:
        handshake(sock)
    live.stopping = False
    assert refused.value.get_response().status_code == 503
    assert not live.hub.connections


def test_who_was_put_out_while_another_tab_opened_stays_out(live, token, monkeypatch):
    """Both tabs are one person to the hub; what the second one has read is old by then."""
    ann = db.session.execute(select(User)).scalar_one()
    admin = new_user("bob", role="admin")
    room = new_room(members=[ann, admin], kind="closed")
    live.prepare(sessions.hash_of(token))
    of_sign_in = standing.of_sign_in

    def removed_meanwhile(token_hash: bytes) -> standing.Standing | None:
        monkeypatch.undo()
        found = of_sign_in(token_hash)
        memberships.remove(admin, room, ann.id)
        live.heads.catch_up()
        return found

    assert room.id in live.hub.people[ann.id].rooms
    monkeypatch.setattr(standing, "of_sign_in", removed_meanwhile)
    connection, _ = live.prepare(sessions.hash_of(token))
    assert room.id not in live.hub.people[ann.id].rooms
    assert live.hub.subscribe(connection, room.id) is None


def test_who_closed_the_last_tab_while_another_one_could_not_open_is_gone(live, token, monkeypatch):
    [first] = [live.prepare(sessions.hash_of(token))[0]]
    live.presence.update(first.user_id)

    def go_away(_token_hash: bytes) -> None:
        live.forget(first)
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    entered = live._enter

    def enter_and_be_behind(connection, found) -> None:
        entered(connection, found)
        monkeypatch.setattr(live, "_is_behind", lambda _found: True)
        monkeypatch.setattr(standing, "of_sign_in", go_away)

    monkeypatch.setattr(live, "_enter", enter_and_be_behind)
    with pytest.raises(OperationalError):
        live.prepare(sessions.hash_of(token))
    assert not live.hub.connections
    live.presence._clock = lambda: time.monotonic() + GRACE_SECONDS
    live.presence.tick()
    assert live.presence.state_of(first.user_id) == "offline"


def test_a_database_that_goes_away_after_a_welcome_was_read_spoils_neither_it_nor_the_next(
    app, live, token, monkeypatch
):
    def fail() -> None:
        raise OperationalError("ROLLBACK", {}, Exception("the server closed the connection"))

    for count in range(1, WELCOMES + 2):
        with app.test_request_context("/ws"), monkeypatch.context() as gone:
            gone.setattr(db.session, "remove", fail)
            endpoint.prepare(live, sessions.hash_of(token))
        assert len(live.hub.connections) == count


def test_a_database_that_went_back_while_nobody_listened_welcomes(live, token):
    live.heads.catch_up()
    live.heads.workspace_seq += 1_000
    connection, welcome = live.prepare(sessions.hash_of(token))
    assert b'"welcome"' in welcome
    live.forget(connection)


def test_what_was_decided_while_nobody_listened_is_not_held_against_whoever_comes(live, token):
    """Barred and let in again meanwhile, on another worker."""
    ann, boss = db.session.execute(select(User)).scalar_one(), new_user("boss", role="admin")
    connection, _ = live.prepare(sessions.hash_of(token))
    live.forget(connection)
    people.bar(boss, ann.id, "banned")
    people.restore(boss, ann.id)
    token = sessions.start(ann, kept=False, user_agent="", address="")
    connection, _ = live.prepare(sessions.hash_of(token))
    live.heads.catch_up()
    assert connection in live.hub.connections


def test_a_database_that_stays_behind_is_not_asked_for_ever(live, handshake, monkeypatch):
    live.heads.catch_up()
    live.heads.workspace_seq += 1_000
    monkeypatch.setattr(live.heads, "catch_up", lambda: None)
    with reset_socket() as sock, pytest.raises(HTTPException) as refused:
        handshake(sock)
    assert refused.value.get_response().status_code == 503
    assert not live.hub.connections
