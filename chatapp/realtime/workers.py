"""What a gunicorn worker does beside serving, and how it leaves: every socket is told.

gunicorn waits for each open connection, but an idle keep-alive connection and a socket end only
when they are ended. `gunicorn.conf.py` calls this; at the worker's exit it stops what is left.
"""

import gc
import time
from typing import Any

from chatapp.realtime.fairness import Turns
from chatapp.realtime.warming import warm_up

LOOK_SECONDS = 0.05
LONG_COLLECTION_SECONDS = 0.01
# Full collections come after so many smaller ones: by then some 15,000 objects are new, not 70,000.
FULL_AFTER = 2


def watch(worker: Any) -> None:
    """When the worker starts: watch its loop, warm up, and notice that it is to leave."""
    import gevent

    app = worker.wsgi
    app.extensions["loop"].start()
    # What a worker begins with stays. The collector of cycles need not look at it again: a hundred
    # thousand objects take it 60 ms, in which nobody is served.
    gc.freeze()
    look_only_once()
    gevent.spawn(warm_up, app, gevent.sleep).link(lambda _: gc.freeze())
    idle = _track_idle(worker)
    gevent.spawn(_leave_in_time, worker, idle)


def look_only_once() -> None:
    """Have the collector of cycles look no more at what it has just taken long to look at.

    While 10,000 sockets came it looked at all of them again and again, up to 240 ms at a time, and
    found a few hundred objects of 400,000: what is in no cycle goes without it. What is frozen and
    only then becomes garbage in a cycle stays: as little, once for each time that it took long.
    """
    began = 0.0

    def watch_collection(phase: str, about: dict[str, int]) -> None:
        nonlocal began
        if about["generation"] < 2:
            return
        if phase == "start":
            began = time.thread_time()
        elif time.thread_time() - began > LONG_COLLECTION_SECONDS:
            gc.freeze()

    gc.set_threshold(*gc.get_threshold()[:2], FULL_AFTER)
    gc.callbacks.append(watch_collection)


def _track_idle(worker: Any) -> dict[Any, Any]:
    """The greenlets that wait for a next request, each with the timeout that would end its wait.

    Once it has come, a request waits for its turn.
    """
    from gevent import Timeout, getcurrent

    idle: dict[Any, Any] = {}
    turns = Turns()

    class Waiting(Timeout):
        def __enter__(self) -> Any:
            idle[getcurrent()] = self
            return super().__enter__()

        def __exit__(self, typ: Any, value: Any, tb: Any) -> Any:
            idle.pop(getcurrent(), None)
            handled = super().__exit__(typ, value, tb)
            if typ is None:
                turns.wait()
            return handled

    worker.timeout_ctx = lambda: Waiting.start_new(worker.cfg.keepalive, False)
    return idle


def _leave_in_time(worker: Any, idle: dict[Any, Any]) -> None:
    from gevent import get_hub, sleep

    while worker.alive:
        sleep(LOOK_SECONDS)
    # Browsers that come back must not find this worker again.
    while any(listener.fileno() != -1 for listener in worker.sockets):
        sleep(LOOK_SECONDS)
    get_hub().loop.run_callback(_end_waiting, idle)
    worker.wsgi.extensions["realtime"].stop()


def _end_waiting(idle: dict[Any, Any]) -> None:
    """Give up waiting for next requests. Called by the loop itself, and so all at once.

    A greenlet's own `kill` comes a moment later: whoever's request has begun by then would lose it.
    """
    for greenlet, timeout in tuple(idle.items()):
        if greenlet in idle:
            greenlet.throw(timeout)
