"""What a worker does for the first time takes long, and holds its loop: better before it matters.

Compiling a template takes some milliseconds, and the first page needs a dozen of them, a language
and its files. A new worker does this on its own, in small steps, while it serves already.
"""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

from babel import Locale
from flask import Flask
from sqlalchemy.orm import configure_mappers

from chatapp.language import LANGUAGES
from chatapp.text import markdown

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.005
# Something of each kind, so that every rule has been used once.
SAMPLE = "**Bold**, _italic_ and `code`: https://example.org\n\n> quoted\n\n- a list\n"


def warm_up(app: Flask, pause: Callable[[float], None]) -> None:
    """Do it all, with pauses in which others are served. The body of a greenlet."""
    for step in _steps(app):
        began = time.monotonic()
        try:
            step()
        except Exception:
            # Whoever needs it will meet the same error, and tell of it.
            log.exception("Warming up did not succeed")
        # Those who are served meanwhile have at least half of the time.
        pause(max(PAUSE_SECONDS, time.monotonic() - began))


def _steps(app: Flask) -> Iterator[Callable[[], object]]:
    yield configure_mappers
    yield partial(import_module, "email_validator")
    yield partial(markdown.to_html, SAMPLE)
    for language in LANGUAGES:
        yield partial(getattr, Locale.parse(language), "text_direction")
    for name in app.jinja_env.list_templates(extensions=["html"]):
        yield partial(app.jinja_env.get_template, name)
    for path in sorted(app.extensions["assets"].paths()):
        yield partial(_prepare, app, path)


def _prepare(app: Flask, path: str) -> object:
    """Read a static file and compress it."""
    return app.extensions["assets"].get(path).gzipped
