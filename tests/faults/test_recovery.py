"""When a page counts as recovered from a fault, and who is told to be late."""

from collections.abc import Iterator

import gevent
import pytest

from tests.faults.harness import bounds, lag
from tests.faults.harness.history import Fall, History, clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person
from tests.faults.harness.recovery import await_recovery
from tests.faults.harness.view import View

ROOM = 7


class Page:
    """Has what was acknowledged `behind` seconds ago, and nothing before it `returns`."""

    def __init__(self, written: list[float], behind: float = 0.0, returns: float = 0.0) -> None:
        self.written = written
        self.behind = behind
        self.returns = clock() + returns

    def recovered(self, heads: dict[int, int], _since: float) -> bool:
        there = sum(at <= clock() - self.behind for at in self.written)
        return clock() >= self.returns and there >= heads[ROOM]

    def lacks(self, _heads: dict[int, int]) -> str:
        return "this page"


@pytest.fixture
def history() -> History:
    return History(heads={ROOM: 0})


@pytest.fixture
def written(history: History) -> Iterator[list[float]]:
    """Somebody writes all the time; when each message was acknowledged."""
    moments: list[float] = []

    def write() -> None:
        while True:
            moments.append(clock())
            history.heads[ROOM] = len(moments)
            gevent.sleep(0.01)

    writing = gevent.spawn(write)
    gevent.sleep(0.05)
    yield moments
    writing.kill()


def recover(history: History, page: Page, bound: float) -> float:
    fall = Fall("nothing", clock(), clock())
    await_recovery(history, fall, [page], bound)
    return fall.recoveries[0]


def test_a_page_has_recovered_once_it_has_all_from_before_the_end(
    history: History, written: list[float]
) -> None:
    """Though under constant writing, half a second behind, it never has all there is."""
    took = recover(history, Page(written, behind=0.5), bound=5)
    assert 0.3 < took < 2
    assert not history.troubles


def test_who_returns_too_late_is_named(history: History, written: list[float]) -> None:
    took = recover(history, Page(written, returns=0.6), bound=0.1)
    assert took >= 0.6
    assert [trouble.kind for trouble in history.troubles] == ["late"]
    assert "this page" in history.troubles[0].detail


def observer(history: History) -> Observer:
    person = Person(("127.0.0.1", 9), "ann", "http://127.0.0.1:9")
    return Observer(person, [ROOM], history, seed=1)


def test_a_page_that_keeps_up_is_not_behind(history: History, written: list[float]) -> None:
    page = observer(history)
    page.has = lambda heads: len(written) >= heads[ROOM]
    lag.Lag(history, [page]).watch(0.5)
    assert set(history.lags) == {0.0}


def test_a_page_that_stands_still_among_writers_is_late(
    history: History, written: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lag, "HEALED_SECONDS", 0.05)
    page = observer(history)
    page.views = {ROOM: View(ROOM, have=1)}
    lag.Lag(history, [page]).watch(1)
    assert max(history.lags) > 0
    assert {trouble.kind for trouble in history.troubles} == {"late"}
    assert "page of ann" in history.troubles[0].detail


@pytest.mark.parametrize(("load", "stretched"), [(0.1, 5.0), (4.0, 10.0), (200.0, 20.0)])
def test_bounds_follow_the_load_up_to_a_limit(
    load: float, stretched: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(bounds.os, "getloadavg", lambda: (load, load, load))
    assert bounds.allowed(5.0) == stretched
