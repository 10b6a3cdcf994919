"""Who waits for the same is served together and in order, and nobody is left behind."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore

import pytest

from chatapp.domain import gathering
from chatapp.domain.errors import Busy
from chatapp.domain.gathering import R, T, Turns
from tests.realtime.browsers import eventually


class EndedError(BaseException):
    """As a greenlet's exit is: no mistake that somebody answers for."""


class Desk:
    """Takes what has gathered, and is done with it once it is let."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.batches: list[list[str]] = []
        self.turns: Turns[str, str] = Turns(self.serve, len)
        self.lets = Semaphore(0)
        self.opens = True
        self.pool = pool

    def serve(self, take, _patience) -> list[str | Exception]:
        if not self.opens:
            raise ValueError("closed")
        batch = take()
        self.batches.append(batch)
        assert self.lets.acquire(timeout=10)
        if "spoilt" in batch:
            raise ValueError
        if "ended" in batch:
            raise EndedError
        return [f"{item}, done" for item in batch]

    def let(self, times: int = 1) -> None:
        self.lets.release(times)

    def brings(self, *items: str) -> list[Future[str]]:
        """Each comes once the one before them waits, or is being served."""
        brought = []
        for item in items:
            before = self._seen()
            brought.append(self.pool.submit(self.turns.do, item))
            eventually(lambda before=before: self._seen() > before)
        return brought

    def _seen(self) -> int:
        return len(self.turns._waiting) + sum(map(len, self.batches))

    def serves(self, *items: str) -> None:
        """Wait until it has taken these, together."""
        eventually(lambda: self.batches[-1] == [*items])


@pytest.fixture
def desk() -> Iterator[Desk]:
    with ThreadPoolExecutor(8) as pool:
        desk = Desk(pool)
        yield desk
        desk.let(100)


def test_what_waits_is_done_together_in_the_order_in_which_it_came(desk):
    brought = desk.brings("a", "b", "c", "d")
    desk.let(2)
    assert [one.result(5) for one in brought] == [f"{item}, done" for item in "abcd"]
    assert desk.batches == [["a"], ["b", "c", "d"]]


def test_whoever_was_taken_along_does_not_wait_for_the_next_batch(desk):
    desk.brings("a")
    _, taken_along = desk.brings("b", "c")
    desk.let()
    desk.serves("b", "c")
    (next_one,) = desk.brings("d")
    desk.let()
    desk.serves("d")
    assert taken_along.result(5) == "c, done"
    assert not next_one.done()


def test_whoever_spoils_a_batch_spoils_it_for_themselves_only(desk):
    desk.brings("a")
    first, spoilt, last = desk.brings("b", "spoilt", "c")
    desk.let()
    desk.serves("b", "spoilt", "c")
    (later,) = desk.brings("d")
    desk.let(5)
    assert [one.result(5) for one in (first, last, later)] == ["b, done", "c, done", "d, done"]
    assert isinstance(spoilt.exception(5), ValueError)
    assert desk.batches[2:] == [["b"], ["spoilt"], ["c"], ["d"]]


def test_whoever_was_taken_along_by_one_who_is_ended_goes_alone(desk):
    desk.brings("a")
    ended, other = desk.brings("ended", "b")
    desk.let(3)
    assert other.result(5) == "b, done"
    assert isinstance(ended.exception(5), EndedError)
    assert desk.batches == [["a"], ["ended", "b"], ["b"]]


def test_what_could_not_even_be_begun_leaves_nothing_behind(desk):
    desk.opens = False
    with pytest.raises(ValueError, match="closed"):
        desk.turns.do("a")
    desk.opens = True
    desk.let()
    assert desk.turns.do("b") == "b, done"
    assert desk.batches == [["b"]]


def test_whoever_has_given_up_on_a_spoilt_batch_is_not_waited_for(desk, monkeypatch):
    desk.brings("a")
    first, spoilt = desk.brings("b", "spoilt")
    monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 0.2)
    (impatient,) = desk.brings("c")
    monkeypatch.undo()
    desk.let()
    desk.serves("b", "spoilt", "c")
    (later,) = desk.brings("d")
    assert isinstance(impatient.exception(5), Busy)
    desk.let(4)
    assert (first.result(5), later.result(5)) == ("b, done", "d, done")
    assert isinstance(spoilt.exception(5), ValueError)
    assert desk.batches[2:] == [["b"], ["spoilt"], ["d"]]


def test_whoever_gives_up_after_a_batch_that_failed_hears_that_it_may_be_done(desk, monkeypatch):
    first, *_ = desk.brings("a")
    (spoilt,) = desk.brings("spoilt")
    monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 0.4)
    (impatient,) = desk.brings("b")
    monkeypatch.undo()
    desk.let(2)
    # Who has the turn tries alone now, for longer than the other has patience.
    desk.serves("spoilt")
    assert first.result(5) == "a, done"
    assert "may be stored already" in str(impatient.exception(5))
    desk.let()
    assert isinstance(spoilt.exception(5), ValueError)
    assert desk.batches == [["a"], ["spoilt", "b"], ["spoilt"]]


def test_a_batch_is_not_larger_than_what_can_be_sent_in_one_go(desk):
    large = "x" * (gathering.AT_ONCE_SIZE // 2)
    desk.brings("a")
    brought = desk.brings(large, large, "b", large * 3)
    desk.let(5)
    assert all(one.result(5) for one in brought)
    assert desk.batches == [["a"], [large, large], ["b"], [large * 3]]


def test_whoever_gives_up_before_their_turn_is_not_taken_along(desk, monkeypatch):
    first, *_ = desk.brings("a")
    monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 0.05)
    (impatient,) = desk.brings("b")
    monkeypatch.undo()
    assert "Nothing was changed" in str(impatient.exception(5))
    (later,) = desk.brings("c")
    desk.let(2)
    assert (first.result(5), later.result(5)) == ("a, done", "c, done")
    assert desk.batches == [["a"], ["c"]]


def test_whoever_is_ended_while_they_wait_hands_the_turn_on(desk, monkeypatch):
    desk.brings("a")
    monkeypatch.setattr(gathering, "_Task", _EndedOnceWoken)
    (ended,) = desk.brings("b")
    monkeypatch.undo()
    (later,) = desk.brings("c")
    desk.let(2)
    assert later.result(5) == "c, done"
    assert isinstance(ended.exception(5), EndedError)


class _EndedOnceWoken(gathering._Task[T, R]):
    def __init__(self, item: T, deadline: float) -> None:
        super().__init__(item, deadline)
        self.woken = _Ended(self.woken)


class _Ended:
    def __init__(self, lock) -> None:
        self.lock = lock
        self.release = lock.release

    def acquire(self, timeout: float) -> bool:
        self.lock.acquire(timeout=timeout)
        raise EndedError
