"""Pieces of a page that are the same for everybody: put together once for each language.

A page has eighty translated words and two hundred icons' lines in it; asking for each anew took
ten times as long as everything that is really different from page to page.
"""

from typing import Any

from flask import current_app, request
from markupsafe import Markup

from chatapp.recent import recent
from chatapp.rendering.languages import current_language

# About 4 KB each.
KEPT_PIECES = 256


def piece(template: str, **values: Any) -> Markup:
    """That template with these values, which can be hashed, in this request's language.

    It must not ask for anything else that differs: no `g`, no `request`.
    """
    key = template, current_language(), request.script_root, *values.items()
    kept = recent("pieces", KEPT_PIECES)
    return kept.get(key) or kept.put(key, _rendered(template, values))


def _rendered(template: str, values: dict[str, Any]) -> Markup:
    made = current_app.jinja_env.get_template(template)
    return Markup(made.render(values))  # noqa: S704  The template escapes.
