"""The language of this moment, by which what is rendered is kept."""

from functools import cache

from flask_babel import get_locale


def current_language() -> str:
    """Its tag: "en"."""
    return _tag(get_locale())


# Babel puts it together each time.
_tag = cache(str)
