"""Whether a request that changes something comes from one of our own pages: Flask-WTF's tokens."""

import time

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import generate_csrf

from chatapp.extensions import csrf
from chatapp.rendering.recent import recent

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# A token names the moment of its signature, and is as good as any other of its browser.
SIGNED_EVERY_SECONDS = 60
# About 300 bytes each.
KEPT_TOKENS = 4_000


def init_app(app: Flask) -> None:
    """Check what changes something; what only reads is not looked at."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf.init_app(app)
    app.before_request(check)


def check() -> None:
    """Refuse a request that does not know its browser's token."""
    if request.method not in HARMLESS and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect(apply_exemptions=True)


def token() -> str:
    """The token for this browser's forms, signed at most SIGNED_EVERY_SECONDS ago."""
    kept, period = recent("csrf", KEPT_TOKENS), int(time.monotonic() / SIGNED_EVERY_SECONDS)
    found = kept.get((session.get("csrf_token"), period))
    if found is None:
        made = generate_csrf()
        found = kept.put((session["csrf_token"], period), made)
    # Where Flask-WTF looks for it: a form on the same page has the same one.
    g.csrf_token = found
    return found
