"""Pieces of a page that are the same for many: put together once for what they say.

A room's page has eighty translated words and two hundred icons' lines in it; asking for each anew
took ten times as long as everything that is really different from page to page.
"""

import re
import secrets
from typing import Any

from flask import current_app, request
from flask_babel import get_locale
from markupsafe import Markup, escape

from chatapp.rendering.recent import recent

# About 4 KB each: 4 MB.
KEPT_PIECES = 1024
# Stands where something is different each time. Nobody can write it into a name: it is never shown.
_MARK = secrets.token_hex(16)
_SLOT = re.compile(rf"{_MARK}(\w+);")


def piece(template: str, slots: dict[str, Any] | None = None, **values: Any) -> Markup:
    """That template with these values, which can be hashed, in this request's language.

    `slots` are the values that differ each time (a token, a list of rows): they are only put in.
    The template must not ask for anything else that does: no `g`, no `request`.
    """
    slots = slots or {}
    key = template, str(get_locale()), request.script_root, *values.items()
    kept = recent("pieces", KEPT_PIECES)
    parts = kept.get(key) or kept.put(key, _parts(template, slots, values))
    filled = [*parts]
    for place in range(1, len(parts), 2):
        filled[place] = escape(slots[parts[place]])
    return Markup("".join(filled))  # noqa: S704  The template and `escape` have escaped it all.


def _parts(template: str, slots: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """Text and names of slots in turns."""
    marks = {name: f"{_MARK}{name};" for name in slots}
    made = current_app.jinja_env.get_template(template).render(**values, **marks)
    return _SLOT.split(made)
