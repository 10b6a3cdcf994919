"""Faults of the wall clock: a shim between the server and its C library moves it at will."""

import shutil
import struct
import subprocess
from pathlib import Path

from tests.faults.harness.scene import Scene
from tests.faults.kinds.fault import Fault

SOURCE = Path(__file__).with_name("clock.c")
HOUR = 3600.0
# A clock that was moved by an hour is that near to where it was set.
FAITHFUL_SECONDS = 10.0


class NoCompilerError(Exception):
    """The shim cannot be made here; `str()` says what to install."""


class Clock:
    """The wall clock of every process started with `environment`; `jump` moves it."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise NoCompilerError("there is no C compiler: apt-get install gcc libc6-dev")
        folder.mkdir(parents=True, exist_ok=True)
        self.library = folder / "clock.so"
        self.offset = folder / "offset"
        self.jump(0)
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE)]
        subprocess.run([*command, "-ldl"], check=True, capture_output=True)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "CLOCK_OFFSET_FILE": str(self.offset)}

    def jump(self, seconds: float) -> None:
        """Set the clock that far from the true time, now, in every process."""
        mode = "r+b" if self.offset.exists() else "wb"
        with self.offset.open(mode) as file:
            file.write(struct.pack("q", int(seconds * 1e9)))


class NotMovedError(AssertionError):
    """The server's clock is not where it was set: nothing that follows would be proved."""


class ClockJump(Fault):
    """The wall clock of the server jumps by an hour, and later back."""

    hold = 4.0
    unnoticed = True

    def __init__(self, clock: Clock, seconds: float = HOUR) -> None:
        self.clock = clock
        self.seconds = seconds
        self.name = f"clock {seconds / HOUR:+.0f} h"

    def inject(self, scene: Scene) -> None:
        self._jump(scene, self.seconds)

    def heal(self, scene: Scene) -> None:
        self._jump(scene, 0)

    def _jump(self, scene: Scene, seconds: float) -> None:
        self.clock.jump(seconds)
        offset = scene.server.clock_offset()
        if abs(offset - seconds) > FAITHFUL_SECONDS:
            raise NotMovedError(f"set by {seconds:.0f} s, it is {offset:.0f} s from the true time")
