"""How a greenlet waits for PostgreSQL: with the loop's own watcher, where there is a need to wait.

Before each step psycopg asks whether its socket can be read or written, and mostly it can. Under
gevent each of these questions costs psycopg's own way a turn of the loop: thirteen for one post, a
quarter of what storing it took the worker.
"""

import select
import time
from collections.abc import Generator
from typing import Any, cast

from psycopg import OperationalError, waiting

from chatapp.offload import give_way, is_cooperative, system_poll

# What psycopg waits for, and what it is told; libev's signs are the same.
READ, WRITE = 1, 2

# So long others wait at most for one that reads and reads.
BUSY_SECONDS = 0.005
# The loop says nothing of a socket that is closed here while it is waited for.
LOOK_AGAIN_SECONDS = 0.5

_psycopg_wait = waiting.wait
_SIGNS = {
    READ: select.POLLIN,
    WRITE: select.POLLOUT,
    READ | WRITE: select.POLLIN | select.POLLOUT,
}


def init_app() -> None:
    """Have psycopg wait so in this process, where threads are greenlets."""
    waiting.wait = cast("Any", wait if is_cooperative() else _psycopg_wait)


def wait(
    generator: Generator[Any, Any, Any],
    fileno: int,
    interval: float = 0.0,
    timeout: float | None = None,
) -> Any:
    """What becomes of a generator of psycopg's, which says for what it waits on that socket.

    Takes the place of `psycopg.waiting.wait`, which still serves whoever sets a `timeout`. Raises
    what the generator raises, and `OperationalError` where the socket has been closed here.
    """
    if timeout is not None:
        return _psycopg_wait(generator, fileno, interval, timeout)
    look, since = system_poll(), time.monotonic()
    try:
        wanted = int(next(generator))
        while True:
            look.register(fileno, _SIGNS[wanted])
            ready = _ready(look, wanted)
            if not ready:
                ready, since = _once_ready(look, fileno, wanted), time.monotonic()
            elif time.monotonic() - since > BUSY_SECONDS:
                # A long answer is there faster than it is read.
                give_way()
                since = time.monotonic()
            wanted = int(generator.send(ready))
    except StopIteration as end:
        return end.value


def _ready(look: Any, wanted: int) -> int:
    """For which of these the socket is ready at this moment."""
    found = look.poll(0)
    if not found:
        return 0
    sign = found[0][1]
    if sign & select.POLLNVAL:
        raise OperationalError("connection socket closed")
    ready = (READ if sign & select.POLLIN else 0) | (WRITE if sign & select.POLLOUT else 0)
    # A broken one is ready for all: whoever goes on is told how.
    return ready or wanted


def _once_ready(look: Any, fileno: int, wanted: int) -> int:
    from gevent import Timeout, get_hub

    hub, ready = get_hub(), 0
    with hub.loop.io(fileno, wanted) as watcher:
        while not ready:
            with Timeout(LOOK_AGAIN_SECONDS, exception=False):
                hub.wait(watcher)
            ready = _ready(look, wanted)
    return ready
