"""gunicorn as an operator starts it, and everything that can happen to its processes."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from socket import socket

import psutil

from tests.faults.harness.ports import free_port
from tests.faults.harness.waiting import wait_until
from tests.faults.harness.wire import Wire

ROOT = Path(__file__).resolve().parents[3]
# Writers of the harness are no people: they may be as quick as they can.
NO_LIMIT = "100000 per second"
RULES = ["SIGN_IN", "SIGN_IN_ADDRESS", "REGISTER", "REGISTER_ADDRESS", "POST", "REACT", "SEARCH"]
RULES += ["CHANGE", "POST_ADDRESS", "SOCKET", "SOCKET_ADDRESS"]


class Server:
    """One gunicorn with its data in `folder`; `environment` wins over what is set here."""

    def __init__(
        self,
        folder: Path,
        database_url: str = "",
        workers: int = 1,
        app: str = "wsgi:app",
        **environment: str,
    ) -> None:
        self.folder = folder
        self.database_url = database_url or f"sqlite:///{folder / 'chatapp.sqlite3'}"
        self.app = app
        self.address = ("127.0.0.1", free_port())
        self.origin = f"http://127.0.0.1:{self.address[1]}"
        self.log_path = folder.parent / f"{folder.name}.log"
        self.environment = self._environment(workers) | environment
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The master's process id."""
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def migrate(self) -> None:
        """Bring the database to the newest schema, as an operator does."""
        migration = self._launch("flask", "--app", "wsgi:app", "db", "upgrade")
        # Waiting must leave the loop free: the way to the database may be one of our proxies.
        wait_until(lambda: migration.poll() is not None, 60, "flask db upgrade ends")
        if migration.returncode:
            raise AssertionError(f"flask db upgrade failed:\n{self.log[-4000:]}")

    def start(self) -> float:
        """Start and wait until it answers; returns how long that took."""
        self.process = self._launch("gunicorn", self.app)
        return wait_until(self.answers, 40, f"{self.app} answers; see {self.log_path}")

    def answers(self) -> bool:
        """Whether it says that it is up. Raises when its process has ended."""
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"gunicorn has ended:\n{self.log[-4000:]}")
        wire = Wire(self.address, timeout=2)
        try:
            return wire.ask("GET", "/up", {}).status < 500
        except ConnectionError:
            return False
        finally:
            wire.close()

    def clock_offset(self) -> float:
        """How far its wall clock is from the true time, by the date of an answer: to a second."""
        wire = Wire(self.address)
        date = wire.ask("GET", "/up", {}).headers["date"]
        wire.close()
        return parsedate_to_datetime(date).timestamp() - time.time()

    def worker_pids(self) -> list[int]:
        """The workers' process ids, oldest first."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return sorted(int(pid) for pid in children.read_text().split())

    def worker_of(self, connection: socket) -> int:
        """The process id of the worker that holds the other end, 0 if none does."""
        port = connection.getsockname()[1]
        for pid in self.worker_pids():
            for one in psutil.Process(pid).net_connections("tcp"):
                if one.raddr and one.raddr.port == port:
                    return pid
        return 0

    def signal_master(self, number: int) -> None:
        os.kill(self.pid, number)

    def signal_worker(self, number: int, which: int = 0) -> int:
        """Send a signal to one worker; returns its process id."""
        pid = self.worker_pids()[which]
        os.kill(pid, number)
        return pid

    def signal_all(self, number: int) -> None:
        """Send a signal to the master and all workers at once."""
        os.killpg(self.pid, number)

    def stop(self, seconds: float = 10) -> float:
        """Ask it to leave; returns how long that took. Kills what has not left by then."""
        if self.process is None:
            return 0.0
        self.signal_master(signal.SIGTERM)
        try:
            took = wait_until(self._has_ended, seconds, "gunicorn leaves")
        finally:
            self.kill()
        return took

    def kill(self) -> None:
        """`kill -9` of the master and all workers at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _launch(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _environment(self, workers: int) -> dict[str, str]:
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        own = {
            "CHATAPP_ENV": "production",
            "INSTANCE_PATH": str(self.folder),
            "DATABASE_URL": self.database_url,
            "BIND": f"{self.address[0]}:{self.address[1]}",
            "WEB_CONCURRENCY": str(workers),
            "PYTHONUNBUFFERED": "1",
            "LOG_LEVEL": "warning",
        }
        own["SOCKETS_PER_PERSON"] = "100000"
        return inherited | own | {f"RATE_{rule}": NO_LIMIT for rule in RULES}
