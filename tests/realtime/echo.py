"""A server that says back what it hears, over the product's own connection: for Autobahn only.

`gunicorn tests.realtime.echo:app` serves it; it is no part of the product.
"""

import logging
from typing import Any

from flask import Flask, Response

from chatapp.offload import is_cooperative
from chatapp.realtime.connection import Connection, Limits
from chatapp.realtime.endpoint import CheckedSock, Taken, accepted, find_socket
from chatapp.realtime.frames import data_frame
from chatapp.realtime.sockets import GeventSockets, ThreadSockets

log = logging.getLogger(__name__)

# Autobahn sends many frames at once: only the rate is wider than in the product.
LIMITS = Limits(burst=100_000, frames_a_second=100_000.0)


class Echo:
    """Owns every connection."""

    def heard(self, connection: Connection, message: str | bytes) -> None:
        connection.send(data_frame(message))

    def left(self, connection: Connection) -> None:
        log.info("left: %d", connection.close_code)


def make_app() -> Flask:
    app = Flask(__name__)
    sockets: Any = GeventSockets() if is_cooperative() else ThreadSockets()

    def listen() -> Response:
        sock = find_socket()
        connection = Connection(sockets, Echo(), LIMITS)
        sock.sendall(accepted())
        connection.sock = sockets.take_over(sock)
        connection.open(b"")
        sockets.start(connection)
        return Taken()

    CheckedSock(app).route("/echo", methods=["GET"])(listen)
    return app


app = make_app()
