"""What a person typed, before it means anything: made harmless, but otherwise left alone."""

import re
import unicodedata

# Characters in one message after `clean`: a long page. Longer texts are refused, never cut.
MAX_SOURCE = 10_000

# Marks on one letter: no language stacks more; hundreds would paint over the lines above.
_MOST_MARKS = 8

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
# Controls (NUL too), and the bidi embeddings, overrides and isolates: unbalanced, they would turn
# round the text that follows. Directional marks (U+200E, U+200F, U+061C) reach no further than
# their place and stay; the direction of a whole message comes from `dir="auto"`.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]"
)
# Without a picture: Hangul fillers, the empty Braille cell, Khmer's inherent vowels, what only
# chooses another's form, and what Unicode keeps free for more that shows nothing.
_EMPTY_FORMS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Not all that is called "other": an emoji newer than this Python has no category yet.
_EMPTY_CATEGORIES = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs"))
_ASCII_HARMFUL = re.compile(r"[^\t\n -~]")
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_MANY_AFTER_ASCII = re.compile(rf"[^\x00-\xac\xae-\u02ff]{{{_MOST_MARKS + 1}}}")


def clean(source: str) -> str:
    """The same text with one kind of line end and without what harms others or can't be stored.

    Controls and bidi overrides go, lone surrogates become U+FFFD, stacks of combining marks are
    cut to 8. Never raises; cleaning twice changes nothing.
    """
    # Nearly all texts, and the HTML of all others.
    if source.isascii() and not _ASCII_HARMFUL.search(source):
        return source
    text = _LINE_ENDS.sub("\n", source)
    text = _LONE_SURROGATES.sub("\ufffd", _HARMFUL.sub("", text))
    # The walk over every character only where marks could be stacked at all.
    return _cut_marks(text) if _MANY_AFTER_ASCII.search(text) else text


def is_blank(source: str) -> bool:
    """Whether there is nothing to see in it: only spaces, controls and zero-width characters."""
    return all(map(_is_empty, source))


def _is_empty(letter: str) -> bool:
    return unicodedata.category(letter) in _EMPTY_CATEGORIES or bool(_EMPTY_FORMS.match(letter))


def _cut_marks(text: str) -> str:
    kept, run = [], 0
    for letter in text:
        category = unicodedata.category(letter)
        if category[0] == "M":
            run += 1
        # Joiners and the like show nothing that the marks after them could stand on.
        elif category != "Cf" and not _EMPTY_FORMS.match(letter):
            run = 0
        if run <= _MOST_MARKS or category[0] != "M":
            kept.append(letter)
    return "".join(kept)
