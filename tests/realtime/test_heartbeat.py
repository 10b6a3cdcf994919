"""The beat, with a clock moved by hand: who is there, who is not, and what a beat carries."""

import json
import time

import pytest

from chatapp.realtime.connection import Phase
from chatapp.realtime.heartbeat import (
    BEAT_SECONDS,
    MESSAGE_SECONDS,
    SILENT_SECONDS,
    SLICES,
    Heartbeat,
)
from chatapp.realtime.hub import Hub
from tests.realtime.listeners import Listening

STEP = BEAT_SECONDS / SLICES


class Tab(Listening):
    """A connection that stays open until it is cut."""

    def __init__(self, user_id: int, now: float):
        super().__init__(user_id)
        self.phase, self.expires, self.heard_at = Phase.OPEN, float("inf"), now

    def expire(self) -> None:
        self.phase = Phase.CLOSED


class Process:
    def __init__(self) -> None:
        self.hub = Hub()
        self.gone: list[int] = []
        self.heartbeat = Heartbeat(self.hub, self.gone.append)
        self.now = time.monotonic()

    def open(self, user_id: int) -> Tab:
        tab = Tab(user_id, self.now)
        self.hub.enter(tab, "Ann")  # ty: ignore[invalid-argument-type]
        return tab

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            self.heartbeat.tick(self.now)


@pytest.fixture
def process():
    return Process()


def test_whoever_falls_silent_is_cut_and_gone_without_grace(process):
    tab = process.open(1)
    process.pass_time(SILENT_SECONDS)
    assert process.gone == []
    process.pass_time(BEAT_SECONDS)
    assert process.gone == [1]
    assert tab.phase is Phase.CLOSED
    assert not process.hub.connections


def test_the_worst_case_leaves_others_time_to_show_it():
    assert SILENT_SECONDS + BEAT_SECONDS < 26


def test_whoever_answers_late_stays(process):
    tab = process.open(1)
    for _ in range(5):
        process.pass_time(SILENT_SECONDS - 1)
        tab.heard_at = process.now
    assert process.gone == []


def test_a_message_that_takes_too_long_ends_its_socket(process):
    slow, quick = process.open(1), process.open(2)
    slow.unfinished_since = process.now
    for _ in range(4):
        process.pass_time(MESSAGE_SECONDS / 5)
        # Each byte of it proves that somebody is there.
        slow.heard_at = quick.heard_at = process.now
    assert slow.closed is None
    process.pass_time(MESSAGE_SECONDS / 5 + BEAT_SECONDS)
    assert (slow.closed, quick.closed) == (1008, None)


def test_a_process_that_slept_has_not_heard_the_rest_either(process):
    tab = process.open(1)
    tab.unfinished_since = process.now
    process.now += 60
    process.pass_time(BEAT_SECONDS)
    assert tab.closed is None


def test_a_process_that_slept_does_not_take_the_others_for_gone(process):
    tab = process.open(1)
    process.pass_time(BEAT_SECONDS)
    process.now += 60
    process.pass_time(BEAT_SECONDS)
    assert tab.phase is Phase.OPEN
    process.pass_time(SILENT_SECONDS + BEAT_SECONDS)
    assert process.gone == [1]


def test_a_beat_carries_the_heads_of_what_is_viewed(process):
    tab = process.open(1)
    process.hub.join(1, 7, seq=41, number=3)
    process.hub.subscribe(tab, 7)
    # Its hint is lost: nothing is told but by the beat.
    process.hub.channels[7].advance(42, 4)
    process.pass_time(BEAT_SECONDS)
    [beat] = tab.heard
    head = json.loads(beat[beat.rindex(b'{"type":"head"') :])
    assert head == {"type": "head", "room": 7, "seq": 42, "number": 4, "author": None}
