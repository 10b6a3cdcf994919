"""Who wants to hear of which fact, in this process. Called after the commit, never before."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

from chatapp.contexts import app_context
from chatapp.extensions import db

Handler = Callable[[Any], object]

_KEY = "chatapp.events"


def subscribe(app: Flask, kind: type, handler: Handler) -> None:
    """Have `handler(event)` called after each commit that recorded an event of this kind."""
    app.extensions.setdefault(_KEY, defaultdict(list))[kind].append(handler)


def dispatch(event: object) -> None:
    """Tell every subscriber. One that fails is logged: the change itself is already durable."""
    for handler in app_context().app.extensions.get(_KEY, {}).get(type(event), ()):
        try:
            handler(event)
        except Exception:
            current_app.logger.exception("A subscriber of %s failed", type(event).__name__)
            # A connection that broke under it must not spoil what the caller asks next.
            db.session.rollback()
