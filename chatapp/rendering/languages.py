"""The language of this moment, by which what is rendered is kept."""

from functools import cache

from flask import g
from flask_babel import get_babel


def current_language() -> str:
    """Its tag: "en"."""
    # Where Flask-Babel keeps what it has found or was told; a page of kept pieces needs no more
    # than the name, and is spared the rest of its search.
    found = getattr(g, "_flask_babel", None)
    locale = getattr(found, "babel_locale", None)
    # chatapp/language.py is the selector.
    return _tag(locale or get_babel().locale_selector())  # ty: ignore[not-callable]


# Babel puts it together each time.
_tag = cache(str)
