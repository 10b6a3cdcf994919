"""The piece of a message around the words that were looked for."""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from markupsafe import Markup

from chatapp.offload import offload
from chatapp.text.plain import plain
from chatapp.text.words import fold, found

LENGTH = 240
# So much is shown before the first hit, for its context.
BEFORE = 60

# Looking for words in this many characters takes longer than others should wait.
LONG = 20_000


def excerpts(htmls: Sequence[str], terms: Sequence[str]) -> list[Markup]:
    """The excerpt of each message's HTML; of long ones without holding up others."""
    if sum(map(len, htmls)) > LONG:
        return offload(_excerpts, htmls, terms)
    return _excerpts(htmls, terms)


def _excerpts(htmls: Sequence[str], terms: Sequence[str]) -> list[Markup]:
    return [excerpt(html, terms) for html in htmls]


def excerpt(html: str, terms: Sequence[str]) -> Markup:
    """What it says, at most LENGTH characters, with every hit in a `<mark>`."""
    said = plain(html)
    begins = tuple(filter(None, map(fold, terms)))
    spots = _spots(said, begins) if begins else []
    start = _start(said, spots[0][0] if spots else 0)
    end = _end(said, start + LENGTH)
    before, after = "… " if start else "", " …" if end < len(said) else ""
    return Markup(f"{before}{_marked(said, start, end, spots)}{after}")  # noqa: S704  It escapes.


def _spots(said: str, begins: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where words stand that begin so, as the search compares them."""
    if said.isascii():
        # Folding each word by itself takes ten times as long, and most texts need no more.
        return [word.span() for word in _beginning(begins).finditer(said.lower())]
    return [word.span() for word in found(said) if fold(word[0]).startswith(begins)]


@lru_cache(maxsize=100)
def _beginning(begins: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, begins))})[^\W_]*")


def _start(said: str, hit: int) -> int:
    if hit <= BEFORE:
        return 0
    # From the beginning of a word, not out of the middle of one.
    return said.rfind(" ", 0, hit - BEFORE + 1) + 1 or hit - BEFORE


def _end(said: str, limit: int) -> int:
    if limit >= len(said):
        return len(said)
    # As long as that does not cost half of a text without spaces.
    space = said.rfind(" ", limit - LENGTH // 2, limit)
    return space if space > 0 else limit


def _marked(said: str, start: int, end: int, spots: Sequence[tuple[int, int]]) -> str:
    # Plain strings: thirty excerpts of Markup take as long as the search itself.
    pieces, at = [], start
    for first, last in spots:
        if start <= first and last <= end:
            pieces += [escape(said[at:first]), "<mark>", escape(said[first:last]), "</mark>"]
            at = last
    return "".join([*pieces, escape(said[at:end])])
