"""What the long round is asked to play."""

import pytest

from tests.faults.kinds.fault import Fault
from tests.faults.long_round import named


class Hail(Fault):
    name = "hail"


class Fog(Fault):
    name = "fog"


def test_faults_come_in_the_order_of_their_names() -> None:
    hail, fog = Hail(), Fog()
    assert named(["fog", "hail", "fog", "not here"], [hail, fog]) == [fog, hail, fog]


def test_who_asks_for_what_there_is_not_is_told_what_there_is() -> None:
    with pytest.raises(SystemExit, match=r"snow\. There are: fog, hail"):
        named(["snow"], [Hail(), Fog()])
