"""One structured line a request. Never a password, a token, a cookie, a query or a message."""

import logging
import secrets
import time

import structlog
from flask import Flask, Response, g, request

# Probes and files would drown what people do; the socket writes its own line when it closes.
QUIET_BLUEPRINTS = frozenset({"static"})
QUIET_RULES = frozenset({"/ws", "/up"})

log = structlog.wrap_logger(
    logging.getLogger("chatapp.requests"),
    processors=[
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
    wrapper_class=structlog.BoundLogger,
)


def init_app(app: Flask) -> None:
    """Number each request, and log it with its answer."""
    logger = logging.getLogger("chatapp.requests")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(logging.WARNING if app.testing else logging.INFO)
    app.before_request(_number)
    app.after_request(_write_line)


def _number() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()


def _write_line(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    rule = request.url_rule.rule if request.url_rule else None
    if request.blueprint in QUIET_BLUEPRINTS or rule in QUIET_RULES:
        return response
    log.info(
        "request",
        id=g.request_id,
        method=request.method,
        # The template, not the path: an invite's code stands in the path.
        path=rule,
        status=response.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
        user=g.get("user_id"),
    )
    return response
