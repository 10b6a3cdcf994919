"""A handshake whose circumstances change while it waits leaves nothing behind."""

import socket
import struct
from collections.abc import Iterator

import pytest
from flask import Flask, session

from chatapp.domain import sessions
from chatapp.realtime import endpoint
from chatapp.realtime.service import Realtime
from tests.builders.people import new_user


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

    def knock(sock: object):
        monkeypatch.setattr(endpoint, "find_socket", lambda: sock)
        headers = {"Origin": "http://localhost", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        with app.test_request_context("/ws", headers=headers):
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


def test_a_browser_that_resets_its_handshake_is_not_there(live, handshake):
    with reset_socket() as sock:
        assert handshake(sock).status_code == 101
    assert not live.hub.connections
    assert not live.hub.people


def test_a_handshake_that_fails_otherwise_is_not_there_either(live, handshake):
    with pytest.raises(AttributeError):
        handshake(None)
    assert not live.hub.connections
