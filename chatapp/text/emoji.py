"""Which emoji there are: those of static/emoji, which the picker offers too. Pure.

A file for each language, made by scripts/emoji.mjs: group -> rows of [emoji, name, other words, 1
if it comes in five skin tones].
"""

import json
from functools import cache
from pathlib import Path

# Offered at once, before the picker.
QUICK = ["👍", "❤️", "😂", "🎉", "👀", "✅"]

DATA = Path(__file__).resolve().parent.parent / "static" / "emoji" / "en.json"

_TONES = [chr(code) for code in range(0x1F3FB, 0x1F400)]


def is_emoji(text: str) -> bool:
    """Whether this is exactly one emoji of the data, in its one spelling."""
    return text in _every_emoji()


@cache
def _every_emoji() -> frozenset[str]:
    groups = json.loads(DATA.read_text(encoding="utf-8"))["groups"]
    rows = [row for group in groups.values() for row in group]
    toned = [_with_tone(row[0], tone) for row in rows if len(row) > 3 for tone in _TONES]
    return frozenset([row[0] for row in rows] + toned)


def _with_tone(emoji: str, tone: str) -> str:
    # The tone takes the place of the mark that asks for the colourful form.
    return emoji[0] + tone + emoji[1:].removeprefix("\ufe0f")
