"""Faults with people of their own take part in a round, and the audit counts what they did."""

from dataclasses import replace

import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place
from tests.faults.harness.writer import Writer
from tests.faults.kinds.duplicates import SentTwiceAtOnce
from tests.faults.kinds.processes import WorkerKilled
from tests.faults.kinds.storms import StormOfReturns

TWO_WORKERS = Place("postgresql", workers=2)
CROWD = 40


@pytest.mark.timeout(120)
def test_what_is_sent_twice_at_once_counts_as_written(make_round: MakeRound) -> None:
    played = make_round(TWO_WORKERS, Cast(writers=2, observers=2, pause=0.05, seed=3))
    fault = SentTwiceAtOnce(Writer(replace(played.admin), played.rooms[:1], played.history, 3))
    played.start()
    played.suffer(fault, hold=1)
    _, violations = played.finish()
    assert not violations, violations[:10]
    assert fault.fits(played.scene)
    twins = [send for send in played.history.sends if send.key in fault.keys]
    assert twins
    assert all(send.acked for send in twins)


@pytest.mark.timeout(120)
def test_a_crowd_that_is_cut_has_what_was_said_meanwhile(make_round: MakeRound) -> None:
    cast = Cast(writers=2, observers=2, crowd=True, pause=0.05, seed=4)
    played = make_round(Place("sqlite"), cast)
    fault = StormOfReturns(played.crowd, sockets=CROWD)
    played.start()
    fall = played.suffer(fault)
    assert fault.crowd == []
    _, violations = played.finish()
    assert not violations, violations[:10]
    assert len(fall.recoveries) == CROWD + len(played.writers) + len(played.observers)
    assert played.history.heads[played.quiet_rooms[0]] > 0


class Murder(WorkerKilled):
    """It does not say that it kills."""

    kills = False


@pytest.mark.timeout(120)
def test_a_worker_that_dies_and_is_replaced_is_noticed(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=1, observers=1, pause=0.05, seed=5))
    played.start()
    played.suffer(Murder())
    _, violations = played.finish()
    assert [violation.kind for violation in violations] == ["died"]
