"""What every answer says to the browser about its own safety."""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response

from chatapp.contexts import app_context, request_context

FEATURES_REFUSED = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": FEATURES_REFUSED,
    # Pages show private things: nothing between us and the browser, nor its disk, keeps them.
    "Cache-Control": "private, no-store",
    # Both compression and the session make an answer hang on what was asked with.
    "Vary": "Accept-Encoding, Cookie",
}
# What matters for a file that a page fetches; the rest is about pages and would only be weight.
_FOR_FILES = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cache-Control")
ON_FILES = {name: FIXED[name] for name in _FOR_FILES}
HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")


def _by_lower_name(headers: Mapping[str, str]) -> list[tuple[str, tuple[str, str]]]:
    return [(name.lower(), (name, value)) for name, value in headers.items()]


class SafeResponse(Response):
    """Flask's response, with what every answer says; a header that it has itself wins.

    They join as it leaves. Put in before, each would be looked at four times on its way through
    Flask and Werkzeug, which takes a thirtieth of a page.
    """

    _carried = _by_lower_name(FIXED)
    _on_files = _by_lower_name(ON_FILES)

    def carry_less(self) -> None:
        """This is a file that a page fetches."""
        self._carried = self._on_files

    def get_wsgi_response(self, environ: Any) -> Any:
        body, status, headers = super().get_wsgi_response(environ)
        own = {name.lower() for name, _value in headers}
        if "vary" in own:
            headers = self._with_all_of_vary(headers)
        headers += [header for name, header in self._carried if name not in own]
        return body, status, headers

    def _with_all_of_vary(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """What it hangs on by itself, as one that begins a session does, and by what it carries."""
        carried = [header[1] for name, header in self._carried if name == "vary"]
        given = [value for name, value in headers if name.lower() == "vary"]
        words = (word.strip() for value in carried + given for word in value.split(","))
        others = [header for header in headers if header[0].lower() != "vary"]
        return [*others, ("Vary", ", ".join(dict.fromkeys(words)))]


def init_app(app: Flask) -> None:
    """Give each answer its headers; a view's own header wins."""
    app.response_class = SafeResponse
    app.after_request(_set_headers)
    app.add_template_global(csp_nonce)


def csp_nonce() -> str:
    """What this answer's own scripts and styles carry, and nobody else can know."""
    about = app_context().g
    if "csp_nonce" not in about:
        about.csp_nonce = secrets.token_urlsafe(16)
    return about.csp_nonce


def _set_headers(response: SafeResponse) -> SafeResponse:
    context = request_context()
    asked = context.request
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", _content_policy(asked))
    elif asked.blueprint == "static":
        response.carry_less()
    seconds = context.app.config["HSTS_SECONDS"]
    if seconds and asked.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={seconds}")
    return response


def _content_policy(asked: Request) -> str:
    return _policy(asked.host, asked.is_secure).replace("{nonce}", csp_nonce())


@lru_cache(maxsize=1_000)
def _policy(host: str, is_secure: bool) -> str:
    nonce = "'nonce-{nonce}'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {nonce}",
            # Turbo makes a style element for its progress bar, and gives it the nonce.
            f"style-src 'self' {nonce}",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            f"connect-src 'self'{_socket_origin(host, is_secure)}",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
        )
    )


def _socket_origin(host: str, is_secure: bool) -> str:
    # Older Safari does not count ws: as 'self'. The Host header is the client's own text.
    if not HOST.fullmatch(host):
        return ""
    return f" {'wss' if is_secure else 'ws'}://{host}"
