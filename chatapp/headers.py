"""What every answer says to the browser about its own safety."""

import re
import secrets
from functools import lru_cache

from flask import Flask, Request, Response, current_app
from flask.globals import app_ctx, request_ctx

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
    # So stands on every answer at once what compression and session would each add.
    "Vary": "Accept-Encoding, Cookie",
}
# What matters for a file that a page fetches; the rest is about pages and would only be weight.
_FOR_FILES = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cache-Control")
ON_FILES = {name: FIXED[name] for name in _FOR_FILES}
HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")


def init_app(app: Flask) -> None:
    """Give each answer its headers; a view's own header wins."""
    app.after_request(_set_headers)
    app.add_template_global(csp_nonce)


def csp_nonce() -> str:
    """What this answer's own scripts and styles carry, and nobody else can know."""
    about = app_ctx.g
    if "csp_nonce" not in about:
        about.csp_nonce = secrets.token_urlsafe(16)
    return about.csp_nonce


def vary_by(response: Response, name: str) -> None:
    """Say that the answer hangs on this header of the request, too.

    `response.vary` reads and writes all of them anew: much for what stands on every answer.
    """
    given = response.headers.get("Vary", "")
    if name not in given:
        response.headers["Vary"] = f"{given}, {name}" if given else name


def _set_headers(response: Response) -> Response:
    asked = request_ctx.request
    if response.mimetype == "text/html":
        ours = FIXED | {"Content-Security-Policy": _content_policy(asked)}
    else:
        ours = ON_FILES if asked.blueprint == "static" else FIXED
    seconds = current_app.config["HSTS_SECONDS"]
    if seconds and asked.is_secure:
        ours = ours | {"Strict-Transport-Security": f"max-age={seconds}"}
    # Looked through once: `setdefault` would do it again for each of them.
    given = {name.lower() for name, _value in response.headers}
    for name, value in ours.items():
        if name.lower() not in given:
            response.headers.add(name, value)
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
