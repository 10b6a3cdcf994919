"""The piece of a message around the words that were looked for."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import NamedTuple

from markupsafe import Markup

from chatapp.offload import offload
from chatapp.text.plain import plain
from chatapp.text.words import fold, found, sought

LENGTH = 240
# So much is shown before the first hit, for its context, and a little more where a word begins.
BEFORE, TO_A_SPACE = 60, 40
# What is no longer than this is shown whole from the first hit on.
SHOWN = LENGTH - BEFORE - TO_A_SPACE

# Looking for words in this many characters takes longer than others should wait.
LONG = 20_000


class _Spot(NamedTuple):
    begin: int
    end: int
    # Which of the words that were looked for stands there, counted from the longest.
    which: int


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
    hit, spots = _looked_for(said, tuple(sought(terms)))
    start = _start(said, hit)
    end = _end(said, start + LENGTH)
    before, after = "… " if start else "", " …" if end < len(said) else ""
    return Markup(f"{before}{_marked(said, start, end, spots)}{after}")  # noqa: S704  It escapes.


def _looked_for(said: str, wanted: tuple[tuple[str, bool], ...]) -> tuple[int, list[_Spot]]:
    """Where most of the words first stand close together, and what is to be marked there.

    Where no two do, the first of the longest: it is what the others were added to.
    """
    spots: list[_Spot] = []
    first, last = dict[int, int](), dict[int, int]()
    most = hit = 0
    for spot in _spots(said, wanted) if wanted else ():
        if most == len(wanted) and spot.begin > hit + LENGTH:
            break
        spots.append(spot)
        first.setdefault(spot.which, spot.begin)
        last[spot.which] = spot.begin
        near = [begin for begin in last.values() if spot.end <= begin + SHOWN] or [spot.begin]
        if len(near) > most:
            most, hit = len(near), min(near)
    return first[min(first)] if most == 1 else hit, spots


def _spots(said: str, wanted: tuple[tuple[str, bool], ...]) -> Iterator[_Spot]:
    """Where the words stand, one after the other, as the search compares them."""
    if said.isascii():
        # Folding each word by itself takes ten times as long, and most texts need no more.
        for it in _pattern(wanted).finditer(said.lower()):
            yield _Spot(*it.span(), (it.lastindex or 1) - 1)
        return
    begins = tuple(word for word, _ in wanted)
    for it in found(said):
        folded = fold(it[0])
        if folded.startswith(begins):
            fitting = (at for at, each in enumerate(wanted) if _fits(folded, *each))
            if (which := next(fitting, None)) is not None:
                yield _Spot(*it.span(), which)


def _fits(folded: str, word: str, may_go_on: bool) -> bool:
    return folded.startswith(word) if may_go_on else folded == word


@lru_cache(maxsize=100)
def _pattern(wanted: tuple[tuple[str, bool], ...]) -> re.Pattern[str]:
    more = {True: r"[^\W_]*", False: r"(?![^\W_])"}
    words = (f"({re.escape(word)}{more[may_go_on]})" for word, may_go_on in wanted)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})")


def _start(said: str, hit: int) -> int:
    if hit <= BEFORE:
        return 0
    # From the beginning of a word, not out of the middle of one, if it is not far away.
    start = hit - BEFORE
    return said.rfind(" ", max(start - TO_A_SPACE, 0), start + 1) + 1 or start


def _end(said: str, limit: int) -> int:
    if limit >= len(said):
        return len(said)
    # As long as that does not cost half of a text without spaces.
    space = said.rfind(" ", limit - LENGTH // 2, limit)
    return space if space > 0 else limit


def _marked(said: str, start: int, end: int, spots: Sequence[_Spot]) -> str:
    # Plain strings: thirty excerpts of Markup take as long as the search itself.
    pieces, at = [], start
    for spot in spots:
        if start <= spot.begin < end:
            between, at = said[at : spot.begin], min(spot.end, end)
            pieces += [escape(between), "<mark>", escape(said[spot.begin : at]), "</mark>"]
    return "".join([*pieces, escape(said[at:end])])
