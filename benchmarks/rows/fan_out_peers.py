"""How the peers of the fan-out row are started and spoken to."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import environment as env
from benchmarks.load.listening import listening
from benchmarks.load.speaker import Speaker
from benchmarks.servers import Running, free_port, running

ROOT = env.HERE.parent


def plainly(text: str) -> str:
    return text


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

    def deliveries_a_second(self, members: int, messages: int, size: int, in_flight: int) -> float:
        """Start it, open `members` sockets, say `messages`; every delivery is checked."""
        with (
            self.running() as server,
            listening(server.port, self.path, members, messages, hello=self.hello) as all_of_them,
        ):
            Speaker(server.port, self.path, self.hello, self.wrap).speak(messages, size, in_flight)
            counts = all_of_them.result()
        return counts["deliveries"] / counts["seconds"]


def _gunicorn(app: str) -> Callable[[int], list[str]]:
    flags = "-k gevent -w 1 --worker-connections 20000 --config /dev/null --log-level error".split()
    return lambda port: [str(env.PYTHON), "-m", "gunicorn", *flags, "-b", f"127.0.0.1:{port}", app]


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
