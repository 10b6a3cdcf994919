"""The browser's session: a signed cookie that says nothing about its own age.

Sign-ins end by their rows. A signature that also carries a time would end them when a clock
jumps: one made before the jump back looks as if it came from the future.
"""

from datetime import timedelta

from flask import Flask
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.wrappers import Request
from itsdangerous import BadSignature


class AgelessSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, read however old it is."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        try:
            return self.session_class(serializer.loads(cookie))
        except BadSignature:
            return self.session_class()


def init_app(app: Flask) -> None:
    """How the session's cookie is made and read."""
    app.session_interface = AgelessSessions()
    app.permanent_session_lifetime = timedelta(days=app.config["KEPT_SESSION_DAYS"])
    app.config.update(
        # Written again when a sign-in's end moves on, not with each answer: an answer that was
        # under way during a sign-out would bring the old cookie back.
        SESSION_REFRESH_EACH_REQUEST=False,
        # Flask-Login's would take X-Forwarded-For from the browser itself.
        SESSION_PROTECTION=None,
    )
