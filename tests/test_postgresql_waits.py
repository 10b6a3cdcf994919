"""How a greenlet waits for PostgreSQL's socket: not at all where it is ready."""

import pytest
from psycopg import waiting

from chatapp import postgresql_waits
from tests.test_offload import run_patched

_GIVEN = """
import gevent, socket
from psycopg import OperationalError
from chatapp.postgresql_waits import READ, WRITE, wait
ours, servers = socket.socketpair()
ours.setblocking(False)
said = []

def asks(*signs):
    "A generator as psycopg's are: what it is told, it keeps."
    for sign in signs:
        said.append((yield sign))
    return "done"

def outcome(number):
    try:
        return wait(asks(READ), number)
    except OperationalError as error:
        return error
"""


def test_a_socket_that_is_ready_is_no_reason_to_let_others_go_first():
    told = run_patched(
        _GIVEN
        + """
servers.send(b"x")
gevent.spawn(said.append, "another")
print(wait(asks(WRITE, READ, READ | WRITE), ours.fileno()), said)
"""
    )
    assert told == "done [2, 1, 3]\n"


def test_others_go_on_until_there_is_something_to_read():
    told = run_patched(
        _GIVEN
        + """
def answer():
    said.append("another")
    servers.send(b"x")
gevent.spawn(answer)
print(wait(asks(READ), ours.fileno()), said)
"""
    )
    assert told == "done ['another', 1]\n"


@pytest.mark.parametrize("broken", ["servers.close()", "servers.shutdown(socket.SHUT_RDWR)"])
def test_an_end_is_something_to_read(broken):
    told = run_patched(
        _GIVEN + f"gevent.spawn(lambda: {broken})\nprint(wait(asks(READ), ours.fileno()))"
    )
    assert told == "done\n"


def test_a_socket_that_was_closed_here_is_an_error_of_the_connection():
    told = run_patched(
        _GIVEN
        + """
# A number that nobody else gets.
print(outcome(200))
"""
    )
    assert told == "connection socket closed\n"


def test_one_that_is_closed_here_meanwhile_is_noticed():
    told = run_patched(
        _GIVEN
        + """
import os
os.dup2(ours.fileno(), 200)
gevent.spawn(os.close, 200)
print(outcome(200))
"""
    )
    assert told == "connection socket closed\n"


def test_others_have_their_turn_while_one_reads_and_reads():
    told = run_patched(
        _GIVEN
        + """
import time
servers.send(b"x")
def reads_on():
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        yield READ
def ticks():
    while True:
        said.append("tick")
        gevent.sleep(0.001)
gevent.spawn(ticks)
wait(reads_on(), ours.fileno())
print(len(said) > 3)
"""
    )
    assert told == "True\n"


def test_whoever_gives_up_waiting_leaves_the_socket_to_the_next():
    told = run_patched(
        _GIVEN
        + """
with gevent.Timeout(0.01, False):
    wait(asks(READ), ours.fileno())
servers.send(b"x")
print(wait(asks(READ), ours.fileno()), said)
"""
    )
    assert told == "done [1]\n"


def test_psycopg_waits_so_only_where_threads_are_greenlets():
    asked = """
from psycopg import waiting
from chatapp import postgresql_waits
postgresql_waits.init_app()
print(waiting.wait is postgresql_waits.wait)
"""
    assert run_patched(asked) == "True\n"
    postgresql_waits.init_app()
    assert waiting.wait is not postgresql_waits.wait
