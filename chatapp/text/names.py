"""What may be a name, and when two names are the same to a reader's eye. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from chatapp.text.lookalikes import TO_LATIN

USER_NAME_LENGTHS = range(2, 33)
SHOWN_NAME_LENGTHS = range(1, 61)
# What is longer is no name, and so is its beginning; composing megabytes of marks takes minutes.
LOOKED_AT = 1_024

# Why a name is refused; the form turns the code into a sentence.
Problem = Literal[
    "too_short",
    "too_long",
    "invisible",  # control, zero-width, bidi, private or unassigned characters, lone surrogates
    "characters",  # user names: something else than letters, digits, "." "-" "_"
    "edges",  # user names begin and end with a letter or digit: "@ann." is Ann, then a full stop
    "no_letter",  # shown names hold at least one letter or digit
    "marks",  # more marks stacked on one letter than any language needs
    "mixed_scripts",  # one word out of Latin and Cyrillic, Thai ... letters: only forgers write so
    "reserved",
]

# Letters or symbols by their category, but nothing to see: fillers, Braille blank, joiners,
# variation selectors.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u2d7f\u3164\uffa0\U00016fe4\U0001d159") | {
    chr(code)
    for first, end in ((0x180B, 0x1810), (0xFE00, 0xFE10), (0xE0100, 0xE01F0))
    for code in range(first, end)
}
_INVISIBLE_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_ALIKE_SCRIPTS = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"))
# What people do write within a word of those (UTS #39, "highly restrictive"), and the apostrophes
# and glottal stops that are letters. Anything else may hold a twin: a zero, an A, a full stop.
_MIXED_SCRIPTS = frozenset(
    "CJK IDEOGRAPHIC HIRAGANA KATAKANA KATAKANA-HIRAGANA HANGUL BOPOMOFO MODIFIER".split()
)
# And in shown names ("moderately restrictive"): many languages join their prefixes to Latin words.
_JOINED_SCRIPTS = frozenset(
    "ARABIC BENGALI DEVANAGARI ETHIOPIC GEORGIAN GUJARATI GURMUKHI HEBREW KANNADA KHMER LAO"
    " MALAYALAM MYANMAR ORIYA SINHALA TAMIL TELUGU THAANA THAI TIBETAN".split()
)
_MOST_MARKS = 4
_EMOJI_STYLE = re.compile("[\ufe0e\ufe0f]")
_DOT_OVER_I = "i\u0307"

_RESERVED_WORDS = (
    "admin administrator all anyone bot channel chatapp everybody everyone group guest here"
    " help host mod moderator none nobody null official operator owner postmaster root room"
    " security someone staff support sysadmin system team undefined webmaster workspace"
)


def tidy_name(text: str) -> str:
    """The name as it is kept and shown: composed (NFC), each run of white space one space."""
    return " ".join(unicodedata.normalize("NFC", _EMOJI_STYLE.sub("", text[:LOOKED_AT])).split())


def name_key(text: str) -> str:
    """What makes a name unique: equal for names that differ only in case, width or look-alikes.

    NFKC and case-folded (the rule for caseless matching), then each letter that passes for a
    Latin one becomes it (see lookalikes.py). Never shown. At most `2 * length` characters for
    names that passed their check.
    """
    # No name has a NUL, and PostgreSQL cannot even look for one.
    visible = _EMOJI_STYLE.sub("", text[:LOOKED_AT]).replace("\0", "\ufffd")
    folded = unicodedata.normalize("NFKC", visible).casefold()
    # Taken apart, so that a Cyrillic "ё" meets the Latin "ë".
    apart = unicodedata.normalize("NFKD", folded.replace(_DOT_OVER_I, "i")).translate(TO_LATIN)
    return " ".join(unicodedata.normalize("NFKC", apart).split())


def check_user_name(text: str) -> Problem | None:
    """Why this can't be a user name, or None. 2 to 32 letters, digits, ".", "-" and "_"."""
    problem = _check_shape(text, USER_NAME_LENGTHS, _MIXED_SCRIPTS)
    if problem:
        return problem
    if not all(_is_word(letter) or letter in ".-_" for letter in text):
        return "characters"
    if text[0] in ".-_" or text[-1] in ".-_":
        return "edges"
    return "reserved" if name_key(text) in _RESERVED else None


def check_name(text: str) -> Problem | None:
    """Why this can't be a shown name (of a person, a room), or None. 1 to 60 characters."""
    problem = _check_shape(text, SHOWN_NAME_LENGTHS, _MIXED_SCRIPTS | _JOINED_SCRIPTS)
    if problem:
        return problem
    return None if any(letter.isalnum() for letter in text) else "no_letter"


def _check_shape(text: str, lengths: range, mixed: frozenset[str]) -> Problem | None:
    if any(unicodedata.category(c) in _INVISIBLE_CATEGORIES or c in _BLANK for c in text):
        return "invisible"
    if len(text) < lengths.start:
        return "too_short"
    # One character can unfold into 18; the key's column holds twice the longest name.
    if len(text) >= lengths.stop or len(name_key(text)) > 2 * lengths[-1]:
        return "too_long"
    if _most_marks(text) > _MOST_MARKS:
        return "marks"
    return "mixed_scripts" if any(_is_forged(word, mixed) for word in _words(text)) else None


def _most_marks(text: str) -> int:
    most = run = 0
    for letter in unicodedata.normalize("NFC", text):
        run = run + 1 if unicodedata.category(letter)[0] == "M" else 0
        most = max(most, run)
    return most


def _words(text: str) -> Iterable[str]:
    return "".join(c if _is_word(c) else " " for c in text).split()


def _is_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LM" or category == "Nd"


def _is_forged(word: str, mixed: frozenset[str]) -> bool:
    """Whether letters of alphabets that look alike stand beside others than these."""
    letters = [c for c in unicodedata.normalize("NFKC", word) if c.isalnum()]
    if any(c.isdecimal() and not c.isascii() for c in letters):
        # A zero of another script passes for an O.
        mixed = frozenset()
    # A character's Unicode name begins with its script; compatibility forms are taken apart.
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in letters if c not in "0123456789"}
    alike = scripts & _ALIKE_SCRIPTS
    return len(alike) > 1 or bool(alike and scripts - alike - mixed)


_RESERVED = frozenset(map(name_key, _RESERVED_WORDS.split()))
