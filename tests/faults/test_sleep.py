"""C12: a laptop sleeps while more than 1,000 things are said, and wakes."""

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place
from tests.faults.harness.waiting import wait_until
from tests.measures import note

MISSED = 1_100
CAUGHT_UP_SECONDS = 5.0


@pytest.mark.timeout(180)
def test_a_page_that_slept_through_a_thousand_messages_has_them_all(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=3, observers=1))
    sleeper, room = played.stranger, played.rooms[0]
    page = Observer(sleeper, [room], played.history, seed=5)
    looking = gevent.spawn(page.run)
    wait_until(lambda: page.connected, 10, "it looks")
    page.stop()
    looking.join()
    played.start()
    wait_until(lambda: played.history.heads.get(room, 0) > MISSED, 120, "much is said")
    for writer in played.writers:
        writer.stop()
    gevent.sleep(1)
    heads = {room: played.history.heads[room]}
    page.stopped = False
    began = clock()
    looking = gevent.spawn(page.run)
    wait_until(lambda: page.recovered(heads, 0), 60, "it has caught up")
    took = clock() - began
    assert sleeper.submit(f"/rooms/{room}/reads", number=1).status == 204
    played.observers.append(page)
    _, violations = played.finish()
    looking.join(5)
    assert not violations, violations[:10]
    note("C12", "caught up with 1,100", took)
    assert took <= allowed(CAUGHT_UP_SECONDS)
    assert sleeper.post(room, "awake", "slept-well-1").status == 201
