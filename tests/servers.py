"""Real gunicorn processes on data of their own, for what only a real server shows."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from chatapp import create_app
from chatapp.extensions import db
from tests.databases import Databases
from tests.visitors import Visitor

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


class Server:
    """`gunicorn wsgi:app` as an operator starts it. `app` is on the same data, for builders."""

    # Set another before `start` for an application that does what the product never would.
    application = "wsgi:app"

    def __init__(self, folder: Path, database_url: str, environment: dict[str, str]):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / "server.log"
        self.environment = self._environment(database_url) | environment
        self.app: Flask = create_app(
            {"SQLALCHEMY_DATABASE_URI": database_url, "INSTANCE_PATH": folder}
        )
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The arbiter's process id; its workers are its children."""
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until it answers. Fails with the log when it does not."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", self.application],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until_up()

    def wait_until_up(self, seconds: float = START_SECONDS) -> None:
        """Raises AssertionError, with the log, when it has ended or does not answer in time."""
        deadline = time.monotonic() + seconds
        # What answers may be another's server on the same port: ours must live, too.
        while not (self.is_up() and self.is_alive()):
            if time.monotonic() > deadline or not self.is_alive():
                raise AssertionError(f"The server does not answer:\n{self.log}")
            time.sleep(0.02)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/up", timeout=2).ok
        except requests.RequestException:
            return False

    def worker_pids(self) -> list[int]:
        """The workers' process ids."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def stop(self, seconds: float = 10) -> None:
        """Ask it to leave, as an operator would; kill what has not left by then."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """`kill -9` of the arbiter and all its workers."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """Stop, and start on the same port and data."""
        self.stop()
        self.start()

    def build(self, builder: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a builder (`tests.builders.people.new_user` ...) on this server's data."""
        with self.app.app_context():
            return builder(*args, **kwargs)

    def visitor(self, user_name: str | None = None) -> Visitor:
        """An HTTP client that keeps cookies; signed in as that person when one is named."""
        visitor = Visitor(self.url)
        if user_name:
            visitor.sign_in(user_name)
        return visitor

    def close(self) -> None:
        """The test is over: nobody waits for a polite end."""
        self.kill()
        with self.app.app_context():
            db.engine.dispose()

    def _environment(self, database_url: str) -> dict[str, str]:
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        return inherited | {
            "CHATAPP_ENV": "test",
            "INSTANCE_PATH": str(self.folder),
            "DATABASE_URL": database_url,
            "BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "1",
            "PYTHONUNBUFFERED": "1",
        }


def free_port() -> int:
    """A port below the range that the system gives to outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@pytest.fixture
def make_server(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """Starts servers: `make_server(workers=2, RATE_POST="2 per minute")`. Each has fresh data.

    `share=other` gives it the other server's data instead; `start=False` leaves it stopped.
    """
    with starting(databases, tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session")
def shared_server(
    databases: Databases,
    database_kind: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Server]:
    """One running server for all tests that leave it as it was but for people and rooms.

    One worker on SQLite; on PostgreSQL two, with Redis between them.
    """
    with starting(databases, tmp_path_factory) as make:
        if database_kind == "sqlite":
            yield make()
        else:
            yield make(workers=2, REDIS_URL=request.getfixturevalue("shared_redis_url"))


@contextmanager
def starting(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Callable[..., Server]]:
    """What makes the servers of a fixture, and ends them with it."""
    servers: list[Server] = []
    urls: list[str] = []

    def make(
        *, workers: int = 1, share: Server | None = None, start: bool = True, **environment: str
    ) -> Server:
        folder = share.folder if share else tmp_path_factory.mktemp("server")
        url = share.environment["DATABASE_URL"] if share else databases.create(folder)
        urls.append(url)
        settings = {"WEB_CONCURRENCY": str(workers)} | environment
        servers.append(Server(folder, url, settings))
        if start:
            servers[-1].start()
        return servers[-1]

    yield make
    for server in servers:
        server.close()
    for url in urls:
        databases.drop(url)


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """A running server with one worker."""
    return make_server()
