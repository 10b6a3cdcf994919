"""C9 and C18: workers come and go, and people hardly notice."""

import os
import signal
from collections import defaultdict

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.table import percentile
from tests.faults.harness.visitor import Visitor
from tests.faults.harness.waiting import wait_until
from tests.measures import note

TWO_WORKERS = Place("postgresql", workers=2, redis=True)
GONE_SECONDS = 3.0
BACK_SECONDS = 5.0
RESTARTING = 1012
FEWEST_VISITS = 50


def is_gone(pid: int) -> bool:
    """Whether the process has ended (a zombie has, too)."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def playing(make_round: MakeRound, place: Place) -> Round:
    played = make_round(place, Cast(writers=2, observers=10, pause=0.02))
    played.start()
    wait_until(lambda: all(one.connected for one in played.observers), 20, "everybody looks")
    gevent.sleep(1)
    return played


def failed(played: Round) -> list[tuple[str, int]]:
    return [key for key in played.history.statuses if key[1] >= 500]


@pytest.mark.timeout(120)
def test_hup_replaces_the_workers_without_a_failed_request(make_round: MakeRound) -> None:
    played = playing(make_round, TWO_WORKERS)
    old = played.scene.server.worker_pids()
    address, path = played.scene.server.address, f"/rooms/{played.rooms[0]}"
    visitor = Visitor(played.people[0], address, path, anew=True)
    gevent.sleep(0.5)
    played.scene.server.signal_master(signal.SIGHUP)
    # The old ones serve until the new ones do, however long those take to load.
    wait_until(lambda: any(one.closes for one in played.observers), 30, "they are told to leave")
    gone = wait_until(lambda: all(map(is_gone, old)), 20, "the old workers leave")
    wait_until(lambda: all(one.connected for one in played.observers), 20, "everybody is back")
    visitor.stop()
    closes = [code for one in played.observers for code in one.closes.elements()]
    absences = [absence for one in played.observers for absence in one.absences]
    _, violations = played.finish()
    assert not violations, violations[:10]
    assert not failed(played)
    # Those who were refused or cut off, too: a writer would have tried again.
    assert not visitor.failures
    assert len(visitor.visits) >= FEWEST_VISITS
    assert set(closes) == {RESTARTING}
    note("C18", "HUP: away, p99", percentile(absences, 0.99))
    assert percentile(absences, 0.99) <= allowed(BACK_SECONDS)
    note("C18", "HUP: gone", gone)
    assert gone <= allowed(GONE_SECONDS)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("place", [Place("sqlite"), TWO_WORKERS], ids=lambda place: place.title)
def test_term_tells_every_socket_and_is_gone_in_3_seconds(
    make_round: MakeRound, place: Place
) -> None:
    played = playing(make_round, place)
    # Connections that are kept open for a next request, as browsers keep them.
    idle = [person.new_wire() for person in played.people for _ in range(3)]
    for wire in idle:
        assert wire.ask("GET", "/up", {}).status < 500
    for writer in played.writers:
        writer.stop(patience=60)
    took = played.scene.server.stop()
    closes = [list(one.closes.elements()) for one in played.observers]
    played.scene.server.start()
    wait_until(lambda: all(one.connected for one in played.observers), 20, "everybody is back")
    _, violations = played.finish()
    for wire in idle:
        wire.close()
    assert not violations, violations[:10]
    # Whoever was quick came back to a worker that was about to leave, too, and was told again.
    assert all(one and set(one) == {RESTARTING} for one in closes), closes
    note("C18", "TERM: gone", took)
    assert took <= allowed(GONE_SECONDS)


@pytest.mark.timeout(120)
def test_when_a_worker_dies_the_others_people_see_no_gap(make_round: MakeRound) -> None:
    played = playing(make_round, TWO_WORKERS)
    pages = pages_by_worker(played)
    killed, its_own = next(iter(pages.items()))
    for page in played.observers:
        page.closes.clear()
        page.absences.clear()
    gaps = [Gap(one) for one in played.observers if one not in its_own]
    returns = [gevent.spawn(time_to_catch_up, played, one) for one in its_own]
    os.kill(killed, signal.SIGKILL)
    gevent.sleep(4)
    gevent.joinall(returns, raise_error=True)
    for gap in gaps:
        gap.stop()
    _, violations = played.finish()
    assert not violations, violations[:10]
    assert not any(gap.observer.closes for gap in gaps)
    struck = [one.value for one in returns]
    longest = max(gap.longest for gap in gaps)
    note("C9", "longest gap on the other worker", longest)
    # With all that was said until their return.
    note("C9", "its own people are back", max(struck))
    assert longest <= allowed(1.0)
    assert max(struck) <= allowed(BACK_SECONDS)


def pages_by_worker(played: Round) -> dict[int, list[Observer]]:
    """Which worker holds which pages; one comes anew until each of two workers has some."""
    scene = played.scene
    while True:
        found: dict[int, list[Observer]] = defaultdict(list)
        for page in played.observers:
            assert page.socket is not None
            onward = scene.front.onward(page.socket.socket)
            found[scene.server.worker_of(onward)].append(page)
        if len(found) == 2:
            return found
        come_anew(played.observers[0])


def come_anew(page: Observer) -> None:
    before = page.socket
    page.come_anew()
    wait_until(lambda: page.connected and page.socket is not before, 20, "the page is back")


def time_to_catch_up(played: Round, page: Observer) -> float:
    """From now until a page that loses its connection has all that was said until its return."""
    began = clock()
    wait_until(lambda: page.absences, 30, "the page is back")
    heads = dict(played.history.heads)
    wait_until(lambda: page.recovered(heads, 0), 30, "it has caught up")
    return clock() - began


class Gap:
    """The longest time that nothing new came to a page while others kept writing."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.longest = 0.0
        self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        self._greenlet.kill()

    def _run(self) -> None:
        seen, since = self._seen(), clock()
        while True:
            gevent.sleep(0.01)
            if self._seen() != seen:
                seen, since = self._seen(), clock()
            self.longest = max(self.longest, clock() - since)

    def _seen(self) -> int:
        return sum(view.have for view in self.observer.views.values())
