"""The words of a text as the search sees them: without case, accents and punctuation. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

# What is longer is no word anybody types; PostgreSQL refuses lexemes over 2 KiB.
LONGEST = 64

# A letter's accents and vowel signs belong to its word, in the scripts that leave a space between
# two words: up to Sinhala's. In Thai and those after it, which leave none, a sign ends a word, so
# that something in the middle of a line can be found.
_MARKS = "".join(
    sign for sign in map(chr, range(0x300, 0xE00)) if unicodedata.category(sign)[0] == "M"
)
# Of those, what makes another word, as a vowel does: what is written with a letter of its own class
# (accents, points, tones) makes none.
_VOWEL_SIGNS = frozenset(
    sign
    for sign in _MARKS
    if unicodedata.combining(sign) in (0, 9, 84, 91)
    and unicodedata.category(sign) != "Me"
    and sign != "\N{COMBINING GRAPHEME JOINER}"
)
# Where a word may be broken, or must not, and how its letters join: it is the same word without.
# Not U+200C, which stands between what Persian also writes with a space.
_UNSEEN = "\u00ad\u200d\u2060"
_WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}{_UNSEEN}]+[^\W_]*+)*+")
# For Unicode these are no letters with an accent; for whoever has them on no key they are.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)


def found(text: str) -> Iterator[re.Match[str]]:
    """Where the words of the text stand, in order."""
    return _WORD.finditer(text)


def split(text: str) -> list[str]:
    """The words of the text as written, in order."""
    # A letter and its accent are one, however they were typed.
    return _WORD.findall(unicodedata.normalize("NFC", text))


def fold(word: str) -> str:
    """The word as it is compared: lower case, without accents; letters, digits, vowel signs."""
    if word.isascii():
        return word.lower()[:LONGEST]
    # A letter that is only drawn in another way is a capital only once it is taken apart.
    apart = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(_PLAIN)
    kept = (sign for sign in apart if sign.isalnum() or sign in _VOWEL_SIGNS)
    # One letter may come apart into eighteen: no further than is kept.
    return "".join(islice(kept, LONGEST))


def folded(text: str) -> list[str]:
    """The different words of the text, folded."""
    if text.isascii():
        # Nearly all texts, and each post waits for it.
        return sorted({word[:LONGEST] for word in _WORD.findall(text.lower())})
    return sorted({fold(word) for word in set(split(text))} - {""})


def sought(terms: Iterable[str]) -> list[tuple[str, bool]]:
    """What a person wants who typed these: the different words, folded, the longest first, and
    whether each may only be how a word begins.
    """
    different = filter(None, dict.fromkeys(map(fold, terms)))
    return [(word, _may_go_on(word)) for word in sorted(different, key=len, reverse=True)]


def _may_go_on(word: str) -> bool:
    # One Latin letter or digit begins half of all words: it only stands for itself.
    return len(word) > 1 or not word.isascii()
