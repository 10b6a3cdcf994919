"""C14: the wall clock jumps by an hour, forwards and back, and nothing happens."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.stored import connect
from tests.faults.harness.waiting import wait_until
from tests.faults.harness.writer import Writer
from tests.faults.kinds.clocks import (
    FAITHFUL_SECONDS,
    HOUR,
    Clock,
    ClockJump,
    NoCompilerError,
    NotMovedError,
)

# What is acknowledged within the two seconds after a jump, at least.
FEWEST_WRITES = 10


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
    witness = Writer(replace(played.admin), played.rooms[:1], played.history, seed=9)
    for jump in (HOUR, -HOUR, 2 * HOUR, 0):
        clock.jump(jump)
        assert abs(stored_offset(played, witness) - jump) < FAITHFUL_SECONDS
        acked = played.history.acked
        gevent.sleep(2)
        assert played.history.acked >= acked + FEWEST_WRITES
    witness.close()
    witness.person.wire.close()
    states = {user: state for one in played.observers for user, state in one.presence.items()}
    here = {one.person.id for one in played.observers}
    closes = [code for one in played.observers for code in one.closes.elements()]
    _, violations = played.finish()
    assert not violations, violations[:10]
    assert closes == []
    assert {states[user] for user in here} == {"online"}
    assert not [status for _, status in played.history.statuses if status >= 400]


def stored_offset(played: Round, witness: Writer) -> float:
    """How far from the true time it is that a message was posted which has just been stored."""
    send = witness.post()
    assert send.acked is not None
    with connect(played.scene.store_url) as rows:
        [(posted_at,)] = rows(f"SELECT posted_at FROM messages WHERE id = {send.id}")
    return datetime.fromisoformat(posted_at).replace(tzinfo=UTC).timestamp() - time.time()


@pytest.mark.timeout(120)
def test_a_rate_limit_is_not_opened_by_a_jump(make_round: MakeRound, clock: Clock) -> None:
    place = Place("sqlite", environment=clock.environment | {"RATE_POST": "3 per 30 seconds"})
    played = make_round(place, Cast(writers=1, observers=0))
    person, room = played.admin, played.rooms[0]
    statuses = [person.post(room, "hello", f"clock-key-{n}").status for n in range(4)]
    assert statuses[-1] == 429
    ClockJump(clock).inject(played.scene)
    assert person.post(room, "hello", "clock-key-9").status == 429
    clock.jump(-HOUR)
    assert person.get(f"/rooms/{room}").status == 200


def test_a_clock_that_does_not_move_is_noticed(make_round: MakeRound, clock: Clock) -> None:
    """Here because the server was started without the shim."""
    played = make_round(Place("sqlite"), Cast(writers=1, observers=0))
    with pytest.raises(NotMovedError):
        ClockJump(clock).inject(played.scene)
