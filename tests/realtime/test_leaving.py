"""A worker that leaves: who only waits for a next request is sent away, nobody else."""

from contextlib import nullcontext
from itertools import chain
from types import SimpleNamespace

import gevent
import pytest
from gevent import socket
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from gunicorn.workers import ggevent
from werkzeug.exceptions import RequestTimeout

from chatapp.domain.gathering import Turns, taken_in_time
from chatapp.realtime import workers
from chatapp.request import ChatRequest


@pytest.fixture
def worker():
    """As gunicorn's, told to leave, with what waits at it."""
    realtime = SimpleNamespace(stop=lambda: None)
    worker = SimpleNamespace(cfg=SimpleNamespace(keepalive=60), alive=False, sockets=[])
    worker.wsgi = SimpleNamespace(extensions={"realtime": realtime})
    worker.idle, worker.forms = workers._track_idle(worker), workers._track_forms()
    worker.turns = workers._track_turns()
    yield worker
    ChatRequest.reading = nullcontext()
    Turns.wait_for = staticmethod(taken_in_time)


def connection(worker, arrived):
    """As gunicorn reads a request and answers it; the answer takes a few turns of the loop."""
    with worker.timeout_ctx():
        arrived.wait()
    if not arrived.is_set():
        return "sent away"
    gevent.sleep(0.01)
    return "answered"


def begin(worker, arrived):
    greenlet = gevent.spawn(connection, worker, arrived)
    gevent.sleep(0)
    assert greenlet in worker.idle.waiting
    return greenlet


def test_waiting_for_a_next_request_ends(worker):
    waiting = begin(worker, Event())
    workers._leave_in_time(worker, worker.idle, worker.forms, worker.turns)
    assert waiting.get(timeout=5) == "sent away"


def test_a_request_that_has_just_begun_is_answered(worker):
    arrived = Event()
    begun = begin(worker, arrived)
    # The loop has seen it come, a moment before the worker turns to those who wait.
    arrived.set()
    workers._leave_in_time(worker, worker.idle, worker.forms, worker.turns)
    assert begun.get(timeout=5) == "answered"


def test_who_is_answered_while_it_leaves_keeps_it_no_longer(worker):
    may_answer = Event()

    def serve():
        # Its request was under way before the worker was told to leave.
        may_answer.wait()
        with worker.timeout_ctx():
            Event().wait()
        return "sent away"

    served = gevent.spawn(serve)
    gevent.sleep(0)
    workers._leave_in_time(worker, worker.idle, worker.forms, worker.turns)
    assert not served.ready()
    may_answer.set()
    assert served.get(timeout=5) == "sent away"


def test_a_request_that_the_loop_has_not_seen_yet_is_answered(worker):
    """It lies in the kernel, since the loop was busy until now."""
    # It is made as the library is loaded: the type checker does not see it.
    pairs = [socket.socketpair() for _ in range(5)]  # ty: ignore[missing-attribute]
    served = [gevent.spawn(read_one, worker, ours) for ours, _ in pairs]
    gevent.sleep(0.01)
    assert all(greenlet in worker.idle.waiting for greenlet in served)
    for _, theirs in pairs:
        theirs._sock.send(b"GET / HTTP/1.1")
    workers._leave_in_time(worker, worker.idle, worker.forms, worker.turns)
    assert [greenlet.get(timeout=5) for greenlet in served] == [b"GET / HTTP/1.1"] * 5
    for end in chain.from_iterable(pairs):
        end.close()


def read_one(worker, line):
    with worker.timeout_ctx():
        return line.recv(100)
    return "sent away"


def test_who_has_waited_long_enough_is_sent_away_and_nobody_else(worker):
    worker.alive, worker.idle.seconds = True, 0.3
    first = begin(worker, Event())
    leaving = gevent.spawn(workers._leave_in_time, worker, worker.idle, worker.forms, worker.turns)
    gevent.sleep(0.2)
    second = begin(worker, Event())
    assert first.get(timeout=5) == "sent away"
    assert not second.dead
    assert second.get(timeout=5) == "sent away"
    worker.alive = False
    leaving.get(timeout=5)


def test_a_form_of_which_a_byte_comes_now_and_then_is_given_up(worker):
    worker.alive, worker.forms.seconds = True, 0.3
    leaving = gevent.spawn(workers._leave_in_time, worker, worker.idle, worker.forms, worker.turns)
    ours, theirs = socket.socketpair()  # ty: ignore[missing-attribute]

    def drip():
        while not form.dead:
            theirs.send(b"a")
            gevent.sleep(0.05)

    def read():
        about = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "1000", "gunicorn.socket": ours}
        about["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        with ours.makefile("rb") as stream, pytest.raises(RequestTimeout):
            _ = ChatRequest(about | {"wsgi.input": stream}).form
        return "given up"

    form = gevent.spawn(read)
    gevent.spawn(drip)
    assert form.get(timeout=5) == "given up"
    worker.alive = False
    leaving.get(timeout=5)
    ours.close()
    theirs.close()


def test_each_wait_begins_anew(worker):
    worker.alive, worker.idle.seconds = True, 0.3
    leaving = gevent.spawn(workers._leave_in_time, worker, worker.idle, worker.forms, worker.turns)

    def kept_busy():
        for _ in range(6):
            arrived = Event()
            gevent.spawn_later(0.1, arrived.set)
            answer = connection(worker, arrived)
            if answer != "answered":
                return answer
        return "answered each time"

    assert gevent.spawn(kept_busy).get(timeout=5) == "answered each time"
    worker.alive = False
    leaving.get(timeout=5)


def test_gunicorn_notices_at_once_that_it_is_to_leave(worker, monkeypatch):
    monkeypatch.setattr(ggevent, "gevent", gevent)
    worker.alive = True
    workers._notice_soon(worker)
    looking = gevent.spawn(ggevent.gevent.sleep, 60)
    gevent.sleep(3 * workers.LOOK_SECONDS)
    assert not looking.dead
    worker.alive = False
    looking.get(timeout=5)
    # From now on it waits for those who are still being answered.
    gevent.spawn(ggevent.gevent.sleep, 60).get(timeout=5)


def test_who_waits_for_a_turn_for_too_long_gives_up_and_nobody_else(worker):
    worker.alive, worker.turns.seconds = True, 0.3
    leaving = gevent.spawn(workers._leave_in_time, worker, worker.idle, worker.forms, worker.turns)
    locks = [taken(), taken()]
    given_up, served = (gevent.spawn(Turns.wait_for, lock, 5.0) for lock in locks)
    gevent.sleep(0.1)
    assert [*worker.turns.waiting] == [given_up, served]
    locks[1].release()
    assert served.get(timeout=5) is True
    assert given_up.get(timeout=5) is False
    assert not worker.turns.waiting
    worker.alive = False
    leaving.get(timeout=5)


def taken():
    """What is a lock under gevent; this process has none of those."""
    lock = BoundedSemaphore(1)
    lock.acquire()
    return lock
