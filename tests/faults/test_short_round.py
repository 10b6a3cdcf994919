"""The short round: people write and look, things go wrong, nothing may be lost."""

import random
import sys

import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.bounds import allowed
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.table import Table, percentile
from tests.faults.kinds.catalogue import short

SEED = 20_261_120
PLACES = [
    Place("sqlite", workers=1),
    Place("postgresql", workers=2, redis=True),
]
# C7 is measured by the benchmarks; here it only matters that frames arrive by themselves.
TYPICAL_DELAY_SECONDS = 0.5


@pytest.mark.timeout(300)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.title)
def test_nothing_is_lost_doubled_or_misordered_under_faults(
    place: Place, make_round: MakeRound
) -> None:
    played, table = make_round(place, Cast(writers=3, observers=4, pause=0.005, seed=SEED)), Table()
    violations = play(played, table)
    sys.stdout.write(f"\n{table}\n")
    assert not violations, "\n".join(map(str, violations[:20]))
    assert table.acked > 500
    assert percentile(played.delays(), 0.5) < allowed(TYPICAL_DELAY_SECONDS)


def play(played: Round, table: Table) -> list[object]:
    """The short list of faults, in an order that the seed gives; returns the violations."""
    played.start()
    played.calm(2)
    faults = short(played.scene)
    random.Random(SEED).shuffle(faults)
    for fault in faults:
        played.suffer(fault)
        played.calm(0.5)
    stored, violations = played.finish()
    table.add(played.history, stored, violations)
    return list(violations)
