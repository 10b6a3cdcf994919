"""Faults of the machine: a full disk, no more files."""

import os
import resource
import subprocess
from pathlib import Path

from tests.faults.harness.scene import Scene
from tests.faults.kinds.fault import Fault, OnSQLite

BLOCK = bytes(64 * 1024)


class SmallDisk:
    """A tmpfs of its own. Raises `PermissionError` where this user may not mount one."""

    def __init__(self, folder: Path, megabytes: int = 24) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, check=False, capture_output=True)
        except FileNotFoundError:
            raise PermissionError("there is no mount program") from None
        if done.returncode:
            raise PermissionError(f"a tmpfs needs root: {done.stderr.decode().strip()}")

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False, capture_output=True)


class DiskFull(OnSQLite):
    """The disk that the data is on is filled to the last block, then freed again."""

    name = "disk full"
    hold = 4.0

    def fits(self, scene: Scene) -> bool:
        return super().fits(scene) and scene.place.data is not None

    def inject(self, scene: Scene) -> None:
        self.ballast = scene.server.folder / "ballast"
        with self.ballast.open("wb", buffering=0) as file:
            for size in (len(BLOCK), 4096, 1):
                fill(file.fileno(), BLOCK[:size])

    def heal(self, scene: Scene) -> None:
        self.ballast.unlink()


def fill(descriptor: int, block: bytes) -> None:
    """Write blocks of this size until there is no room for another."""
    try:
        while os.write(descriptor, block) == len(block):
            pass
    except OSError:
        return


class FilesCapped(OnSQLite):
    """No file may grow: what a full disk looks like where nobody may mount a small one."""

    name = "files capped"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        for pid in scene.server.worker_pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    def heal(self, scene: Scene) -> None:
        for pid in scene.server.worker_pids():
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


class NoMoreFiles(Fault):
    """Each worker may open no further file: no socket, no connection, no journal."""

    name = "out of files"
    hold = 3.0

    def inject(self, scene: Scene) -> None:
        self.before: dict[int, tuple[int, int]] = {}
        for pid in scene.server.worker_pids():
            self.before[pid] = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            opened = [int(name) for name in os.listdir(f"/proc/{pid}/fd")]
            limits = (max(opened) + 1, self.before[pid][1])
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)

    def heal(self, scene: Scene) -> None:
        for pid, limits in self.before.items():
            try:
                resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
            except ProcessLookupError:
                continue
