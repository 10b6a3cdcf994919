"""What a gunicorn worker does beside serving, and how it leaves: every socket is told.

gunicorn waits for each open connection, but an idle keep-alive connection and a socket end only
when they are ended. `gunicorn.conf.py` calls this; at the worker's exit it stops what is left.
"""

import gc
import time
from threading import Lock
from types import SimpleNamespace
from typing import Any

from chatapp.domain import rates
from chatapp.domain.gathering import Turns
from chatapp.domain.transaction import PATIENCE_SECONDS
from chatapp.realtime.waits import Limit, NextRequest, Wait, WaitOverError
from chatapp.realtime.warming import warm_up
from chatapp.request import FORM_SECONDS, ChatRequest
from chatapp.sending import send_whole

LOOK_SECONDS = 0.05
LONG_COLLECTION_SECONDS = 0.01
# Full collections come after so many smaller ones: by then some 15,000 objects are new, not 70,000.
FULL_AFTER = 2


def watch(worker: Any) -> None:
    """When the worker starts: watch its loop, warm up, and notice that it is to leave.

    From here on its answers are sent whole.
    """
    import gevent

    app = worker.wsgi
    keep_settings(worker.cfg)
    rates.prepare(app)
    app.extensions["loop"].start()
    send_whole()
    # What a worker begins with stays. The collector of cycles need not look at it again: a hundred
    # thousand objects take it 60 ms, in which nobody is served.
    gc.freeze()
    look_only_once()
    gevent.spawn(warm_up, app, gevent.sleep).link(lambda _: gc.freeze())
    idle = _track_idle(worker)
    _notice_soon(worker)
    gevent.spawn(_leave_in_time, worker, idle, _track_forms(), _track_turns())


def keep_settings(cfg: Any) -> None:
    """Have gunicorn's settings at hand: it looks for some twenty with each request.

    Each goes by a method that Python tries last, and another one behind it: a fiftieth of a post.
    """
    vars(cfg).update({name: getattr(cfg, name) for name in cfg.settings})


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


def _notice_soon(worker: Any) -> None:
    """Have gunicorn notice that it is to leave, and that all have left, as soon as we do.

    It looks once a second: so a stop took a second longer, or two, in which the next one waits.
    """
    import gevent
    from gunicorn.workers import ggevent

    def sleep(seconds: float) -> None:
        end = time.monotonic() + seconds
        gevent.sleep(LOOK_SECONDS)
        while worker.alive and time.monotonic() < end:
            gevent.sleep(LOOK_SECONDS)

    ggevent.gevent = SimpleNamespace(  # ty: ignore[invalid-assignment]
        **vars(gevent) | {"sleep": sleep}
    )


def _track_idle(worker: Any) -> Limit:
    """Who waits for a connection's next request, in place of gunicorn's timer for each."""
    wait = NextRequest()
    worker.timeout_ctx = lambda: wait
    return Limit(wait.waiting, worker.cfg.keepalive)


def _track_forms() -> Limit:
    """Who waits for the rest of a form."""
    wait = ChatRequest.reading = Wait()
    return Limit(wait.waiting, FORM_SECONDS, TimeoutError)


def _track_turns() -> Limit:
    """Who waits for a turn to store something, or for somebody who does it for them."""
    wait = Wait()

    def wait_for(lock: Lock, _seconds: float) -> bool:
        try:
            with wait:
                return lock.acquire()
        except WaitOverError:
            return False

    Turns.wait_for = staticmethod(wait_for)
    return Limit(wait.waiting, PATIENCE_SECONDS)


def _leave_in_time(worker: Any, idle: Limit, *others: Limit) -> None:
    """End waits that take too long while the worker lives, and idle ones when it leaves."""
    from gevent import sleep, spawn

    while worker.alive:
        sleep(LOOK_SECONDS)
        for limit in (idle, *others):
            limit.look()
    for limit in others:
        limit.close()
    # Browsers that come back must not find this worker again.
    while any(listener.fileno() != -1 for listener in worker.sockets):
        sleep(LOOK_SECONDS)
    idle.end()
    while idle.is_ending:
        sleep(0)
    # Whoever is answered from now on would wait for a next request, too, and the worker for them.
    spawn(_keep_ending, idle)
    worker.wsgi.extensions["realtime"].stop()


def _keep_ending(idle: Limit) -> None:
    """The body of a greenlet that ends with its process."""
    from gevent import sleep

    while True:
        sleep(LOOK_SECONDS)
        if not idle.is_ending:
            idle.end()
