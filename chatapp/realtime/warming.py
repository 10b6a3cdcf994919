"""What a worker does for the first time takes long, and holds its loop: better before it matters.

Compiling a template takes some milliseconds, the first page needs a dozen of them. A new worker
does this on its own, in small steps, while it serves already.
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial

from flask import Flask
from sqlalchemy.orm import configure_mappers

from chatapp.text import markdown

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.01
# Something of each kind, so that every rule has been used once.
SAMPLE = "**Bold**, _italic_ and `code`: https://example.org\n\n> quoted\n\n- a list\n"


def warm_up(app: Flask, pause: Callable[[float], None]) -> None:
    """Do it all, with pauses in which others are served. The body of a greenlet."""
    for step in _steps(app):
        try:
            step()
        except Exception:
            # Whoever needs it will meet the same error, and tell of it.
            log.exception("Warming up did not succeed")
        pause(PAUSE_SECONDS)


def _steps(app: Flask) -> Iterator[Callable[[], object]]:
    yield configure_mappers
    yield partial(markdown.to_html, SAMPLE)
    for name in app.jinja_env.list_templates(extensions=["html"]):
        yield partial(app.jinja_env.get_template, name)
