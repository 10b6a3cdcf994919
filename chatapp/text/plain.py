"""A message's HTML -> what it says. Pure."""

import re
from html import unescape

# Of what the sanitizer lets through, these stand between words; the other tags stand inside them.
_BETWEEN = re.compile(r"</?(?:blockquote|br|hr|li|ol|p|pre|ul)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def plain(html: str) -> str:
    """What sanitized HTML says in one line, without the signs it was written with.

    A tenth of the work of reading the source again.
    """
    return " ".join(unescape(_TAG.sub("", _BETWEEN.sub(" ", html))).split())
