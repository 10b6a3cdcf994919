"""Whatever holds the loop for 50 ms is counted and logged with its stack."""

import json
import os
import signal
import socket
import sys
import threading
import time
import weakref

import pytest

from chatapp.realtime import loop_watch
from chatapp.realtime.loop_watch import INNERMOST_FRAMES, LoopWatch, stack_of, told
from chatapp.realtime.stalls import STALL_SECONDS, Stall, Stalls
from tests.builders.people import new_user
from tests.builders.rooms import new_room
from tests.realtime.browsers import eventually


@pytest.fixture
def server(make_server):
    server = make_server(start=False, LOG_FORMAT="json")
    server.application = "tests.realtime.stalling:app"
    server.start()
    server.build(new_user, "ann", role="admin")
    return server


@pytest.fixture
def ann(server):
    ann = server.visitor("ann")
    # What is done for the first time takes its time.
    ann.get("/workspace/health")
    return ann


def stalls(server) -> list[dict]:
    """The lines about stalls in the server's log."""
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "the loop stood still"]


def soon(look):
    """What `look` finds, once it finds something."""
    found = []
    eventually(lambda: bool(found.extend([look()]) or found[-1]))
    return found[-1]


def logged(server, function: str) -> dict:
    """The line about the stall in which that function held the loop."""
    return soon(lambda: next((line for line in stalls(server) if function in str(line)), None))


def test_work_that_holds_the_loop_is_logged_with_its_name(server, ann):
    assert ann.get("/work/120").ok
    line = logged(server, " work_without_a_pause")
    assert 120 <= line["ms"]
    assert line["ran_ms"] + line["waited_ms"] > 60
    assert line["level"] == "warning"


def test_a_call_that_does_not_give_way_is_told_from_work(server, ann):
    assert ann.get("/wait/120").ok
    line = logged(server, "wait_without_giving_way")
    assert line["cause"] == "wait"
    assert line["ran_ms"] < 60


def test_a_stall_is_on_the_health_page(server, ann):
    def loop():
        return ann.get("/workspace/health").json()["loop"]

    before = loop()
    assert before["watched"]
    assert ann.get("/work/120").ok

    def counted(now):
        # Another stall, of a busy machine, may be the worst one for a moment.
        return now["worst_ms"] >= 120 and "work_without_a_pause" in str(now["last_stalls"])

    after = soon(lambda: counted(now := loop()) and now)
    assert after["stalls"] > before["stalls"]
    assert after["stalled_ms"] >= before["stalled_ms"] + 120
    assert after["longest_p99_ms"] >= 120


def test_one_line_a_second_tells_how_many_more_there_were(server, ann):
    time.sleep(1.1)
    count, began = len(stalls(server)), time.monotonic()
    for _ in range(5):
        ann.get("/work/60")
    lines_at_most = time.monotonic() - began + 3
    time.sleep(1.1)
    ann.get("/work/60")
    line = soon(lambda: next((line for line in stalls(server)[count:] if "more" in line), None))
    assert line["more"] >= 1
    assert len(stalls(server)) - count <= lines_at_most


def test_a_worker_with_the_watch_leaves_in_time(server, ann):
    ann.get("/work/60")
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 3
    assert "Traceback" not in server.log


def test_requests_that_come_at_the_same_moment_take_turns(server, ann):
    """Each holds the loop for some 8 ms, thirty in a row would hold it for 240."""
    request = f"GET /work/8 HTTP/1.1\r\nHost: {server.url[7:]}\r\nCookie: {ann.cookie}\r\n\r\n"
    lines = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(30)]
    for line in lines:
        # All are accepted, and wait for their next request.
        line.sendall(request.encode())
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")
    time.sleep(1.1)
    before, (worker,) = len(stalls(server)), server.worker_pids()
    os.kill(worker, signal.SIGSTOP)
    for line in lines:
        line.sendall(request.encode())
    os.kill(worker, signal.SIGCONT)
    for line in lines:
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")
        line.close()
    time.sleep(1.1)
    assert [one for one in stalls(server)[before:] if one["ran_ms"] >= STALL_SECONDS * 1_000] == []


def test_of_many_looks_the_stack_is_what_was_seen_most():
    looks = [("a.py:1 first", "b.py:1 caller"), *[("c.py:2 long", "b.py:2 caller")] * 2]
    facts = told(Stall(0.2, 0.2, 0.0, looks))
    assert facts["stack"] == ["c.py:2 long", "b.py:2 caller"]
    assert facts["also"] == ["a.py:1 first"]
    assert "also" not in told(Stall(0.2, 0.2, 0.0, looks[1:]))
    assert told(Stall(0.2, 0.2, 0.0))["stack"] == []


def test_a_stack_names_our_callers_beyond_the_innermost_frames():
    def deep(levels):
        return deep(levels - 1) if levels else stack_of(sys._getframe())

    stack = deep(8)
    assert stack[0].startswith("test_stalls.py:") or "tests/realtime/test_stalls.py:" in stack[0]
    assert stack[0].endswith(" deep")
    assert len(stack) == INNERMOST_FRAMES


LONG_TEXTS = ("- a\n- b\n" * 1_000, "**bold** and _it_ " * 500, "*a_" * 3_000)
CODE = "```{}\nconst x = {{a: 1}}\n```"


def test_what_people_do_holds_the_loop_for_less_than_a_stall(make_server):
    """One thing at a time, so that a stall has one cause. Only our own work counts: the machine
    that runs the tests, and its disk, may be busy."""
    server = make_server(LOG_FORMAT="json")
    ann = server.build(new_user, "ann", role="admin")
    room = f"/rooms/{server.build(new_room, 'quay', members=[ann]).id}"
    visitor = server.visitor("ann")
    # Until it is warm.
    time.sleep(3)
    before = len(stalls(server))
    texts = ["Good morning", "https://example.org/a", *LONG_TEXTS]
    texts += [CODE.format(language) for language in ("python", "css", "ts", "kotlin", "sql")]
    for number, text in enumerate(texts):
        values = {"body": text, "client_key": f"stalls-{number:04}"}
        assert visitor.submit(f"{room}/messages", values).status_code == 303
    paths = ("/", room, "/searches?q=bold", "/searches?q=a", "/rooms", "/people", "/profile")
    paths += ("/sessions", "/workspace", f"{room}/edit", f"{room}/members", "/sidebar", "/nothing")
    for path in paths * 2:
        assert visitor.get(path).status_code in (200, 404), path
    time.sleep(1.1)
    guilty = [line for line in stalls(server)[before:] if line["ran_ms"] >= STALL_SECONDS * 1_000]
    assert guilty == []


@pytest.mark.parametrize(
    ("ran", "waited", "cause"), [(0.09, 0.0, "work"), (0.02, 0.07, "machine"), (0.01, 0.0, "wait")]
)
def test_a_stall_says_why(ran, waited, cause):
    assert Stall(0.1, ran, waited).cause == cause


def test_the_record_knows_the_bad_seconds():
    record = Stalls()
    assert record.longest(0.99) == 0
    for second in range(100):
        record.end_second(0.2 if second == 50 else 0.01)
    assert record.longest(0.5) == 0.01
    assert record.longest(0.99) == 0.2
    assert record.worst_seconds == 0.2


@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75, 0.99])
def test_whenever_a_stall_begins_somebody_looks_in_time(monkeypatch, phase):
    clock = [100.0]
    monkeypatch.setattr(loop_watch.time, "monotonic", lambda: clock[0])
    watch = LoopWatch()
    watch._watchers, watch._thread_id = (object(),), threading.get_ident()
    watch._began = 100.0 + phase * loop_watch.LOOK_SECONDS
    # Threads of a busy process come a little late.
    end = watch._began + STALL_SECONDS - 0.005

    def sleep(seconds):
        clock[0] += seconds
        if clock[0] > end:
            watch._watchers, watch._began = (), 0.0

    watch._look(sleep)
    assert watch._seen[1]


def test_what_was_seen_to_hold_the_loop_is_not_kept_alive():
    class Held:
        """Such as a cursor, which holds its connection at what was in the database then."""

    held, end = [], threading.Event()

    def work():
        mine = Held()
        held.append(weakref.ref(mine))
        end.wait(5)

    worker = threading.Thread(target=work)
    worker.start()
    eventually(lambda: bool(held))
    watch = LoopWatch()
    watch._watchers, watch._thread_id = (object(),), worker.ident
    watch._began = time.monotonic() - 1
    looks, left = [], []

    def sleep(_seconds):
        looks.append(len(watch._seen[1]))
        if looks[-1]:
            end.set()
            worker.join()
            left.append(held[0]())
            watch._watchers = ()

    watch._look(sleep)
    assert looks[-1] == 1
    assert left == [None]
