"""C14: the wall clock jumps by an hour, forwards and back, and nothing happens."""

from pathlib import Path

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place
from tests.faults.harness.waiting import wait_until
from tests.faults.kinds.clocks import Clock, NoCompilerError

HOUR = 3600.0


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    try:
        return Clock(tmp_path / "clock")
    except NoCompilerError as error:
        pytest.skip(str(error))


@pytest.mark.timeout(120)
def test_a_jumping_clock_moves_nothing(make_round: MakeRound, clock: Clock) -> None:
    place = Place("sqlite", environment=clock.environment | {"RATE_POST": "2000 per hour"})
    played = make_round(place, Cast(writers=2, observers=4, pause=0.02))
    played.start()
    wait_until(lambda: all(one.connected for one in played.observers), 20, "everybody looks")
    for jump in (HOUR, -HOUR, 2 * HOUR, 0):
        clock.jump(jump)
        gevent.sleep(2)
    states = {user: state for one in played.observers for user, state in one.presence.items()}
    here = {one.person.id for one in played.observers}
    closes = [code for one in played.observers for code in one.closes.elements()]
    _, violations = played.finish()
    assert not violations, violations[:10]
    assert closes == []
    assert {states[user] for user in here} == {"online"}
    assert not [status for _, status in played.history.statuses if status >= 400]


@pytest.mark.timeout(120)
def test_a_rate_limit_is_not_opened_by_a_jump(make_round: MakeRound, clock: Clock) -> None:
    place = Place("sqlite", environment=clock.environment | {"RATE_POST": "3 per 30 seconds"})
    played = make_round(place, Cast(writers=1, observers=0))
    person, room = played.admin, played.rooms[0]
    statuses = [person.post(room, "hello", f"clock-key-{n}").status for n in range(4)]
    assert statuses[-1] == 429
    clock.jump(HOUR)
    assert person.post(room, "hello", "clock-key-9").status == 429
    clock.jump(-HOUR)
    assert person.get(f"/rooms/{room}").status == 200
