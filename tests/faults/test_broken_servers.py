"""The test of the test: the harness must fail on servers that are broken on purpose."""

from collections.abc import Callable

import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.waiting import wait_until

# Each spoils its 300th message, then every 1,000th.
ENOUGH = 600


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("server", "kind"),
    [("drops", "lost"), ("doubles", "doubled"), ("swaps", "misordered"), ("leaks", "leaked")],
)
def test_a_broken_server_is_noticed(server: str, kind: str, make_round: MakeRound) -> None:
    place = Place(app=f"tests.faults.broken.{server}:app")
    played = make_round(place, Cast(writers=4, observers=2))
    played.start()
    wait_until(enough(played), 120, f"{ENOUGH} writes")
    _, violations = played.finish()
    assert kind in {violation.kind for violation in violations}


def enough(played: Round) -> Callable[[], bool]:
    return lambda: played.history.acked > ENOUGH
