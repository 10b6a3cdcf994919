"""One structured line a request. Never a password, a token, a cookie, a query or a message."""

import logging
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import msgspec
import structlog
from flask import Flask, Response, g, has_request_context
from flask.logging import wsgi_errors_stream
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from chatapp.contexts import app_context, request_context

# Probes and files would drown what people do; the socket writes its own line when it closes.
QUIET_BLUEPRINTS = frozenset({"static"})
QUIET_RULES = frozenset({"/ws", "/up"})


def structured(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry facts by name: `log.info("request", status=200)`."""
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[structlog.stdlib.filter_by_level, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


_requests = logging.getLogger("chatapp.requests")
log = structured(_requests.name)


def init_app(app: Flask) -> None:
    """Say everything in lines of one form; number each request, and log it with its answer."""
    _set_up(app.config["LOG_LEVEL"], app.config["LOG_FORMAT"])
    app.before_request(_number)
    app.after_request(_write_line)


def _set_up(level: str, form: str) -> None:
    """Everything under `chatapp` goes to the server's error stream, as JSON or for eyes."""
    handler = logging.StreamHandler(cast("TextIO", wsgi_errors_stream))
    handler.setFormatter(_formatter(form))
    logger = logging.getLogger("chatapp")
    # Once, however many applications a process makes.
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())


def _formatter(form: str) -> ProcessorFormatter:
    return ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request,
            structlog.processors.format_exc_info,
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=False),
        ]
    )


def _add_request(_logger: object, _method: str, event: EventDict) -> EventDict:
    if has_request_context() and "request_id" in g:
        event.setdefault("id", g.request_id)
    return event


def _number() -> None:
    about = app_context().g
    # A number to look for, no secret: asking the system for one lets other threads run.
    about.request_id = f"{random.getrandbits(64):016x}"
    about.started = time.perf_counter()


def _write_line(response: Response) -> Response:
    about = app_context().g
    response.headers["X-Request-ID"] = about.request_id
    if not _requests.isEnabledFor(logging.INFO):
        return response
    context = request_context()
    asked = context.request
    rule = asked.url_rule.rule if asked.url_rule else None
    if asked.blueprint in QUIET_BLUEPRINTS or rule in QUIET_RULES:
        return response
    facts = {
        "id": about.request_id,
        "method": asked.method,
        # The template, not the path: an invite's code stands in the path.
        "path": rule,
        "status": response.status_code,
        "ms": round((time.perf_counter() - about.started) * 1000, 1),
        "user": about.get("user_id"),
    }
    if context.app.config["LOG_FORMAT"] == "json":
        _tell(asked.environ["wsgi.errors"], facts)
    else:
        log.info("request", **facts)
    return response


def _tell(stream: TextIO, facts: dict[str, Any]) -> None:
    """A line as the processors would make it, which takes them as long as a page's queries."""
    moment = datetime.now(UTC).replace(tzinfo=None)
    about = {"event": "request", "level": "info", "logger": _requests.name}
    line = facts | about | {"timestamp": f"{moment.isoformat()}Z"}
    # To where the handler writes: its way there takes three times as long as the line itself. A log
    # that cannot be written is no reason not to answer.
    with suppress(OSError, ValueError):
        stream.write(f"{msgspec.json.encode(line).decode()}\n")
        stream.flush()
