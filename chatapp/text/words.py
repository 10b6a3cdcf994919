"""The words of a text as the search sees them: without case, accents and punctuation. Pure."""

import re
import unicodedata

# What is longer is no word anybody types; PostgreSQL refuses lexemes over 2 KiB.
LONGEST = 64

_WORD = re.compile(r"[^\W_]+")


def split(text: str) -> list[str]:
    """The words of the text as written, in order."""
    return _WORD.findall(text)


def fold(word: str) -> str:
    """The word as it is compared: lower case, without accents."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))[:LONGEST]


def folded(text: str) -> list[str]:
    """The different words of the text, folded."""
    return sorted({fold(word) for word in split(text)} - {""})
