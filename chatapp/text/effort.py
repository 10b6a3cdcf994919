"""What the parser may do for one text: counted where it works, and given up beyond it. Pure.

The parser looks ahead from each place where something might begin, and at each line once for each
list and quote around it: the worst 10,000 characters took it many seconds. How long a text takes
cannot be told from its signs, so each step is counted. Long texts as people write them stay below
what is allowed; a list of 500 items does not (tests/text/test_markdown.py).
"""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination, parseLinkLabel, parseLinkTitle
from markdown_it.rules_block import StateBlock, fence
from markdown_it.rules_inline import (
    StateInline,
    autolink,
    backtick,
    emphasis,
    entity,
    escape,
    image,
    link,
    strikethrough,
    text,
)

# All in some half microseconds.
MOST = 56_000
A_GLANCE, A_STOP, A_LINE, A_MARK, AN_ITEM, A_BRACKET, A_BLOCK = 1, 8, 12, 16, 40, 60, 50
AN_ADDRESS = 200
LETTERS_A_UNIT = 25
# What is longer is no address or title; to look for its end takes as long.
LONGEST_TARGET = 2_000

Rule = Callable[[StateInline, bool], bool]

# Whose the helpers work for, which are not told.
_running = threading.local()

# What the parser asks at each line within these, too.
_WITHIN = {"alt": ["paragraph", "reference", "blockquote", "list"]}


class TooMuchError(Exception):
    """The text would take too long."""


def limit(parser: MarkdownIt) -> None:
    """Have this parser raise `TooMuchError` for a text that would take too long."""
    inline, skip = parser.inline, parser.inline.skipToken

    def glance(state: StateInline) -> None:
        _spend(state.env, A_GLANCE)
        skip(state)

    vars(inline)["skipToken"] = glance
    # Asked first wherever the parser stops; the other one at each line, and where a block begins.
    inline.ruler.at("text", _text)
    parser.block.ruler.at("fence", _fence, _WITHIN)  # ty: ignore[invalid-argument-type]
    inline.ruler.at("emphasis", _by_length(emphasis.tokenize))
    inline.ruler.at("strikethrough", _by_length(strikethrough.tokenize))
    for name, rule in (("backticks", backtick), ("escape", escape), ("entity", entity)):
        inline.ruler.at(name, _each(rule, A_MARK))
    inline.ruler.at("autolink", _each(autolink, AN_ADDRESS))
    inline.ruler.at("link", _by_bracket("[", link))
    inline.ruler.at("image", _by_bracket("![", image))
    vars(parser)["helpers"] = SimpleNamespace(
        parseLinkLabel=parseLinkLabel,
        parseLinkDestination=_bounded(parseLinkDestination),
        parseLinkTitle=_bounded(parseLinkTitle),
    )


def _spend(env: Any, units: int) -> None:
    env["effort"] = spent = env.get("effort", 0) + units
    if spent > MOST:
        raise TooMuchError


def _text(state: StateInline, silent: bool) -> bool:
    begin, found = state.pos, text(state, silent)
    _spend(state.env, A_STOP + (state.pos - begin) // LETTERS_A_UNIT)
    return found


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    within_list = silent and state.parentType == "list"
    _spend(state.env, AN_ITEM if within_list else A_LINE if silent else A_BLOCK)
    return fence(state, start, end, silent)


def _by_length(rule: Rule) -> Rule:
    """Each sign of a run becomes a token of its own, which is compared with those before."""

    def counted(state: StateInline, silent: bool) -> bool:
        begin, found = state.pos, rule(state, silent)
        _spend(state.env, A_MARK * (state.pos - begin))
        return found

    return counted


def _each(rule: Rule, units: int) -> Rule:
    def counted(state: StateInline, silent: bool) -> bool:
        found = rule(state, silent)
        _spend(state.env, units * found)
        return found

    return counted


def _by_bracket(begin: str, rule: Rule) -> Rule:
    def counted(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith(begin, state.pos):
            return False
        _spend(state.env, A_BRACKET)
        _running.env = state.env
        return rule(state, silent)

    return counted


def _bounded(find: Callable[..., Any]) -> Callable[..., Any]:
    """It goes from letter to letter, and from the same ones again for each bracket before them."""

    def found(string: str, start: int, maximum: int, *others: Any) -> Any:
        maximum = min(maximum, start + LONGEST_TARGET)
        result = find(string, start, maximum, *others)
        _spend(_running.env, ((result.pos if result.ok else maximum) - start) // 2)
        return result

    return found
