"""Work that would hold up everybody else: under gevent it goes to a native thread.

A greenlet only gives way when it waits, so a commit or a long SQLite read would stop every
socket of the process for as long. Without gevent there is nothing to do.
"""

import select
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def offload(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """`work(*args)`, without holding up other greenlets; raises what it raises.

    `work` runs in another thread under gevent: it must not touch Flask's contexts or an ORM row.
    """
    if not is_cooperative():
        return work(*args, **kwargs)
    from gevent import get_hub

    return _result(*get_hub().threadpool.apply(_outcome, (work, args, kwargs)))


def offload_alone(work: Callable[[], R]) -> R:
    """`offload` to a thread that does nothing else, so that no other work can be before it.

    For what comes one at a time, and everybody waits for.
    """
    if not is_cooperative():
        return work()
    from gevent import get_hub

    return _result(*_thread_of(get_hub()).apply(_outcome, (work, (), {})))


@cache
def _thread_of(hub: Any) -> Any:
    from gevent.threadpool import ThreadPool

    return ThreadPool(1, hub=hub)


def _result(value: R, error: Exception | None) -> R:
    if error is not None:
        raise error
    return value


def _outcome(
    work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Exception | None]:
    # gevent prints a traceback for whatever is raised inside its pool, caught later or not.
    try:
        return work(*args, **kwargs), None
    except Exception as error:
        return None, error


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
