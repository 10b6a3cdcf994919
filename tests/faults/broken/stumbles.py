"""Fails, where nobody waits for an answer, after one message in 1,000."""

from chatapp import create_app
from chatapp.realtime.delivery import Delivery
from tests.faults.broken.often import is_due

flush = Delivery._flush


def flush_and_stumble(self: Delivery) -> None:
    had_something = bool(self._ready)
    flush(self)
    if had_something and is_due():
        raise RuntimeError("broken on purpose")


setattr(Delivery, "_flush", flush_and_stumble)  # noqa: B010  It is private.
app = create_app()
