"""What most messages are: words, with at most some `code`, **bold** or an address. Pure.

To read such a text as Markdown takes a sixth of the work of posting it, and finds nothing more than
this. Whatever could mean anything else is left to the parser: the two never disagree
(tests/text/test_simple.py).
"""

import re
from html import escape

from chatapp.text.sanitizer import LINK_MARKS

# Nothing in it to encode, to decode or to write otherwise.
PLAIN_ADDRESS = (
    r"https?://[a-z0-9]{1,30}(?:[.-][a-z0-9]{1,30}){0,5}"
    r"(?:/[\w.~/=+-]*)?(?:\?[\w.~/=+&-]*)?(?:#[\w.~/=+-]*)?"
)
# Each stands by itself, as a word does. What is before its first sign is looked at behind that
# sign: so the search goes from one such sign to the next, not from letter to letter.
_CODE = r"`(?<![^ \n]`)([^`\s](?:[^`\n]*[^`\s])?)`"
_BOLD = r"\*(?<![^ \n]\*)\*([^\W_](?:[^\W_]|[ '-](?=[^\W_]))*)\*\*"
# A colon behind it is taken for the beginning of a port, and two dots may end it.
_ADDRESS = rf"h(?<![^ \n]h)(?!\S*\.\.)(?a:{PLAIN_ADDRESS[1:]})(?<=[A-Za-z0-9/])(?!:)"
_PIECE = re.compile(rf"(?:{_CODE}|{_BOLD}|{_ADDRESS})(?=[,.;:!?]?(?:[ \n]|\Z))")
_MAYBE_PIECE = re.compile(r"[`*/]")
# Lines that begin with no sign of a list, quote or heading, and contain none of the rest.
_LINE = r"(?!\d+[.)])[^\s#>+=|:*`~_\\\[\]<&@-][^\n\t*`~_\\\[\]<>&@]*+(?<!\s)"
_ONLY_WORDS = re.compile(rf"{_LINE}(?:\n{_LINE})*+")
MAYBE_ADDRESS = re.compile(r"//|@|www|\.\w", re.IGNORECASE)

# The parser looks at each sign of an address, and around it (an https address has two or three).
_MOST_ADDRESSES = 100


def simple_html(text: str) -> str | None:
    """The HTML of a cleaned text that is as simple as that; None when it may not be."""
    words, html = _words_and_html(text) if _MAYBE_PIECE.search(text) else (text, text)
    if MAYBE_ADDRESS.search(words) or not _ONLY_WORDS.fullmatch(words):
        return None
    if "<a " in html and not has_few_addresses(text):
        return None
    return f"<p>{html}</p>\n".replace("\n", "<br>\n", text.count("\n"))


def has_few_addresses(text: str) -> bool:
    """Whether addresses are looked for in it, for links."""
    # Each such sign is two letters long, at least.
    if len(text) <= 2 * _MOST_ADDRESSES:
        return True
    return sum(1 for _ in MAYBE_ADDRESS.finditer(text)) <= _MOST_ADDRESSES


def _words_and_html(text: str) -> tuple[str, str]:
    """The text with an "x" for each piece, and with the piece's HTML."""
    words, html, end = [], [], 0
    for piece in _PIECE.finditer(text):
        between = text[end : piece.start()]
        words += between, "x"
        html += between, _made(piece)
        end = piece.end()
    return "".join([*words, text[end:]]), "".join([*html, text[end:]])


def _made(piece: re.Match[str]) -> str:
    code, bold = piece.groups()
    if code:
        return f"<code>{escape(code)}</code>"
    if bold:
        return f"<strong>{bold}</strong>"
    safe = escape(piece[0])
    return f'<a href="{safe}" {LINK_MARKS}>{safe}</a>'
