"""Messages by the million: words as common and as rare as in a language, in little time.

Word n of the vocabulary comes up about 1/n as often as the first (Zipf's law): a search finds
words that are in every other message, and words that are in a handful.
"""

import random
from itertools import product

# What everybody here signs in with.
PASSWORD = "correct horse battery"
VOCABULARY, PHRASES, WORDS_IN_A_PHRASE = 30_000, 60_000, 5
_SYLLABLES = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]


def word(rank: int) -> str:
    """The word at that place, 1 the commonest: the same in every run."""
    parts = [_SYLLABLES[rank % len(_SYLLABLES)]]
    while (rank := rank // len(_SYLLABLES)) or len(parts) < 2:
        parts.append(_SYLLABLES[rank % len(_SYLLABLES)])
    return "".join(parts)


class Text:
    """Gives each message its source and its HTML: two phrases, one of them in bold."""

    def __init__(self) -> None:
        dice = random.Random(4)
        ranks = range(1, VOCABULARY + 1)
        picked = dice.choices(
            [word(rank) for rank in ranks],
            [1 / rank for rank in ranks],
            k=PHRASES * WORDS_IN_A_PHRASE,
        )
        starts = range(0, len(picked), WORDS_IN_A_PHRASE)
        self._phrases = [" ".join(picked[at : at + WORDS_IN_A_PHRASE]) for at in starts]

    def of(self, number: int) -> tuple[str, str]:
        """The message with that number, as typed and as rendered."""
        # Two steps without a common divisor: pairs come back only after billions.
        first = self._phrases[number * 7919 % PHRASES]
        second = self._phrases[(number * 104_729 + number // PHRASES) % PHRASES]
        return f"**{first}** {second}", f"<p><strong>{first}</strong> {second}</p>\n"
