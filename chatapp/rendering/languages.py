"""The language of this moment, by which what is rendered is kept."""

from functools import cache

from flask_babel import get_locale

from chatapp.contexts import app_context


def current_language() -> str:
    """Its tag: "en"."""
    # Where Flask-Babel keeps what it has found or was told; on its own way there it looks at `g`
    # six times, and a page asks five times.
    found = app_context().g.get("_flask_babel")
    return _tag(getattr(found, "babel_locale", None) or get_locale())


# Babel puts it together each time.
_tag = cache(str)
