"""Words that the style sheet shows, in each language.

A message's HTML is the same for every reader, so it holds no words of the interface: "edited" and
its like come from custom properties, defined in one small file a language.
"""

from flask_babel import force_locale
from flask_babel import gettext as _

from chatapp.assets import Asset
from chatapp.language import LANGUAGES


def labels(language: str) -> Asset | None:
    """The style sheet with the words of this language; None for a language we do not speak."""
    if language not in LANGUAGES:
        return None
    with force_locale(language):
        lines = [f"  --label-{name}: {css_string(text)};" for name, text in _words().items()]
    body = ":root {\n" + "\n".join(lines) + "\n}\n"
    return Asset(f"labels/{language}.css", body.encode(), "text/css")


def css_string(text: str) -> str:
    """A quoted CSS string. Everything but letters, digits and spaces is escaped by code point."""
    escaped = (c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text)
    return f'"{"".join(escaped)}"'


def _words() -> dict[str, str]:
    return {
        "edited": _("edited"),
        "deleted": _("This message was deleted."),
    }
