"""The way from a person to their cookie and back."""

import re
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from chatapp.domain import sessions
from chatapp.domain.errors import Busy, NotFound
from chatapp.models import User
from chatapp.request import client_address

# Browsers drop control characters from an address and take "\" for "/".
FORGED = re.compile(r"[\x00-\x20\x7f\\]")


def enter(user: User, *, kept: bool = False) -> Response:
    """Sign this person in on this browser and go to the page that was asked for.

    Raises `Invalid`, as `sessions.start` does.
    """
    token = sessions.start(
        user, kept=kept, user_agent=request.user_agent.string, address=client_address()
    )
    leave()
    begin(user, token, kept=kept)
    return redirect(own_path(request.args.get("next", "")), code=303)


def enter_first(user: User) -> Response:
    """`enter` with an account that has just been made: that stays where no sign-in can be stored.

    Raises `Invalid`.
    """
    try:
        return enter(user)
    except Busy:
        flash(_("Your account is made. Sign in with it."))
        return redirect(url_for("auth.sign_in"), code=303)


def begin(user: User, token: str, *, kept: bool) -> None:
    """Start the browser's session afresh: nothing that was in it before lives on.

    What an attacker may have put there (a token of theirs, a known CSRF token) is gone.
    """
    session.clear()
    session.permanent = kept
    user.token = token
    login_user(user)
    g.user_id = user.id


def leave() -> None:
    """End the sign-in of this browser, if there is one, and forget all that it carried."""
    if g.session:
        try:
            sessions.end(g.user, g.session.id)
        except NotFound:
            # Ended from another device at this very moment.
            current_app.logger.debug("A session was ended twice.")
    logout_user()
    session.clear()
    g.user = g.session = None


def own_path(text: str) -> str:
    """The path if it is one of ours, else the start page: nobody is led elsewhere."""
    if not text.startswith("/") or text.startswith("//") or FORGED.search(text):
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text
