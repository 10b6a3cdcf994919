"""Our side of each row: a fresh workspace, filled, served by `gunicorn wsgi:app` as people do."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from benchmarks.load.http_clients import ACCEPT_ENCODING
from benchmarks.servers import SERVER_CORE, Running, environment_with, free_port, running

ROOT = Path(__file__).resolve().parent.parent
# One person here stands for hundreds: the limits are counted, but must not be reached.
UNLIMITED = {f"RATE_{rule}": "1000000 per second" for rule in ("POST", "SEARCH", "SOCKET", "REACT")}
UNLIMITED |= {
    f"RATE_{rule}": "1000000 per second"
    for rule in ("POST_ADDRESS", "SOCKET_ADDRESS", "SIGN_IN", "SIGN_IN_ADDRESS")
}


@dataclass
class Client:
    """A signed-in browser: its cookie and its CSRF token."""

    cookie: str
    csrf: str
    port: int = 0

    def get(self, path: str, accept: str = "text/html") -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: {accept}\r\n"
            f"Accept-Encoding: {ACCEPT_ENCODING}\r\nCookie: {self.cookie}\r\n\r\n"
        ).encode()

    def post(self, path: str, fields: dict[str, str]) -> bytes:
        body = urlencode(fields)
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: application/json\r\n"
            f"Accept-Encoding: {ACCEPT_ENCODING}\r\n"
            f"Cookie: {self.cookie}\r\nX-CSRFToken: {self.csrf}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def header(self) -> str:
        """The header block for the C listeners."""
        return f"Cookie: {self.cookie}\\r\\n"


@dataclass
class Product:
    """A running chatapp with its signed-in clients and the room that everybody is in."""

    server: Running
    clients: list[Client]
    room: int
    # How many messages the room has, in how many rooms each person is, and which history it is.
    messages: int
    rooms: int
    epoch: str
    environment: dict[str, str]


@contextmanager
def product(
    wanted: dict[str, int], environment: dict[str, str] | None = None, cores: str = SERVER_CORE
) -> Generator[Product]:
    """Fill a new workspace (see load/fill.py) and serve it until the block ends."""
    with filled(wanted, environment) as (settings, facts), served(settings, cores) as server:
        yield opened(server, facts, settings)


def opened(server: Running, facts: dict[str, Any], settings: dict[str, str]) -> Product:
    """What serves a filled workspace."""
    clients = [Client(**client, port=server.port) for client in facts.pop("clients")]
    return Product(server, clients, environment=settings, **facts)


@contextmanager
def filled(
    wanted: dict[str, int], environment: dict[str, str] | None = None
) -> Generator[tuple[dict[str, str], dict[str, Any]]]:
    """A workspace on disk: the environment that finds it, and what fill.py printed."""
    with TemporaryDirectory(prefix="bench-data-") as folder:
        settings = settings_for(Path(folder)) | (environment or {})
        yield settings, fill(settings, wanted)


def settings_for(folder: Path) -> dict[str, str]:
    """The environment of a product whose data is in that folder."""
    return {"INSTANCE_PATH": str(folder), "CHATAPP_ENV": "production"} | UNLIMITED


def fill(settings: dict[str, str], wanted: dict[str, int]) -> dict[str, Any]:
    """Make the schema and fill it; gives what fill.py printed."""
    _run(settings, "-m", "flask", "--app", "wsgi:app", "db", "upgrade")
    out = _run(settings, "-m", "benchmarks.load.fill", json.dumps(wanted))
    return json.loads(out.splitlines()[-1])


@contextmanager
def served(
    settings: dict[str, str],
    cores: str = SERVER_CORE,
    port: int = 0,
    meanwhile: Callable[[], object] = lambda: time.sleep(0.01),
) -> Generator[Running]:
    """`gunicorn wsgi:app` on those cores, with no flags but its port; waits until it answers."""
    port = port or free_port()
    settings = settings | {"BIND": f"127.0.0.1:{port}"}
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    began = time.perf_counter()
    with running(
        command, port, cwd=ROOT, environment=settings, cores=cores, meanwhile=meanwhile
    ) as server:
        while not is_up(port):
            meanwhile()
        server.seconds_to_serve = time.perf_counter() - began
        yield server


def stalls(server: Running) -> int:
    """How often its loop has stood still for over 50 ms, by its log: it tells a second later."""
    log = (server.folder / "server.log").read_text(errors="replace")
    lines = [json.loads(line) for line in log.splitlines() if '"the loop stood still"' in line]
    return sum(1 + line.get("more", 0) for line in lines)


def is_up(port: int) -> bool:
    """Whether it answers; gunicorn listens long before that."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", "/up")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def _run(settings: dict[str, str], *arguments: str) -> str:
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment_with(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(finished.stderr[-3000:])
    return finished.stdout
