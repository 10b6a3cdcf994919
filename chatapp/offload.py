"""Work that would hold up everybody else: under gevent it goes to a native thread.

A greenlet only gives way when it waits, so hashing a password (100 ms) or a long SQLite read
would stop every socket of the process for as long. Without gevent there is nothing to do.
"""

import sys
from collections.abc import Callable
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

    value, error = get_hub().threadpool.apply(_outcome, (work, args, kwargs))
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
    """Let the other greenlets run once before this one goes on."""
    if is_cooperative():
        from gevent import sleep

        sleep(0)


def is_cooperative() -> bool:
    """Whether threads are greenlets here, as in gunicorn's gevent worker."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and monkey.is_module_patched("threading")
