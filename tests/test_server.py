"""`gunicorn wsgi:app` in the project's folder serves with no flags."""

import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.realtime.browsers import Browser


def test_a_real_server_starts_and_stops(server):
    assert server.visitor().get("/up").json() == {"status": "ok"}
    assert len(server.worker_pids()) == 1
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 3
    assert not server.is_up()
    assert "Traceback" not in server.log


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
