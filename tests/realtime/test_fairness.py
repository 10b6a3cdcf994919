"""Requests that have come wait for their turn; the loop turns in between."""

import time

import gevent
import pytest

from chatapp.realtime import fairness
from chatapp.realtime.fairness import TURN_SECONDS, Turns, stretches


@pytest.fixture
def turns():
    return Turns()


@pytest.fixture
def laps():
    """The moments at which the loop has come round."""
    moments = []
    watcher = gevent.get_hub().loop.check(ref=False)
    watcher.start(lambda: moments.append(time.monotonic()))
    yield moments
    watcher.stop()
    watcher.close()


def work(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_the_loop_turns_between_long_requests(turns, laps):
    def request() -> None:
        turns.wait()
        work(TURN_SECONDS)

    requests = [gevent.spawn(request) for _ in range(20)]
    gevent.sleep(0)
    laps.clear()
    gevent.joinall(requests, timeout=10)
    assert len(laps) >= 20


def test_first_come_first_served(turns):
    served = []

    def request(number: int) -> None:
        turns.wait()
        served.append(number)

    gevent.joinall([gevent.spawn(request, number) for number in range(50)], timeout=10)
    assert served == list(range(50))


def test_who_is_sent_away_meanwhile_holds_up_nobody(turns):
    first, second = gevent.spawn(turns.wait), gevent.spawn(turns.wait)
    gevent.sleep(0)
    first.kill(block=False)
    second.get(timeout=5)
    assert isinstance(first.get(timeout=5), gevent.GreenletExit)


def test_a_request_that_fails_is_its_own_affair(turns):
    def failing() -> None:
        turns.wait()
        raise RuntimeError("a fault in a request")

    first, second = gevent.spawn(failing), gevent.spawn(turns.wait)
    gevent.joinall([first, second], timeout=5)
    assert (first.dead, second.successful()) == (True, True)


def test_others_have_their_turn_between_two_stretches(monkeypatch):
    seen: list[object] = []
    monkeypatch.setattr(fairness, "give_way", lambda: seen.append("others"))
    for stretch in stretches(range(5), 2):
        seen.append(list(stretch))
    assert seen == [[0, 1], "others", [2, 3], "others", [4]]
    assert list(stretches([], 2)) == []
