"""The language of this moment, by which what is rendered is kept."""

from functools import cache

from flask import g
from flask_babel import get_locale


def current_language() -> str:
    """Its tag: "en"."""
    # Where Flask-Babel keeps what it has found; on its own way there it looks at `g` six times.
    found = getattr(g, "_flask_babel", None)
    return _tag(getattr(found, "babel_locale", None) or get_locale())


# Babel puts it together each time.
_tag = cache(str)
