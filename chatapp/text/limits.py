"""Which of the parser's rules are off for a text, so that none takes long. Pure.

The parser takes some 3 us for a sign that may mean something and 60 us for a block, and some of its
rules look ahead from each place where they might begin, over and over: the worst 10,000 characters
took seconds. No person types so many of one sort as stands here; where somebody does, the rules of
that sort are off for that message, and those signs stay as typed.
"""

import re

_BRACKET_RULES = ("link", "image")
_MOST_BRACKETS = 60  # Of either sort.
_ADDRESS_RULES = ("linkify",)
_MOST_ADDRESSES = 100  # Of the signs below: an https address has two or three.
MAYBE_ADDRESS = re.compile(r"//|@|www|\.\w", re.IGNORECASE)
_EMPHASIS_RULES = ("emphasis", "strikethrough")
_MOST_EMPHASES = 600  # Of signs or runs of one: a word in bold has two.
_MAYBE_EMPHASIS = re.compile(r"[*_]++|~~++")
_CODE_RULES = ("backticks",)
_MOST_CODES = 600  # Likewise.
_MAYBE_CODE = re.compile("`++")
BLOCK_RULES = ("blockquote", "heading", "hr", "list")
_MOST_BLOCKS = 300  # Of gaps between paragraphs, and of signs that may begin something else.
_MAYBE_BLOCK = re.compile(r"\n\s*\n|>|(?<![^\s>])(?:[-+*]|\#{1,6}|\d{1,9}[.)])(?!\S)")
# Lines of code begin as they like, and are one block.
_FENCED = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)(?:.*\n)+?(?: {0,3}\1|.*\Z)", re.MULTILINE)


def rules_off(text: str) -> tuple[str, ...]:
    """The names of the parser's rules that are off for a cleaned text; all of a sort, or none."""
    off: tuple[str, ...] = ()
    if max(text.count("["), text.count("]")) > _MOST_BRACKETS:
        off += _BRACKET_RULES
    if _count(MAYBE_ADDRESS, text) > _MOST_ADDRESSES:
        off += _ADDRESS_RULES
    if _count(_MAYBE_EMPHASIS, text) > _MOST_EMPHASES:
        off += _EMPHASIS_RULES
    if _count(_MAYBE_CODE, text) > _MOST_CODES:
        off += _CODE_RULES
    if _blocks(text) > _MOST_BLOCKS < _blocks(_FENCED.sub("", text)):
        off += BLOCK_RULES
    return off


def _blocks(text: str) -> int:
    """How many blocks a text takes as long as: to look whether a line begins one is a tenth."""
    return _count(_MAYBE_BLOCK, text) + text.count("\n") // 10


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))
