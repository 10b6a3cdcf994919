"""The allow-list that all HTML made of people's text goes through, last."""

import nh3
from pygments.token import STANDARD_TYPES

LINK_SCHEMES = frozenset(("http", "https", "mailto"))
# What the sanitizer gives every link: a new tab that knows nothing of this one, no endorsement.
LINK_REL = "noopener noreferrer nofollow ugc"

# fmt: off
_TAGS = frozenset((
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong",
    "ul",
))
# fmt: on
_CODE_CLASSES = frozenset(STANDARD_TYPES.values()) - {""}

_cleaner = nh3.Cleaner(
    tags=set(_TAGS),
    # A script's or style's content goes with it, should either ever appear.
    clean_content_tags={"script", "style"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    allowed_classes={"span": set(_CODE_CLASSES)},
    link_rel=LINK_REL,
    # A block of code scrolls sideways: whoever has no pointer reaches it by the keyboard.
    set_tag_attribute_values={"a": {"target": "_blank"}, "pre": {"tabindex": "0"}},
    url_schemes=set(LINK_SCHEMES),
    url_relative="deny",
)


def sanitize(html: str) -> str:
    """The same HTML with only what a message may hold: known tags, safe links, code colours."""
    return _cleaner.clean(html)
