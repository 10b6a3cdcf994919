"""`gunicorn wsgi:app` in the project's folder serves with no flags."""

import os
import runpy
import signal
import socket
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import text

from chatapp import schema
from chatapp.extensions import db
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.realtime.browsers import Browser, eventually
from tests.servers import Server

# Before, each took seconds: as long as somebody sent, or 3 s for 800 KB of one header.
MOST_WAIT = 2.0


def test_a_real_server_starts_and_stops(server):
    assert server.visitor().get("/up").json() == {"status": "ok"}
    assert len(server.worker_pids()) == 1
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 3
    assert not server.is_up()
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "DROP TABLE alembic_version",
            "has no schema yet. End all servers that use it, then run `flask db upgrade`.",
        ),
        (
            "UPDATE alembic_version SET version_num = '0001'",
            f"has the schema 0001, and this version wants {schema.NEWEST}. End all servers that use"
            " it, then run `flask db upgrade`.",
        ),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "was made by a later version of chatapp (schema 9999) than this one (up to"
            f" {schema.NEWEST}). Update the code, or restore the backup made before.",
        ),
    ],
)
def test_a_database_of_another_schema_is_told_of_once_and_not_with_each_page(
    make_server, change, told
):
    server = make_server(workers=2, start=False)
    with server.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(change))
    with pytest.raises(AssertionError):
        server.start()
    assert server.process.wait(10) == 3
    assert server.log.count(f"chatapp does not start: the database {told}") == 1
    assert "Traceback" not in server.log


def test_a_server_that_serves_goes_on_where_a_new_version_wants_more(make_server):
    server = make_server()
    with server.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    before = server.worker_pids()
    os.kill(server.pid, signal.SIGHUP)
    eventually(lambda: not set(server.worker_pids()) & set(before), 20)
    server.wait_until_up()
    assert "This worker wants another schema: the database has the schema 0001" in server.log


def test_two_workers_serve_one_database(make_server):
    server = make_server(workers=2)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: requests.get(f"{server.url}/up").status_code, range(40)))
    assert set(answers) == {200}
    assert len(server.worker_pids()) == 2


def test_nothing_is_imported_before_gevent_patches(server):
    assert "MonkeyPatchWarning" not in server.log


def test_pages_answer_while_two_hundred_sockets_are_open(server):
    ann = server.build(new_user, "ann")
    room = server.build(new_room, "kitchen", members=[ann])
    visitor = server.visitor("ann")
    sockets = [Browser(visitor) for _ in range(200)]
    seconds = []
    for _ in range(100):
        began = time.monotonic()
        assert visitor.get(f"/rooms/{room.id}").ok
        seconds.append(time.monotonic() - began)
    assert sorted(seconds)[98] < 0.5
    assert all(browser.expect("welcome") for browser in sockets)
    for browser in sockets:
        browser.drop()


def test_nobodys_headers_move_the_path_or_the_scheme(server):
    """gunicorn's defaults believe some of whoever connects from this machine, as a proxy does."""
    forged = {
        "SCRIPT_NAME": "/elsewhere",
        "PATH_INFO": "/up",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Ssl": "on",
        "X-Forwarded-Protocol": "ssl",
    }
    server.build(new_user, "ann")
    plain, other = (
        requests.get(f"{server.url}/sign-in", headers=headers, timeout=5)
        for headers in ({}, forged)
    )
    assert other.status_code == 200
    assert "Strict-Transport-Security" not in other.headers
    assert "elsewhere" not in other.text
    assert other.text.count("/static/") == plain.text.count("/static/") > 0


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "Cookie", "X-CSRFToken"])
def test_a_head_that_nobody_needs_is_refused_unread(server, name):
    # gunicorn puts lines of one name together.
    lines = f"{name}: {'a,' * 4_000}\r\n" * 40
    with waited_for(server) as waits:
        for _ in range(5):
            answer = told(server, f"GET /nowhere HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 431 ")
    assert max(waits) < MOST_WAIT
    lines = f"Cookie: {'a' * 4_000}\r\n"
    answer = told(server, f"GET /up HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("head", ["POST /sign-in", "GET /favicon.ico"])
def test_a_body_without_end_stops_nobody(server, head):
    head = f"{head} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    with waited_for(server) as waits, connected(server) as line:
        line.sendall(head.encode())
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_most(line)
    assert max(waits) < MOST_WAIT


def send_most(line: socket.socket) -> None:
    """Half of what was announced, unless one is cut off."""
    for _ in range(2_000):
        line.sendall(bytes(256 * 1024))


@contextmanager
def waited_for(server: Server) -> Generator[list[float]]:
    """How long others wait for their answers meanwhile."""
    waits, over = [], Event()

    def ask() -> None:
        while not over.is_set() or not waits:
            began = time.monotonic()
            assert requests.get(f"{server.url}/up", timeout=20).ok
            waits.append(time.monotonic() - began)

    asking = Thread(target=ask)
    asking.start()
    try:
        yield waits
    finally:
        over.set()
        asking.join()


@contextmanager
def connected(server: Server) -> Generator[socket.socket]:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        yield line


def told(server: Server, request: bytes) -> bytes:
    """The beginning of what it answers."""
    with connected(server) as line:
        line.sendall(request)
        return line.recv(4_096)


def test_a_host_that_can_be_none_is_told_so(server):
    answer = told(server, b"GET /searches?q=canary HTTP/1.1\r\nHost: a..b\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"problem+json" in answer
    assert "canary" not in server.log
    assert "Traceback" not in server.log


@pytest.mark.parametrize("path", ["/rooms//1", "/join//abc"])
def test_two_slashes_lead_nowhere_else(server, path):
    answer = told(server, f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"Location" not in answer


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has it")
def test_what_is_accepted_is_given_up_when_nothing_is_taken():
    settings = runpy.run_path("gunicorn.conf.py")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings["when_ready"](SimpleNamespace(LISTENERS=[SimpleNamespace(sock=listening)]))
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            option = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert option == settings["UNTAKEN_MILLISECONDS"]
