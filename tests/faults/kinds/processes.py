"""Faults of gunicorn's own processes."""

import os
import signal

from tests.faults.harness.scene import Scene
from tests.faults.harness.waiting import wait_until
from tests.faults.kinds.fault import Fault


class WorkerKilled(Fault):
    """`kill -9` of one worker; the master starts another."""

    name = "worker killed"
    hold = 0.3
    kills = True

    def inject(self, scene: Scene) -> None:
        scene.server.signal_worker(signal.SIGKILL)


class AllKilled(Fault):
    """`kill -9` of the master and every worker; started again by the operator."""

    name = "all killed"
    hold = 1.0
    kills = True

    def inject(self, scene: Scene) -> None:
        scene.server.kill()

    def heal(self, scene: Scene) -> None:
        scene.server.start()


class MasterKilled(Fault):
    """`kill -9` of the master alone: its workers notice and leave; then it is started again."""

    name = "master killed"
    hold = 3.0
    kills = True

    def inject(self, scene: Scene) -> None:
        scene.server.signal_master(signal.SIGKILL)

    def heal(self, scene: Scene) -> None:
        scene.server.kill()
        scene.server.start()


class WorkerStopped(Fault):
    """A worker stands still (SIGSTOP) and goes on (SIGCONT)."""

    name = "worker stopped"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        self.pid = scene.server.signal_worker(signal.SIGSTOP)

    def heal(self, scene: Scene) -> None:
        os.kill(self.pid, signal.SIGCONT)


class Reloaded(Fault):
    """HUP: every worker is replaced, the old ones leave within 3 s."""

    name = "reloaded (HUP)"
    hold = 3.0
    kills = True

    def inject(self, scene: Scene) -> None:
        self.server, self.old = scene.server, set(scene.server.worker_pids())
        self.server.signal_master(signal.SIGHUP)

    def clear(self) -> None:
        # They serve until the new ones do: whoever counts workers next counts the new ones.
        wait_until(self._have_left, 30, "the old workers leave")

    def _have_left(self) -> bool:
        return not self.old & set(self.server.worker_pids())


class Restarted(Fault):
    """TERM, and started again: a deployment."""

    name = "restarted (TERM)"
    hold = 0.0
    kills = True

    def inject(self, scene: Scene) -> None:
        self.took = scene.server.stop()

    def heal(self, scene: Scene) -> None:
        scene.server.start()
