"""The allow-list that all HTML made of people's text goes through, last."""

import re

import nh3
from pygments.token import STANDARD_TYPES

LINK_SCHEMES = frozenset(("http", "https", "mailto"))
# What the sanitizer gives every link: a new tab that knows nothing of this one, no endorsement.
LINK_REL = "noopener noreferrer nofollow ugc"
LINK_MARKS = f'target="_blank" rel="{LINK_REL}"'

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


# Most messages are one paragraph of words, with at most some code, bold or links. That there is
# nothing else can be seen by looking, from its first sign to its last: the cleaner, which takes a
# twentieth of a post, would give it back as it is (tests/text/test_sanitizer.py). What could be
# written or read otherwise than it stands is not looked for here: other entities, hosts that may be
# numbers or another script's letters, signs that HTML drops.
_WORDS = r"(?:[^<>&\0\r\xa0]++|&(?:amp|lt|gt);)*+"
_HOST = r"(?:(?!xn)[a-z0-9]{1,30}[.-])*+(?!xn)[a-z][a-z0-9]*+"
_ADDRESS = rf"https?://{_HOST}(?:[/?#](?:[\w.~/?#=+-]|&amp;)*+)?+"
_KNOWN = re.compile(
    rf"<p>(?:[^<>&\0\r\xa0]++|&(?:amp|lt|gt);|<br>|<code>{_WORDS}</code>|<strong>{_WORDS}</strong>"
    rf'|<a href="{_ADDRESS}" {LINK_MARKS}>{_WORDS}</a>)*+</p>\n',
    re.ASCII,
)


def sanitize(html: str) -> str:
    """The same HTML with only what a message may hold: known tags, safe links, code colours."""
    return html if _KNOWN.fullmatch(html) else _cleaner.clean(html)
