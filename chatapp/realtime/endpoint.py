"""The door at `/ws`: flask-sock's route, with every handshake checked before it is answered.

The reasons a handshake can fail are plain HTTP answers; once it is accepted, close codes speak.
"""

import base64
import binascii
import hashlib
import logging
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Flask, Response, current_app, request, session
from flask_sock import Sock
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from chatapp.database import let_go
from chatapp.domain import rates, sessions
from chatapp.domain.errors import TooMany
from chatapp.headers import SafeResponse
from chatapp.realtime.connection import Connection, Phase
from chatapp.realtime.protocol import PageState, Subscribe
from chatapp.realtime.service import Realtime, StrangerError, UnsettledError, realtime
from chatapp.request import client_network

log = logging.getLogger(__name__)

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
RETRY_SECONDS = 5
# Who has too many tabs open will not have closed them sooner.
SHARE_SECONDS = 30


class CheckedSock(Sock):
    """flask-sock's route, with our handshake and our connection instead of its own.

    The decorated function is called once the request is a good handshake; it answers it.
    """

    def route(self, path: str, bp: Any = None, **options: Any) -> Callable[..., Any]:
        def decorator(view: Callable[[], Response]) -> Callable[..., Any]:
            def upgrade() -> Response:
                check_upgrade()
                return view()

            def refuse() -> Response:
                raise speaks_websocket()

            target: Any = bp or self.app
            target.add_url_rule(path, "socket", upgrade, websocket=True, **options)
            # Without this rule, what does not ask for an upgrade would get a bare 400.
            target.add_url_rule(path, "socket_refused", refuse, **options)
            return view

        return decorator


class Asked(NamedTuple):
    """What a page says in the address of its socket."""

    state: PageState
    room: Subscribe | None


class Taken(SafeResponse):
    """The answer to a handshake that was accepted: the server must not answer any more."""

    # No page: nothing is worth saying about what it may load.
    default_mimetype = None

    def __init__(self) -> None:
        super().__init__(status=101)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if "gunicorn.socket" in environ:
            # gunicorn's sign for "let go of this connection", and it logs nothing.
            raise StopIteration
        # The development server has closed the socket by now, and notices as it tries to answer.
        self.status_code = 200
        return super().__call__(environ, start_response)


def init_app(app: Flask) -> None:
    """Register the socket's route."""
    sock = CheckedSock(app)
    sock.route("/ws", methods=["GET"])(listen)


def listen() -> Response:
    """One browser begins to listen."""
    check_origin()
    # Where Flask-Login keeps it; who it belongs to is asked together with what the welcome needs.
    token = session.get("_user_id")
    if not token:
        raise stranger()
    check_rate("SOCKET_ADDRESS", f"address:{client_network()}")
    live = realtime()
    check_capacity(live)
    sock, asked = find_socket(), _asked(request.query_string)
    connection, welcome = prepare(live, sessions.hash_of(token), asked.state)
    try:
        live.share_allowances(connection, client_network())
        if asked.room is not None:
            live.listener.follow(connection, asked.room)
        check_again(live, connection)
        live.open(connection, sock, accepted() + welcome)
    except BaseException as error:
        # It counts as listening since it was prepared, and nothing else would end it.
        live.forget(connection)
        if isinstance(error, OSError):
            # The browser went away meanwhile: there is nobody to answer.
            return Taken()
        raise
    live.sockets.start(connection)
    return Taken()


# After a restart, thousands come back who have the same room on screen, and the same of it.
@lru_cache(maxsize=200)
def _asked(query: bytes) -> Asked:
    values = MultiDict(parse_qsl(query.decode(errors="replace")))
    room, since = (values.get(name, type=int) for name in ("room", "since"))
    shown = None if room is None else Subscribe(room, since, values.get("epoch", ""))
    return Asked("away" if values.get("state") == "away" else "active", shown)


def prepare(
    live: Realtime, token_hash: bytes, state: PageState = "active"
) -> tuple[Connection, bytes]:
    """The connection and its welcome; few at a time, for each asks the database."""
    turns = live.sockets.turns
    if not turns.acquire(timeout=RETRY_SECONDS):
        raise busy()
    connection = None
    try:
        try:
            connection, welcome = live.prepare(token_hash, state)
        finally:
            try:
                # Nothing of the request stays with a socket that waits.
                let_go()
            finally:
                turns.release()
        check_rate("SOCKET", f"user:{connection.user_id}")
        check_share(live, connection.user_id)
    except BaseException as error:
        if connection:
            live.forget(connection)
        if isinstance(error, StrangerError):
            raise stranger() from None
        if isinstance(error, UnsettledError):
            raise busy() from None
        raise
    return connection, welcome


def check_upgrade() -> None:
    """Refuses what is no WebSocket handshake (RFC 6455, section 4.2.1)."""
    if request.headers.get("Sec-WebSocket-Version") != "13":
        raise speaks_websocket()
    if request.environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        raise refused(400, "WebSocket needs HTTP/1.1.")
    try:
        key = base64.b64decode(request.headers.get("Sec-WebSocket-Key", ""), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 16:
        raise refused(400, "Sec-WebSocket-Key must be 16 bytes in base64.")


def check_origin() -> None:
    """Only our own pages may listen: a foreign page would do it with the visitor's cookie."""
    own = current_app.config.get("BASE_URL") or f"{request.scheme}://{request.host}"
    allowed = {own, *current_app.config.get("ALLOWED_ORIGINS", ())}
    if request.headers.get("Origin", "").lower() not in {one.lower() for one in allowed}:
        raise refused(403, "This page may not listen here.")


def check_rate(rule: str, key: str) -> None:
    """Refuses whoever opens sockets too often."""
    try:
        rates.spend(rule, key)
    except TooMany as error:
        raise refused(429, str(error), Retry_After=str(error.retry_after)) from None


def check_share(live: Realtime, user_id: int) -> None:
    """One person may hold so many sockets, the one that asks among them."""
    most = current_app.config["SOCKETS_PER_PERSON"]
    if len(live.hub.connections_of(user_id)) > most:
        text = f"You are listening in {most} places already. Close some of them first."
        raise refused(429, text, Retry_After=str(SHARE_SECONDS))


def check_capacity(live: Realtime, own: int = 0) -> None:
    """Pages keep answering while sockets are full, or the worker is about to leave.

    `own`: how many of the sockets that are counted are the one that asks.
    """
    if live.stopping or len(live.hub.connections) - own >= live.capacity:
        raise busy()


def check_again(live: Realtime, connection: Connection) -> None:
    """While it waited the worker may have begun to leave, or filled up, or the sign-in ended."""
    check_capacity(live, own=1)
    if connection.phase is not Phase.OPENING:
        raise busy()


def stranger() -> HTTPException:
    return refused(401, "Sign in first.")


def busy() -> HTTPException:
    text = "No room for another listener here. Try again soon."
    return refused(503, text, Retry_After=str(RETRY_SECONDS))


def speaks_websocket() -> HTTPException:
    headers = {"Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    return refused(426, "This address speaks WebSocket, version 13.", **headers)


def refused(status: int, text: str, **headers: str) -> HTTPException:
    """An answer for a program: no page, no cookie."""
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTPException(response=Response(text + "\n", status, lines, mimetype="text/plain"))


def find_socket() -> Any:
    """The request's own socket, if this kind of worker can spare it."""
    environ = request.environ
    if "werkzeug.socket" in environ:
        return environ["werkzeug.socket"]
    sock = environ.get("gunicorn.socket")
    gevent = sys.modules.get("gevent.socket")
    if gevent is None or type(sock) is not gevent.socket:
        log.error("Sockets need gunicorn's gevent worker, with TLS ended in front of it.")
        raise refused(503, "This worker cannot serve sockets.")
    return sock


def accepted() -> bytes:
    """The answer to a good handshake. No extension is ever accepted."""
    key = request.headers["Sec-WebSocket-Key"].strip().encode()
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
