"""Work that would hold up everybody else: under gevent it goes to a native thread.

A greenlet only gives way when it waits, so hashing a password (100 ms) or a long SQLite read
would stop every socket of the process for as long. Without gevent there is nothing to do.
"""

import os
import select
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Linux gives each thread a niceness of its own. At 10, it has a tenth of what the loop may have.
SLOW_NICENESS = 10

_slow: list[Any] = []


def offload(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """`work(*args)`, without holding up other greenlets; raises what it raises.

    `work` runs in another thread under gevent: it must not touch Flask's contexts or an ORM row.
    """
    if not is_cooperative():
        return work(*args, **kwargs)
    from gevent import get_hub

    return _result(*get_hub().threadpool.apply(_outcome, (work, args, kwargs)))


def offload_slow(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """`offload` for what keeps a processor busy for long: it stands behind everybody else.

    It has a thread of its own, so that short work need not wait for it. Beside hashes of the
    loop's own priority, on one core, a timer was 5 ms late, and 1 of 100 times 30; now it is 1 ms,
    and 15.
    """
    if not is_cooperative():
        return work(*args, **kwargs)
    if not _slow:
        from gevent.threadpool import ThreadPool

        _slow.append(ThreadPool(1))
    return _result(*_slow[0].apply(_outcome_behind, (work, args, kwargs)))


def _outcome_behind(*call: Any) -> tuple[Any, Exception | None]:
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), SLOW_NICENESS)
    return _outcome(*call)


def _outcome(
    work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Exception | None]:
    # gevent prints a traceback for whatever is raised inside its pool, caught later or not.
    try:
        return work(*args, **kwargs), None
    except Exception as error:
        return None, error


def _result(value: Any, error: Exception | None) -> Any:
    if error is not None:
        raise error
    return value


def give_way() -> None:
    """Let the loop come round before this one goes on: sockets and timers have their turn, too.

    `sleep(0)` only lets other greenlets run; the loop comes round after fifty such calls. So a
    frame for 10,000 kept everybody else waiting for 80 to 100 ms, in spite of its pauses.
    """
    if is_cooperative():
        from gevent import get_hub

        hub = get_hub()
        with hub.loop.timer(0) as turn:
            hub.wait(turn)


def system_poll() -> Any:
    """One of the system's own: gevent's lets others go first even where nothing is waited for."""
    return _system_polls()()


@cache
def _system_polls() -> Any:
    if not is_cooperative():
        return select.poll
    from gevent.monkey import get_original

    return get_original("select", "poll")


def is_cooperative() -> bool:
    """Whether threads are greenlets here, as in gunicorn's gevent worker."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and monkey.is_module_patched("threading")
