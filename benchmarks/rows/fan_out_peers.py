"""How the peers are started, and those of the fan-out row spoken to."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from time import process_time

from benchmarks import environment as env
from benchmarks.load.http_clients import ACCEPT_ENCODING, Client, Outcome, run
from benchmarks.load.listening import listening
from benchmarks.load.speaker import Speaker
from benchmarks.plan import Plan
from benchmarks.servers import Running, free_port, running

ROOT = env.HERE.parent
GUNICORN = "-k gevent -w 1 --worker-connections 20000 --config /dev/null --log-level error".split()


def plainly(text: str) -> str:
    return text


@dataclass(frozen=True)
class Heard:
    """Deliveries a second, and what saying and listening took of the load's core."""

    rate: float
    load_share: float


@dataclass(frozen=True)
class Peer:
    """A server that repeats to all: its command for a port, and its way of speaking."""

    name: str
    command: Callable[[int], list[str]]
    path: str = "/ws"
    hello: str = ""
    wrap: Callable[[str], str] = plainly

    @contextmanager
    def running(self) -> Generator[Running]:
        port = free_port()
        with running(self.command(port), port, cwd=ROOT) as server:
            yield server

    def fan_out(self, members: int, messages: int, size: int, in_flight: int) -> Heard:
        """Start it, open `members` sockets, say `messages`; every delivery is checked."""
        with (
            self.running() as server,
            listening(server.port, self.path, members, messages, hello=self.hello) as all_of_them,
        ):
            speaker, used = Speaker(server.port, self.path, self.hello, self.wrap), process_time()
            speaker.speak(messages, size, in_flight)
            used, counts = process_time() - used, all_of_them.result()
        seconds = counts["seconds"]
        return Heard(counts["deliveries"] / seconds, (used + counts["cpu_seconds"]) / seconds)


@contextmanager
def hello() -> Generator[Running]:
    """Flask's hello world on the product's own gunicorn, with its kind of worker."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", *GUNICORN, "-b", f"127.0.0.1:{port}"]
    with running([*command, "benchmarks.peers.hello:app"], port, cwd=ROOT) as server:
        yield server


def greetings(port: int, clients: int, plan: Plan) -> Outcome:
    """How fast so many clients are greeted by hello world, or by anything that greets like it."""
    head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    request = f"{head}Accept-Encoding: {ACCEPT_ENCODING}\r\n\r\n".encode()
    greeted = [Client(lambda: request, _greets) for _ in range(clients)]
    return run(port, greeted, plan.seconds, plan.warm_up)


def _greets(status: int, body: bytes) -> str | None:
    return None if (status, body) == (200, b"Hello, World!") else f"{status}: {body[:80]!r}"


def _gunicorn(app: str) -> Callable[[int], list[str]]:
    return lambda port: [
        *(str(env.PYTHON), "-m", "gunicorn", *GUNICORN),
        *("-b", f"127.0.0.1:{port}", app),
    ]


def _channels(port: int) -> list[str]:
    app = "benchmarks.peers.channels_peer.asgi:application"
    flags = ["--ws", "websockets", "--ws-per-message-deflate", "false", "--log-level", "error"]
    return [str(env.PYTHON), "-m", "uvicorn", app, "--port", str(port), *flags]


PEERS = {
    peer.name: peer
    for peer in (
        Peer("C loop", lambda port: [str(env.BROADCASTER), str(port)], path="/"),
        Peer("Node ws", lambda port: ["node", str(env.NODE_SERVER), str(port)], path="/"),
        Peer("naive flask-sock", _gunicorn("benchmarks.peers.naive_sock:app")),
        Peer(
            "Flask-SocketIO",
            lambda port: [str(env.PYTHON), "-m", "benchmarks.peers.socketio", str(port)],
            path="/socket.io/?EIO=4&transport=websocket",
            hello="40",
            wrap=lambda text: f'42["post","{text}"]',
        ),
        Peer("Django Channels", _channels),
    )
}
