"""`gunicorn wsgi:app` in the project's folder serves with no flags."""

import time
from concurrent.futures import ThreadPoolExecutor

import requests


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
