"""What one socket may cost, and how the ones that cost more are sent away."""

import struct
import time

import pytest

from tests.measures import note
from tests.realtime.browsers import eventually, masked


def test_a_message_that_is_too_big_ends_the_socket(ann):
    tab = ann.open()
    tab.send(b"x" * (64 * 1024 + 1))
    assert tab.expect_end().code == 1009


def test_a_message_in_pieces_is_measured_as_a_whole(ann):
    tab = ann.open()
    tab.send(b"x" * 40_000, final=False)
    tab.send(b"x" * 40_000, 0)
    assert tab.expect_end().code == 1009


def test_a_length_is_refused_before_its_bytes_come(ann):
    tab = ann.open()
    tab.sock.sendall(struct.pack("!BBQ", 0x81, 0x80 | 127, 1 << 40))
    assert tab.expect_end(1).code == 1009


@pytest.mark.parametrize("opcode", [1, 0, 9, 10])
def test_a_flood_ends_the_socket(ann, opcode):
    tab = ann.open()
    if opcode == 0:
        tab.send(b"", 1, final=False)
    for _ in range(200):
        try:
            tab.send(b"", opcode, final=opcode != 0)
        except OSError:
            break
    assert tab.expect_end().code == 1008


def test_a_flood_costs_little(ann, place):
    tab = ann.open()
    before = place.memory
    frame = masked(b"x" * 60_000)
    deadline = time.monotonic() + 3
    tab.sock.settimeout(1)
    try:
        while time.monotonic() < deadline:
            tab.sock.sendall(frame)
    except OSError:
        pass
    grown = place.memory - before
    note("C16", "memory", grown, "bytes")
    assert grown < 32 * 1024 * 1024
    assert ann.open()


def test_binary_is_not_spoken_here(ann):
    tab = ann.open()
    tab.send(b"\x00", 2)
    assert tab.expect_end().code == 1003


def test_a_broken_frame_ends_the_socket(ann):
    tab = ann.open()
    tab.sock.sendall(b"\x81\x02{}")
    assert tab.expect_end().code == 1002


def test_text_that_is_not_utf8_ends_the_socket(ann):
    tab = ann.open()
    tab.send(b"\xff\xfe")
    assert tab.expect_end().code == 1007


def test_a_clean_close_is_answered(ann):
    tab = ann.open()
    tab.send(struct.pack("!H", 1000), 8)
    assert tab.expect_end().code == 1000
    tab.sock.settimeout(1)
    assert tab.sock.recv(1) == b""


def test_each_socket_leaves_one_line(place, ann):
    ann.open().leave()
    ann.open().drop()
    eventually(lambda: sorted(line["code"] for line in place.ended(ann)) == [1000, 1006])
    first = place.ended(ann)[0]
    assert first["frames_out"] >= 2
    assert first["seconds"] < 5
    assert ann.visitor.cookie.split("=")[1] not in place.log
