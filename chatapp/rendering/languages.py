"""The language of this moment, by which what is rendered is kept."""

from functools import cache
from types import SimpleNamespace

from chatapp.contexts import app_context


def current_language() -> str:
    """Its tag: "en"."""
    # Where Flask-Babel keeps what it has found or was told; on its own way there it looks at `g`
    # six times, and a page asks five times.
    context = app_context()
    told = context.g.setdefault("_flask_babel", SimpleNamespace())
    locale = getattr(told, "babel_locale", None)
    if locale is None:
        locale = told.babel_locale = context.app.extensions["babel"].locale_selector()
    return _tag(locale)


# Babel puts it together each time.
_tag = cache(str)
