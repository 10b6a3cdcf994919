"""C13: 500 sockets are cut at once, and everybody is back with everything."""

from dataclasses import replace

import pytest
from gevent.event import Event

from tests.faults.conftest import MakeRound
from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.table import percentile
from tests.faults.harness.visitor import Visitor
from tests.faults.harness.waiting import wait_until
from tests.faults.harness.writer import Writer
from tests.faults.kinds.storms import StormOfReturns
from tests.measures import note

SOCKETS = 500
BACK_SECONDS = 20.0
PAGE_SECONDS = 2.0
# In the few seconds of the storm. Of so few, the percentile is the slowest.
FEWEST_PAGES = 3
MISSED = 5


@pytest.mark.timeout(240)
def test_500_sockets_cut_at_once_are_back_with_everything(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=4, observers=0, pause=0.2))
    door = Event()
    door.set()
    crowd = gather_crowd(played, door)
    played.observers += crowd
    # To come is one, too.
    played.history.phase = StormOfReturns.name
    played.start()
    wait_until(lambda: all(one.connected for one in crowd), allowed(60), "500 sockets are open")
    visitor = Visitor(played.people[0], played.scene.server.address, f"/rooms/{played.rooms[0]}")
    began = clock()
    door.clear()
    say_while_all_are_away(played, crowd)
    door.set()
    heads = dict(played.history.heads)
    wait_until(lambda: all(o.recovered(heads, 0) for o in crowd), allowed(60), "all are caught up")
    took = clock() - began
    visitor.stop()
    _, violations = played.finish()
    times = [visit.seconds for visit in visitor.visits]
    assert not violations, violations[:10]
    note("C13", "500 are caught up", took)
    note("C13", "pages meanwhile, p99", percentile(times, 0.99))
    assert took <= allowed(BACK_SECONDS)
    assert percentile(times, 0.99) <= allowed(PAGE_SECONDS)
    assert not visitor.failures
    assert len(times) >= FEWEST_PAGES
    # The handshakes' among them.
    assert not [status for _, status in played.history.statuses if status >= 500]


class Held(Observer):
    """A page that begins to come back once the door is open, then with jitter as every page."""

    door: Event

    def _wait(self, tries: int) -> float:
        self.door.wait()
        return super()._wait(tries)


def gather_crowd(played: Round, door: Event) -> list[Held]:
    """500 tabs of a few people."""
    people = played.people[: played.cast.writers]
    crowd = [
        Held(people[n % len(people)], played.rooms[:1], played.history, n) for n in range(SOCKETS)
    ]
    for page in crowd:
        page.door = door
    return crowd


def say_while_all_are_away(played: Round, crowd: list[Held]) -> None:
    """Cut everybody, and say something past the proxy before anybody comes back."""
    address, room = played.scene.server.address, played.rooms[0]
    speaker = Writer(replace(played.admin, address=address), [room], played.history, seed=8)
    played.scene.front.reset()
    wait_until(lambda: not any(one.connected for one in crowd), 5, "all have noticed")
    assert all(speaker.post().acked for _ in range(MISSED))
    assert not any(one.connected for one in crowd)
    speaker.close()
    speaker.person.wire.close()
