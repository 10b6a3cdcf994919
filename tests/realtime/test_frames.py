"""Bytes to messages, however they are cut; what breaks RFC 6455 is refused with its close code."""

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.realtime import frames
from chatapp.realtime.frames import FrameReader, ProtocolError
from tests.realtime.browsers import masked

LIMIT = 1000


def read(*pieces: bytes):
    reader = FrameReader(LIMIT)
    return [frame for piece in pieces for frame in reader.feed(piece)]


def refusal(*pieces: bytes) -> int:
    with pytest.raises(ProtocolError) as refused:
        read(*pieces)
    return refused.value.code


def test_messages_arrive_whole():
    assert read(masked(b"hello") + masked(b"\x00\xff", 2)) == [
        (frames.TEXT, "hello"),
        (frames.BINARY, b"\x00\xff"),
    ]


@given(st.lists(st.text(max_size=300), min_size=1), st.integers(1, 50))
def test_it_does_not_matter_how_the_bytes_are_cut(texts, step):
    wire = b"".join(masked(text.encode()) for text in texts)
    pieces = [wire[at : at + step] for at in range(0, len(wire), step)]
    assert read(*pieces) == [(frames.TEXT, text) for text in texts]


def test_pieces_are_joined_and_control_frames_may_stand_between():
    wire = masked(b"one ", final=False) + masked(b"!", 9) + masked(b"two", 0)
    assert read(wire) == [(frames.PART, None), (frames.PING, b"!"), (frames.TEXT, "one two")]


def test_a_character_may_be_cut_in_two():
    snowman = "☃".encode()
    wire = masked(snowman[:1], final=False) + masked(snowman[1:], 0)
    assert read(wire)[-1] == (frames.TEXT, "☃")


@pytest.mark.parametrize("text", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_text_that_is_not_utf8_is_refused(text):
    assert refusal(masked(text)) == 1007


def test_what_waits_for_its_end_takes_no_more_than_it_took_on_the_wire():
    """As text, all would take four bytes a letter: one that needs them is enough."""
    text = "a" * 900 + "\N{GRINNING FACE}"
    assert sys.getsizeof(text) > 3_600
    reader = FrameReader(LIMIT)
    assert [*reader.feed(masked(text.encode(), final=False))] == [(frames.PART, None)]
    assert sum(map(sys.getsizeof, reader._message)) < 1_000


def test_it_says_since_when_a_message_is_unfinished():
    message = masked(b"one", final=False) + masked(b"!", 9) + masked(b"two", 0)
    reader, began = FrameReader(LIMIT), []
    for at in range(len(message)):
        began.append(reader.began)
        list(reader.feed(message[at : at + 1], at))
    assert began == [float("inf")] + [0] * (len(message) - 1)
    assert reader.began == float("inf")
    list(reader.feed(message[:-1], 1))
    # Behind the end of one, the next has begun just now.
    list(reader.feed(message[-1:] + message[:1], 2))
    assert reader.began == 2


def test_wrong_text_is_refused_before_its_message_ends():
    assert refusal(masked(b"\xff", final=False)) == 1007


BREACHES = {
    "not masked": b"\x81\x05hello",
    "a reserved bit": b"\xc1\x80\0\0\0\0",
    "an unknown opcode": b"\x83\x80\0\0\0\0",
    "a control frame in pieces": masked(b"", 9, final=False),
    "a control frame that is too long": masked(b"x" * 126, 9),
    "a continuation of nothing": masked(b"x", 0),
    "a message inside a message": masked(b"x", final=False) + masked(b"y"),
    "half a close code": masked(b"\x03", 8),
    "a close code that is never sent": masked(struct.pack("!H", 1005), 8),
    "a close code too low": masked(struct.pack("!H", 999), 8),
    "a close code too high": masked(struct.pack("!H", 5000), 8),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_what_breaks_the_protocol_is_refused(breach):
    assert refusal(BREACHES[breach]) == 1002


def test_a_close_frame_tells_its_code():
    assert read(masked(struct.pack("!H", 4001) + b"bye", 8)) == [(frames.CLOSE, 4001)]
    assert read(masked(b"", 8)) == [(frames.CLOSE, None)]
    assert refusal(masked(struct.pack("!H", 1000) + b"\xff", 8)) == 1007


def test_too_big_is_refused_by_its_head_alone():
    assert read(masked(b"x" * LIMIT)) == [(frames.TEXT, "x" * LIMIT)]
    assert refusal(masked(b"x" * (LIMIT + 1))[:6]) == 1009
    assert refusal(masked(b"x" * 600, final=False) + masked(b"x" * 600, 0)[:6]) == 1009


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_what_we_send_has_the_shortest_head(size):
    wire = frames.text_frame(b"x" * size)
    head = 2 if size < 126 else 4 if size < 65_536 else 10
    assert wire[0] == 0x81
    assert len(wire) == head + size


def test_a_reason_is_cut_between_characters():
    wire = frames.close_frame(1000, "é" * 100)
    assert wire[1] <= 125
    assert wire[4:].decode()
