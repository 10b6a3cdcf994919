"""The room in which a person was last on this device: the start page leads there."""

import re

from flask import Flask, Response, after_this_request, g

from chatapp.contexts import app_context, request_context

MAX_AGE = 365 * 24 * 60 * 60


def remember_room(room_id: int) -> None:
    """Lead there next time. A page that the browser fetches before anybody asked does not count."""
    context, reader = request_context(), app_context().g.user
    cookie, sent = f"{_name(context.app)}={reader.id}-{room_id}", context.request.environ
    if cookie in sent.get("HTTP_COOKIE", "").split("; ") or is_fetched_ahead():
        return

    @after_this_request
    def keep(response: Response) -> Response:
        # By hand: it is two numbers, and `set_cookie` takes as long as the page's queries.
        secure = "; Secure" if context.app.config["SESSION_COOKIE_SECURE"] else ""
        lasting = f"{cookie}; Max-Age={MAX_AGE}; HttpOnly; Path=/; SameSite=Lax{secure}"
        response.headers.add("Set-Cookie", lasting)
        return response


def is_fetched_ahead() -> bool:
    """Whether the browser fetches this page before anybody asked for it. Shown, it tells so."""
    return "HTTP_X_SEC_PURPOSE" in request_context().request.environ


def last_room() -> int | None:
    """The room's id, if there is one; whether one is still in it is another question."""
    context = request_context()
    kept = context.request.cookies.get(_name(context.app), "")
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", kept)
    return int(found[2]) if found and int(found[1]) == g.user.id else None


def _name(app: Flask) -> str:
    # A cookie for TLS only has a name that says so.
    return f"{app.config['SESSION_COOKIE_NAME']}-room"
