"""`flask run --debug` serves the same sockets, one thread each."""

import os
import signal
import subprocess
import sys

import pytest

from tests.realtime.browsers import eventually
from tests.servers import ROOT


@pytest.fixture
def development(make_server):
    """The development server on fresh data, with its reloader and debugger."""
    server = make_server(start=False)
    command = [sys.executable, "-m", "flask", "--app", "wsgi:app", "run", "--debug"]
    with server.log_path.open("ab") as log:
        process = subprocess.Popen(
            [*command, "--port", str(server.port)],
            cwd=ROOT,
            env=server.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    eventually(server.is_up, 30)
    yield server
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(10)


def test_two_people_hear_each_other(development, make_place):
    place = make_place(development)
    ann, bob = place.person("ann"), place.person("bob")
    room = place.room(ann, bob)
    anns, bobs = ann.open(room), bob.open(room)
    answer = ann.post(room, "hello")
    for tab in (anns, bobs):
        assert tab.expect("message")["html"] == answer["html"]
    bobs.say("typing", room=room)
    assert anns.expect("typing", user=bob.id)
    assert anns.expect("beat", seconds=8)
    bobs.leave(1000)
    bob.visitor.submit("/sign-out")
    eventually(lambda: bob.id in anns.expect("presence", seconds=8)["offline"], 8)
    assert anns.expect("head", room=room)
    ann.visitor.submit("/sign-out")
    assert anns.expect_end().code == 4001
