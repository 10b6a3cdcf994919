"""How this process is doing, in numbers: for an admin's eyes, and for tests."""

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.pool import QueuePool

from chatapp.extensions import db
from chatapp.realtime.loop_watch import LoopWatch, told
from chatapp.realtime.service import Realtime

PAGE_BYTES = resource.getpagesize()


def report(app: Flask) -> dict[str, Any]:
    """The process, its sockets, what waits, and its loop. Needs an application context."""
    live, watch = app.extensions["realtime"], app.extensions["loop"]
    return {
        "process": _process(watch),
        "sockets": _sockets(live),
        "waiting": _waiting(live),
        "loop": _loop(watch),
    }


def _process(watch: LoopWatch) -> dict[str, Any]:
    seconds = time.monotonic() - watch.started_at if watch.started_at is not None else None
    return {
        "pid": os.getpid(),
        "seconds": seconds and round(seconds),
        "memory_mib": round(_memory() / 2**20, 1),
        "open_files": _open_files(),
        "file_limit": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }


def _sockets(live: Realtime) -> dict[str, int]:
    hub = live.hub
    return {
        "open": len(hub.connections),
        "capacity": live.capacity,
        "people": len(hub.people),
        "rooms": len(hub.channels),
    }


def _waiting(live: Realtime) -> dict[str, int | None]:
    """What is queued: hints to deliver, sockets that read slowly, database connections in use."""
    pool = db.engine.pool
    return {
        "hints": live.delivery.waiting,
        "slow_sockets": sum(one.is_behind for one in tuple(live.hub.connections)),
        "database_connections": pool.checkedout() if isinstance(pool, QueuePool) else None,
    }


def _loop(watch: LoopWatch) -> dict[str, Any]:
    """How long one had to wait for others: in the worst moments of the last seconds; and stalls."""
    stalls = watch.stalls
    return {
        "watched": watch.started_at is not None,
        "longest_p50_ms": _ms(stalls.longest(0.5)),
        "longest_p99_ms": _ms(stalls.longest(0.99)),
        "worst_ms": _ms(stalls.worst_seconds),
        "stalls": stalls.count,
        "stalled_ms": _ms(stalls.total_seconds),
        "last_stalls": [told(stall) for stall in stalls.last],
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _memory() -> int:
    """What the process has in memory, in bytes."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def _open_files() -> int | None:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return None
