"""The words of a text as the search sees them: without case, accents and punctuation. Pure."""

import re
import unicodedata

# What is longer is no word anybody types; PostgreSQL refuses lexemes over 2 KiB.
LONGEST = 64

_WORD = re.compile(r"[^\W_]+")


def split(text: str) -> list[str]:
    """The words of the text as written, in order."""
    # A letter and its accent are one, however they were typed.
    return _WORD.findall(unicodedata.normalize("NFC", text))


def fold(word: str) -> str:
    """The word as it is compared: lower case, without accents; only letters and digits."""
    if word.isascii():
        return word.lower()[:LONGEST]
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(filter(str.isalnum, apart))[:LONGEST]


def folded(text: str) -> list[str]:
    """The different words of the text, folded."""
    if text.isascii():
        # Nearly all texts, and each post waits for it.
        return sorted({word[:LONGEST] for word in _WORD.findall(text.lower())})
    return sorted({fold(word) for word in split(text)} - {""})
