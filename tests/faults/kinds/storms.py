"""A crowd that loses its connections all at once, and wants them back."""

from collections.abc import Sequence

import gevent

from tests.faults.harness.bounds import allowed
from tests.faults.harness.history import clock
from tests.faults.harness.observer import Observer
from tests.faults.harness.scene import Scene
from tests.faults.harness.waiting import wait_until
from tests.faults.harness.writer import Writer
from tests.faults.kinds.fault import Fault

SOCKETS = 500
GATHERING_SECONDS = 30.0
MISSED = 5


class StormOfReturns(Fault):
    """500 more sockets are opened, then everybody's are cut; something is said meanwhile.

    The crowd looks at a quiet room: it is this harness's proxy and clients, all in one process,
    that could not pass on the busy ones to 500.
    """

    name = f"{SOCKETS} sockets cut"
    hold = 0.0
    # C13
    bound = 20.0

    def __init__(self, writer: Writer, sockets: int = SOCKETS) -> None:
        self.writer = writer
        self.sockets = sockets
        self.crowd: list[Observer] = []
        self._looking: list[gevent.Greenlet] = []

    def inject(self, scene: Scene) -> None:
        writer = self.writer
        self.crowd = [
            Observer(writer.person, writer.rooms, writer.history, seed)
            for seed in range(self.sockets)
        ]
        self._looking = [gevent.spawn(one.run) for one in self.crowd]
        everybody = f"{self.sockets} sockets are open"
        wait_until(
            lambda: all(o.connected for o in self.crowd), allowed(GATHERING_SECONDS), everybody
        )
        # Here begins what the bound is for, with all that is said while nobody listens.
        self.ended = clock()
        scene.front.reset()
        for _ in range(MISSED):
            writer.post()

    def witnesses(self) -> Sequence[Observer]:
        return self.crowd

    def clear(self) -> None:
        for one in self.crowd:
            one.stop()
        gevent.joinall(self._looking, timeout=10)
        gevent.killall(self._looking)
        for one in self.crowd:
            one.close()
        self.crowd, self._looking = [], []
