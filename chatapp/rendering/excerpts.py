"""The piece of a message around the words that were looked for."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from chatapp.offload import offload
from chatapp.text.markdown import plain
from chatapp.text.words import fold

LENGTH = 240
# So much is shown before the first hit, for its context.
BEFORE = 60

# Reading this many characters as markdown takes longer than others should wait.
LONG = 3_000

_WORD = re.compile(r"[^\W_]+")


def excerpts(sources: Sequence[str], terms: Sequence[str]) -> list[Markup]:
    """The excerpt of each; of long texts without holding up others."""
    if sum(map(len, sources)) > LONG:
        return offload(_excerpts, sources, terms)
    return _excerpts(sources, terms)


def _excerpts(sources: Sequence[str], terms: Sequence[str]) -> list[Markup]:
    return [excerpt(source, terms) for source in sources]


def excerpt(source: str, terms: Sequence[str]) -> Markup:
    """Plain text, at most LENGTH characters, with every hit in a `<mark>`."""
    said = plain(source)
    begins = tuple(filter(None, map(fold, terms)))
    spots = [found.span() for found in _WORD.finditer(said) if fold(found[0]).startswith(begins)]
    start = _start(said, spots[0][0] if spots else 0)
    end = _end(said, start + LENGTH)
    marked = _marked(said, start, end, spots)
    return Markup("{}{}{}").format("… " if start else "", marked, " …" if end < len(said) else "")


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


def _marked(said: str, start: int, end: int, spots: Sequence[tuple[int, int]]) -> Markup:
    pieces, at = [], start
    for first, last in spots:
        if start <= first and last <= end:
            pieces += [escape(said[at:first]), Markup("<mark>{}</mark>").format(said[first:last])]
            at = last
    return Markup().join([*pieces, escape(said[at:end])])
