"""The test of the test: the harness must fail on servers that are broken on purpose."""

from collections.abc import Callable

import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.history import Stray
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.waiting import wait_until

# Each spoils its 300th message, then every 1,000th.
ENOUGH = 600
# What was left out may be told once more, when the message is changed.
TOLD_TOO_LITTLE = 3


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("server", "kind"),
    [
        ("drops", "lost"),
        ("doubles", "doubled"),
        ("swaps", "misordered"),
        ("leaks", "leaked"),
        ("keeps", "altered"),
        ("mumbles", "unheard"),
        ("deaf", "refused"),
        ("leads", "unheard"),
        ("stumbles", "raised"),
    ],
)
def test_a_broken_server_is_noticed(server: str, kind: str, make_round: MakeRound) -> None:
    place = Place(app=f"tests.faults.broken.{server}:app")
    played = make_round(place, Cast(writers=4, observers=2))
    played.start()
    wait_until(enough(played), 120, f"{ENOUGH} writes")
    _, violations = played.finish()
    assert kind in {violation.kind for violation in violations}


@pytest.mark.timeout(200)
def test_a_server_that_goes_on_telling_who_was_put_out_is_noticed(make_round: MakeRound) -> None:
    played = make_round(Place(app="tests.faults.broken.remembers:app"), Cast(observers=2))
    played.start()
    wait_until(lambda: any(map(is_late(played), played.history.strays)), 120, "late frames")
    _, violations = played.finish()
    assert "leaked" in {violation.kind for violation in violations}


@pytest.mark.timeout(200)
def test_a_server_that_tells_who_comes_back_too_little_is_noticed(make_round: MakeRound) -> None:
    played = make_round(Place(app="tests.faults.broken.skips:app"), Cast(observers=2, pause=0.01))
    played.start()
    wait_until(lambda: all(page.connected for page in played.observers), 20, "everybody listens")
    page = played.observers[0]
    while page.frames["missed"] < TOLD_TOO_LITTLE:
        absences = len(page.absences)
        page.come_anew()
        wait_until(lambda before=absences: len(page.absences) > before, 20, "the page is back")
    _, violations = played.finish()
    assert "unseen" in {violation.kind for violation in violations}


def is_late(played: Round) -> Callable[[Stray], bool]:
    """Whether a frame came well after the time in which one may still be told something."""

    def late(stray: Stray) -> bool:
        left = played.history.left_at(stray.user, stray.room, stray.at)
        return left is not None and stray.at > left + stray.grace + 0.5

    return late


def enough(played: Round) -> Callable[[], bool]:
    return lambda: played.history.acked > ENOUGH
