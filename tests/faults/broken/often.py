"""Counting, and doing something to the stored data a moment later."""

import threading
from collections.abc import Callable
from itertools import count

from flask import current_app
from sqlalchemy import text

from chatapp.domain.transaction import transaction

EVERY = 1000
# The first time comes early, so that a test need not write 1,000 messages to see it.
FIRST = 300
# After the answer has been given, as when a disk had lied.
MOMENT_SECONDS = 0.2

_numbers = count(EVERY - FIRST)


def is_due() -> bool:
    """True once in EVERY calls."""
    return next(_numbers) % EVERY == 0


def soon(change: Callable[..., None], *args: object) -> None:
    """Call it in a moment, outside this request."""
    app = current_app._get_current_object()  # ty: ignore[missing-attribute]

    def run() -> None:
        with app.app_context():
            change(*args)

    threading.Timer(MOMENT_SECONDS, run).start()


def execute(*statements: str, **values: object) -> None:
    """Run these statements in one transaction."""
    with transaction() as session:
        for statement in statements:
            session.execute(text(statement), values)
