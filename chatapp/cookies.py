"""The browser's session: a signed cookie that says nothing about its own age.

Sign-ins end by their rows. A signature that also carries a time would end them when a clock
jumps: one made before the jump back looks as if it came from the future.
"""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.wrappers import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

# About 700 bytes each; what browsers send beside them, once more. Longer ones are read each time.
KEPT_COOKIES, LONGEST_KEPT = 4_000, 2_000


class AgelessSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, read however old it is.

    The same cookies come with every request of a browser: they are read, and the signature
    checked, once.
    """

    def __init__(self) -> None:
        self._checked: dict[str, dict[str, Any]] = {}
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        # Made once: after a restart, thousands of cookies are new to this process.
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookies = request.environ.get("HTTP_COOKIE", "")
        known = self._checked.get(cookies)
        if known is not None:
            return self.session_class(known)
        cookie = self._cookie_in(cookies, app, request)
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        try:
            return self.session_class(self._keep(cookies, serializer.loads(cookie)))
        except BadSignature:
            return self.session_class()

    def _cookie_in(self, cookies: str, app: Flask, request: Request) -> str:
        # It is nearly always the only one.
        name, _, value = cookies.partition("=")
        if name == self.get_cookie_name(app) and ";" not in value:
            return value
        return request.cookies.get(self.get_cookie_name(app), "")

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # That an answer hangs on its session is said by every one that may (headers.py).
        if session.modified:
            super().save_session(app, session, response)

    def _keep(self, cookies: str, values: dict[str, Any]) -> dict[str, Any]:
        # A list (of notices) could be changed by whoever gets a copy of the dict.
        plain = all(isinstance(value, str | bool) for value in values.values())
        if plain and len(cookies) <= LONGEST_KEPT:
            if len(self._checked) >= KEPT_COOKIES:
                self._checked.clear()
            self._checked[cookies] = values
        return values


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
