"""A worker that stops says so to every socket (1012), and is gone within three seconds."""

import os
import signal
import socket
import time

import pytest
import requests

from tests.realtime.browsers import eventually

STOP_SECONDS = 3.0


@pytest.fixture
def place(server, make_place):
    return make_place(server)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGQUIT"])
def test_stopping_sends_every_browser_away_to_come_back(place, server, name):
    ann = place.person("ann")
    tabs = [ann.open() for _ in range(5)]
    # A browser's idle keep-alive connection must not hold up the stop.
    idle = requests.Session()
    idle.get(f"{server.url}/up", timeout=5)
    began = time.monotonic()
    os.kill(server.pid, getattr(signal, name))
    for tab in tabs:
        assert tab.expect_end(STOP_SECONDS).code == 1012
    wait_for_end(server)
    assert time.monotonic() - began < STOP_SECONDS
    idle.close()


def test_control_c_reaches_workers_and_master_and_ends_them_cleanly(make_server, make_place):
    server = make_server(workers=2)
    ann = make_place(server).person("ann")
    tabs = [ann.open() for _ in range(4)]
    for pid in (*server.worker_pids(), server.pid):
        os.kill(pid, signal.SIGINT)
    for tab in tabs:
        assert tab.expect_end(STOP_SECONDS).code == 1012
    wait_for_end(server)


def test_a_reload_moves_browsers_to_the_new_worker(place, server):
    ann = place.person("ann")
    tab = ann.open()
    old = server.worker_pids()
    os.kill(server.pid, signal.SIGHUP)
    assert tab.expect_end(5).code == 1012
    eventually(lambda: not set(old) & set(server.worker_pids()), STOP_SECONDS)
    assert ann.open()


def test_a_worker_that_is_replaced_after_its_requests_says_so(make_server, make_place):
    server = make_server(workers=2, MAX_REQUESTS="60")
    ann = make_place(server).person("ann")
    tabs = [ann.open() for _ in range(4)]
    old = set(server.worker_pids())

    def replaced():
        # Which of the two takes a request is the system's choice: ask until both had enough.
        assert requests.get(f"{server.url}/up", timeout=20).status_code < 500
        return not old & set(server.worker_pids())

    eventually(replaced, 60)
    for tab in tabs:
        assert tab.expect_end(8).code == 1012
    assert ann.open()


def test_a_slow_reader_does_not_hold_up_the_stop(place, server):
    ann = place.person("ann")
    room = place.room(ann)
    tab = ann.open(room)
    tab.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(40):
        ann.post(room, "x" * 9_000)
    began = time.monotonic()
    os.kill(server.pid, signal.SIGTERM)
    wait_for_end(server)
    assert time.monotonic() - began < STOP_SECONDS


def wait_for_end(server):
    process, server.process = server.process, None
    process.wait(10)
