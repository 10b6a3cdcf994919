"""Faults between the people and the server."""

from tests.faults.harness.proxy import DOWN, UP
from tests.faults.harness.scene import Scene
from tests.faults.kinds.fault import Fault


class OnTheFront(Fault):
    """One of the network before the server; healed by letting everything pass."""

    def heal(self, scene: Scene) -> None:
        scene.front.heal()


class ConnectionsCut(OnTheFront):
    """Every connection of everybody is reset at once."""

    name = "connections cut"
    hold = 0.3

    def inject(self, scene: Scene) -> None:
        scene.front.reset()


class Unreachable(OnTheFront):
    """Every connection is reset, and new ones are refused."""

    name = "unreachable"
    hold = 3.0

    def inject(self, scene: Scene) -> None:
        scene.front.reset(refuse=True)


class Silent(OnTheFront):
    """Nothing passes either way and nothing closes; then the old connections are gone."""

    name = "network silent"
    hold = 5.0

    def inject(self, scene: Scene) -> None:
        scene.front.blackhole()

    def heal(self, scene: Scene) -> None:
        scene.front.heal_anew()


class AnswersLost(OnTheFront):
    """One way only: requests arrive and are carried out, their answers do not come back."""

    name = "answers lost"
    hold = 2.0

    def inject(self, scene: Scene) -> None:
        scene.front.blackhole(DOWN)

    def heal(self, scene: Scene) -> None:
        scene.front.heal_anew()


class RequestsHeld(OnTheFront):
    """One way only: what people send is held back, then arrives all at once."""

    name = "requests held"
    hold = 3.0

    def inject(self, scene: Scene) -> None:
        scene.front.blackhole(UP)


class Slow(OnTheFront):
    """Everything takes 200 ms longer, each way."""

    name = "slow network"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        scene.front.delay(0.2)


class Throttled(OnTheFront):
    """8 KB a second on each connection."""

    name = "throttled"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        scene.front.throttle(8_000)


class CutMidFrame(OnTheFront):
    """Each connection breaks in the middle of what it is receiving."""

    name = "cut mid-frame"
    hold = 2.0

    def inject(self, scene: Scene) -> None:
        scene.front.cut_mid_frame(after_bytes=5_000)
