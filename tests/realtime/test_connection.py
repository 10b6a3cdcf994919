"""One socket over a pair of real ones: nothing waits, everything is bounded, frames are whole."""

import socket
import struct
import threading
import time

import pytest

from chatapp.realtime import connection as module
from chatapp.realtime.allowance import FRAME_BYTES, Allowance
from chatapp.realtime.connection import Connection, Limits, Phase
from chatapp.realtime.frames import text_frame
from tests.realtime.browsers import masked

LIMITS = Limits(outbox_frames=8, outbox_bytes=1 << 20, burst=5, frames_a_second=1.0)


class Loop:
    """A worker's sockets, moved by hand."""

    lock = staticmethod(threading.Lock)

    def __init__(self):
        self.heard, self.released, self.writing = [], [], []

    def watch_writable(self, connection):
        self.writing.append(connection)

    def watch_deadline(self, connection):
        pass

    def hand_over(self, connection, message):
        self.heard.append(message)

    def release(self, connection):
        connection.sock.close()
        self.released.append(connection.close_code)


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def ends(loop):
    """A connection that is open, and the browser's end of it."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ours.setblocking(False)
    theirs.settimeout(1)
    connection = Connection(loop, None, LIMITS)
    connection.sock = ours
    connection.open(b"")
    yield connection, theirs
    ours.close()
    theirs.close()


def receive(browser, connection, size: int) -> bytes:
    """So many bytes, while the connection writes what waits."""
    received = b""
    while len(received) < size:
        data = browser.recv(65_536)
        assert data, "It was closed."
        received += data
        connection.drain()
    return received


def close_code(wire: bytes) -> int:
    assert wire[0] == 0x88
    return struct.unpack("!H", wire[2:4])[0]


def test_what_is_sent_leaves_at_once(ends, loop):
    connection, browser = ends
    connection.send(text_frame(b"hello"))
    assert browser.recv(100) == text_frame(b"hello")
    assert loop.writing == []


def test_the_first_frame_goes_first(loop):
    ours, theirs = socket.socketpair()
    connection = Connection(loop, None, LIMITS)
    connection.sock = ours
    connection.send(b"second,")
    connection.send(b"third")
    connection.open(b"first,")
    assert theirs.recv(100) == b"first,second,third"
    ours.close()
    theirs.close()


def test_what_the_socket_does_not_take_follows_later_and_whole(ends, loop):
    connection, browser = ends
    wires = [text_frame(bytes([65 + n]) * 30_000) for n in range(6)]
    for wire in wires:
        connection.send(wire)
    assert loop.writing == [connection]
    assert receive(browser, connection, sum(map(len, wires))) == b"".join(wires)
    assert connection.drain()
    assert connection.phase is Phase.OPEN
    assert connection.deadline == float("inf")


def test_a_reader_that_is_too_slow_gets_the_frame_it_began_and_the_reason(ends):
    connection, browser = ends
    wire = text_frame(b"x" * 100_000)
    for _ in range(LIMITS.outbox_frames + 2):
        connection.send(wire)
    assert connection.phase is Phase.CLOSING
    received = receive(browser, connection, len(wire) + 4)
    assert received.startswith(wire)
    assert close_code(received[len(wire) :]) == 1013


def test_each_frame_counts_that_was_sent_together_with_others(ends):
    connection, _browser = ends
    connection.send(text_frame(b"x" * 100_000))
    connection.send(text_frame(b"x") * LIMITS.outbox_frames, LIMITS.outbox_frames)
    assert connection.phase is Phase.CLOSING
    assert connection.frames_out == 2 + LIMITS.outbox_frames + 1


def test_what_is_sent_while_it_opens_is_bounded(loop):
    connection = Connection(loop, None, LIMITS)
    connection.send(b"x" * LIMITS.outbox_bytes)
    assert connection.phase is Phase.OPENING
    connection.send(b"x")
    assert (connection.phase, connection.close_code) == (Phase.CLOSED, 1013)


def test_nothing_follows_our_close_where_too_much_waited_while_it_opened(loop):
    ours, theirs = socket.socketpair()
    theirs.settimeout(1)
    ours.setblocking(False)
    connection = Connection(loop, None, LIMITS)
    connection.sock = ours
    waiting, welcome = text_frame(b"m" * 100_000), text_frame(b"w" * LIMITS.outbox_bytes)
    for _ in range(LIMITS.outbox_frames - 1):
        connection.send(waiting)
    # It takes the rest of the outbox, and more.
    connection.open(welcome)
    assert connection.phase is Phase.CLOSING
    received = receive(theirs, connection, len(welcome) + 4)
    assert close_code(received[len(welcome) :]) == 1013
    assert not connection._outbox
    ours.close()
    theirs.close()


def test_a_peer_that_takes_nothing_is_cut(ends, loop):
    connection, _browser = ends
    for _ in range(5):
        connection.send(text_frame(b"x" * 100_000))
    assert connection.deadline <= time.monotonic() + module.SEND_SECONDS
    connection.expire()
    assert loop.released == [1013]


def test_a_peer_that_takes_whole_pieces_gets_more_time(ends, monkeypatch):
    connection, browser = ends
    for _ in range(7):
        connection.send(b"x" * 2_000)
    assert connection.is_behind
    clock = [time.monotonic() + 5]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    for _ in range(20):
        # The next write that succeeds takes a whole piece, and the one after it nothing.
        browser.recv(2_500)
        before = len(connection._outbox._pieces)
        connection.drain()
        if connection.is_behind and len(connection._outbox._pieces) < before:
            break
    else:
        pytest.fail("No whole piece left alone.")
    assert connection.deadline == clock[0] + module.SEND_SECONDS


def test_a_dead_peer_is_no_error(ends, loop):
    connection, browser = ends
    browser.close()
    connection.send(b"x")
    connection.send(b"x")
    assert connection.phase is Phase.CLOSED
    assert loop.released == [1006]


def test_a_ping_is_answered_with_its_own_words(ends):
    connection, browser = ends
    connection.feed(masked(b"still there?", 9))
    assert browser.recv(100) == b"\x8a\x0cstill there?"


def test_messages_are_handed_over_in_order(ends, loop):
    connection, _browser = ends
    connection.feed(masked(b"one") + masked(b"two"))
    assert loop.heard == ["one", "two"]


def test_a_close_is_answered_and_then_it_is_over(ends, loop):
    connection, browser = ends
    connection.feed(masked(struct.pack("!H", 1001), 8))
    assert close_code(browser.recv(100)) == 1001
    assert browser.recv(100) == b""
    assert loop.released == [1001]


def test_our_close_waits_for_the_answer(ends, loop):
    connection, browser = ends
    connection.close(4001, "signed out")
    assert close_code(browser.recv(100)) == 4001
    assert connection.phase is Phase.CLOSING
    connection.feed(masked(b"not heard any more"))
    connection.feed(masked(struct.pack("!H", 4001), 8))
    assert loop.heard == []
    assert loop.released == [4001]


def test_after_our_close_nothing_is_sent(ends):
    connection, browser = ends
    connection.close(1012)
    connection.send(text_frame(b"late"))
    assert b"late" not in browser.recv(100)


def test_who_answers_our_close_with_a_flood_is_cut(ends, loop):
    connection, _browser = ends
    connection.close(1012)
    for _ in range(module.DISCARD_BYTES // 60_000 + 1):
        connection.feed(masked(b"x" * 60_000, 2))
    assert loop.released == [1012]


def test_a_broken_protocol_stops_our_side_at_once(ends, loop):
    connection, browser = ends
    connection.feed(b"\x81\x05hello")
    assert close_code(browser.recv(100)) == 1002
    assert browser.recv(100) == b""
    connection.feed(b"")
    assert loop.released == [1002]


def test_frames_are_counted_over_time(ends):
    connection, browser = ends
    for _ in range(LIMITS.burst):
        connection.feed(masked(b"", 10))
    assert connection.phase is Phase.OPEN
    connection.feed(masked(b"", 10))
    assert close_code(browser.recv(100)) == 1008


def test_pieces_of_a_message_are_counted_too(ends):
    connection, browser = ends
    connection.feed(masked(b"", final=False) + masked(b"", 0, final=False) * LIMITS.burst)
    assert close_code(browser.recv(100)) == 1008


def test_bytes_count_for_all_sockets_of_a_person_before_they_are_a_frame(ends):
    connection, browser = ends
    connection.allowances.shared = (Allowance(5, 0.0, time.monotonic()),)
    begun = masked(b"x" * (6 * FRAME_BYTES), final=False)
    for at in range(0, 5 * FRAME_BYTES, 100):
        assert connection.phase is Phase.OPEN
        connection.feed(begun[at : at + 100])
    connection.feed(begun[5 * FRAME_BYTES : -1])
    assert close_code(browser.recv(100)) == 1008


def test_it_knows_since_when_it_waits_for_the_rest_of_a_message(ends):
    connection, _browser = ends
    assert connection.unfinished_since == float("inf")
    connection.feed(masked(b"one", final=False))
    assert connection.unfinished_since == connection.heard_at


def test_who_is_sent_off_while_it_opens_never_hears_the_welcome(loop):
    ours, theirs = socket.socketpair()
    connection = Connection(loop, None, LIMITS)
    connection.close(4003)
    connection.sock = ours
    connection.open(b"welcome")
    assert theirs.recv(100) == b""
    assert loop.released == [4003]
    theirs.close()
