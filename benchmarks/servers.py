"""Starting a server on one core, and knowing what it costs."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import config

SERVER_CORE, LOAD_CORE = "0", "1"
BOTH_CORES = "0,1"
# What this shell has set for a chatapp of its own, or for any gunicorn, is for no server here: one
# would fill that database, another have that many workers.
NOT_INHERITED = {*config.settings(), "CHATAPP_ENV", "FLASK_DEBUG", "GUNICORN_CMD_ARGS"}


@dataclass
class Running:
    """A server that answers on `port`; `folder` is its own and goes away with it."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    seconds_to_serve: float

    def memory(self) -> int:
        """Bytes that only its processes hold (PSS: shared pages divided among their users)."""
        return sum(_pss(pid) for pid in family(self.process.pid))

    def workers(self) -> list[int]:
        """The process ids below the one that was started."""
        return family(self.process.pid)[1:]

    def worker_memory(self) -> int:
        """Bytes that only its workers hold."""
        return sum(_pss(pid) for pid in self.workers())

    def busy_seconds(self) -> float:
        """Seconds of CPU that its processes have used until now, kernel and all."""
        return busy_seconds(self.process.pid)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    *,
    folder: Path | None = None,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    cores: str = SERVER_CORE,
    meanwhile: Callable[[], object] = lambda: time.sleep(0.01),
) -> Generator[Running]:
    """Run the command on those cores until the block ends; waits until its port answers.

    `meanwhile` is called again and again while waiting.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as spare:
        own = folder or Path(spare)
        with (own / "server.log").open("wb") as log:
            began = time.perf_counter()
            process = subprocess.Popen(
                ["taskset", "-c", cores, *command],
                cwd=cwd or own,
                env=environment_with(environment or {}),
                stdout=log,
                stderr=log,
            )
            try:
                _wait_for(port, process, own / "server.log", meanwhile)
                yield Running(process, port, own, time.perf_counter() - began)
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """What a process here gets: these settings, and nothing of this shell's that is one."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return inherited | dict(settings)


def _wait_for(
    port: int, process: subprocess.Popen[bytes], log: Path, meanwhile: Callable[[], object]
) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once: {log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            meanwhile()
    raise TimeoutError(f"nothing listens on {port}: {log.read_text()[-2000:]}")


def busy_seconds(pid: int) -> float:
    """Seconds of CPU that a process and its children have used until now, kernel and all."""
    ticks = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """That process and everything below it, parents first."""
    children: list[str] = []
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        # Each thread knows the processes that it has started; what was its own is gone with it.
        with suppress(FileNotFoundError, ProcessLookupError):
            children += told.read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def move(process_ids: Iterable[int], cores: str) -> None:
    """Have these run there, with all their threads, and whatever they will start."""
    wanted = {int(core) for core in cores.split(",")}
    for pid in process_ids:
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            # One that has ended since runs nowhere.
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), wanted)


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
