"""Waiting for a condition without holding the loop."""

from collections.abc import Callable

import gevent

from tests.faults.harness.history import clock


class TookTooLongError(AssertionError):
    """It did not come true in time."""


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until the condition is true; returns how long that took. Raises `TookTooLongError`."""
    began = clock()
    while not condition():
        if clock() - began > seconds:
            raise TookTooLongError(f"not within {seconds} s: {what}")
        gevent.sleep(0.02)
    return clock() - began
