"""Whether a request that changes something comes from one of our own pages: Flask-WTF's tokens."""

import time

from flask import Flask, Request, g
from flask_wtf.csrf import CSRFError, generate_csrf, same_origin

from chatapp.contexts import app_context, request_context
from chatapp.extensions import csrf
from chatapp.recent import recent

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# A token names the moment of its signature, and is as good as any other of its browser.
SIGNED_EVERY_SECONDS = 60
# About 300 bytes each: what is longer has something beside the token in it.
KEPT_TOKENS, LONGEST_TOKEN = 4_000, 300
# Where scripts put it.
HEADER = "HTTP_X_CSRFTOKEN"


def init_app(app: Flask) -> None:
    """Check what changes something; what only reads is not looked at."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf.init_app(app)
    app.before_request(check)


def check() -> None:
    """Refuse a request that does not know its browser's token.

    A page sends the same token again and again: its signature is checked once.
    """
    context = request_context()
    asked = context.request
    if asked.method in HARMLESS or not context.app.config["WTF_CSRF_ENABLED"]:
        return
    kept, given = recent("csrf_checked", KEPT_TOKENS), asked.environ.get(HEADER)
    pair = context.session.get("csrf_token"), given
    if given and kept.get(pair) and _comes_from_here(asked):
        app_context().g.csrf_valid = True
        return
    try:
        csrf.protect(apply_exemptions=True)
    except ValueError:
        # Under TLS: the page that the browser claims to come from has no address.
        raise CSRFError("The referrer is no address.") from None
    # A form has its token in a field, which counts first: then this one was not looked at.
    is_checked = given and g.get("csrf_valid") and csrf._get_csrf_token() == given
    if is_checked and len(given) <= LONGEST_TOKEN:
        kept.put(pair, True)


def _comes_from_here(asked: Request) -> bool:
    """Under TLS, the browser says on which page the request was made."""
    if not asked.is_secure:
        return True
    try:
        return same_origin(asked.referrer or "", f"https://{asked.host}/")
    except ValueError:
        return False


def token() -> str:
    """The token for this browser's forms, signed at most SIGNED_EVERY_SECONDS ago."""
    kept, period = recent("csrf", KEPT_TOKENS), int(time.monotonic() / SIGNED_EVERY_SECONDS)
    session = request_context().session
    found = kept.get((session.get("csrf_token"), period))
    if found is None:
        made = generate_csrf()
        found = kept.put((session["csrf_token"], period), made)
    # Where Flask-WTF looks for it: a form on the same page has the same one.
    app_context().g.csrf_token = found
    return found
