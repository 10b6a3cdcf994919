"""Free loopback ports, below the range that the system gives to outgoing connections."""

import random
import socket


def free_port() -> int:
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
