"""A message's source -> safe HTML. Pure.

Markdown as people write it in a chat: a line end is a line end; bold, italic, strikethrough, code,
fenced code in colour, quotes, lists, links and bare addresses. Not: raw HTML (shown as typed),
images (a link), tables, underlined headings, indented code (a pasted indent means nothing here),
link definitions. A "# heading" is a bold paragraph: a message has no outline.
"""

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, linkify
from markdown_it.token import Token

from chatapp.offload import offload
from chatapp.text import effort
from chatapp.text.effort import TooMuchError
from chatapp.text.highlight import MAX_CODE, highlight
from chatapp.text.plain import plain
from chatapp.text.sanitizer import sanitize
from chatapp.text.simple import MAYBE_ADDRESS, PLAIN_ADDRESS, has_few_addresses, simple_html
from chatapp.text.source import MAX_SOURCE, clean, is_blank

__all__ = ["MAX_SOURCE", "clean", "to_html"]

_OFF = ["code", "html_block", "html_inline", "lheading", "reference", "table"]
# Quotes and lists within each other; deeper ones stay as typed.
_MAX_NESTING = 12

# A browser takes "https:sign-out" for a page of the site that it is on: no address without a host.
_SAFE_LINK = re.compile(r"https?://[^\s/?#:\\]|mailto:", re.IGNORECASE)


class _Renderer(RendererHTML):
    def heading_open(self, *_: Any) -> str:
        return "<p><strong>"

    def heading_close(self, *_: Any) -> str:
        return "</strong></p>\n"

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        address = str(tokens[idx].attrs["src"])
        return f'<a href="{escapeHtml(address)}">{escapeHtml(tokens[idx].content or address)}</a>'

    def fence(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        # One allowance for the whole message, not one for each of its blocks.
        left = env.get("highlightable", MAX_CODE)
        env["highlightable"] = left - len(token.content)
        code = highlight(token.content, language if len(token.content) <= left else "")
        return f"<pre><code>{code}</code></pre>\n"


class _ManyLines(_Renderer):
    """Its texts hold their line ends: see `_trim_lines`."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escapeHtml(tokens[idx].content).replace("\n", "<br>\n")


# Of sanitized HTML: a letter, or a line. Without one of these, it is looked at more closely.
_SHOWS = re.compile(r">\s*[!-%'-;=-~]|<hr>")
# It gets its address for a text.
_EMPTY_LINK = re.compile(r'(<a href="([^"]*)"[^>]*>)\s*(</a>)')

# "main.py" and "README.md" are names that anybody may register, in Paraguay and Moldova. Whoever
# means such an address writes more of it.
_FILE_NAME = re.compile(r"(?!www\.)[^/:]+\.(?:cc|md|ml|ps|py|rs|sh|so)", re.IGNORECASE)

# A line end that is a token of its own takes as long as its line. Not for all: a line that begins
# with an address is then a place within a text, where the parser finds some that it would not here.
_MANY_LINES = 1_000
_LINE_END = re.compile(r"(?:(?<![ \t\\])[ \t]++)?\n[ \t]*")

# Where the parser stops in a text and asks its rules: by default at each sign that any extension of
# it might want, and each rule says no to most. Here only where the rule of that name may say yes.
# Each alternative begins with a letter of its own, by which `re` finds them six times as fast.
_STOPS = {
    "linkify": ":(?=//)",
    "newline": "\n",
    "escape": r"\\",
    "backticks": "`",
    "strikethrough": "~~",
    "emphasis": r"\*|_",
    "link": r"\[|\]",
    "image": r"!(?=\[)",
    "autolink": r"<(?![<>\s])",
    "entity": "&(?=[#a-zA-Z])",
}

# The worst texts take 1 ms for 200 characters; and the first code in a language loads its lexer.
# What takes longer than others should wait is rendered in a native thread.
_LONG = 2_000
_FENCES = "```", "~~~"
# Each is a block of its own where a text is shown as typed.
_MOST_FENCES = 300


def to_html(source: str) -> str:
    """Safe HTML for everybody's eyes; the same for every viewer."""
    text = clean(source)[:MAX_SOURCE]
    if len(text) > _LONG or any(sign in text for sign in _FENCES):
        return offload(_rendered, text)
    return _rendered(text)


def _rendered(text: str) -> str:
    # Cleaned once more: an entity, or a percent-escape in the text of a link, brings back what was
    # taken out of the source.
    simple = simple_html(text)
    return clean(sanitize(simple) if simple else _shown(text))


def _shown(text: str) -> str:
    """Parsed; as typed, where nothing of it would be left to see: an empty list, say."""
    html = sanitize(_parsed(text))
    if not _SHOWS.search(html) and is_blank(plain(html)):
        return sanitize(f"<p>{escapeHtml(text)}</p>\n".replace("\n", "<br>\n", text.count("\n")))
    return _EMPTY_LINK.sub(r"\1\2\3", html) if "</a>" in html else html


def _parsed(text: str) -> str:
    has_addresses = has_few_addresses(text)
    try:
        return _parser(has_addresses, text.count("\n") > _MANY_LINES).render(text)
    except TooMuchError:
        has_code = sum(map(text.count, _FENCES)) <= _MOST_FENCES
        return _plain_parser(has_addresses, has_code).render(text)


@cache
def _parser(has_addresses: bool, has_many_lines: bool) -> MarkdownIt:
    parser = _made(_ManyLines if has_many_lines else _Renderer)
    off = [] if has_addresses else ["linkify"]
    if has_many_lines:
        parser.core.ruler.before("inline", "trim_lines", _trim_lines)
        off.append("newline")
    parser.inline.ruler.at("linkify", _bare_address)
    parser.disable([*_OFF, *off])
    effort.limit(parser)
    rules = [rule for rule in parser.inline.ruler.get_active_rules() if rule != "text"]
    parser.inline.terminator_re = re.compile("|".join(_STOPS[rule] for rule in rules))
    return parser


@cache
def _plain_parser(has_addresses: bool, has_code: bool) -> MarkdownIt:
    """Shows a text as typed, but for its code between fences and its addresses."""
    parser = _made(_ManyLines)
    parser.core.ruler.before("inline", "trim_lines", _trim_lines)
    parser.block.ruler.at("paragraph", _run_on)
    parser.block.ruler.enableOnly(["fence", "paragraph"] if has_code else ["paragraph"])
    parser.inline.ruler.enableOnly("text")
    parser.inline.terminator_re = re.compile("(?!)")
    if not has_addresses:
        parser.core.ruler.disable("linkify")
    return parser


def _made(renderer: type[RendererHTML]) -> MarkdownIt:
    options = {"breaks": True, "linkify": True, "maxNesting": _MAX_NESTING}
    parser = MarkdownIt("js-default", options, renderer_cls=renderer)
    parser.validateLink = lambda url: _SAFE_LINK.match(url) is not None
    _look_once(parser)
    _spare_addresses(parser)
    return parser


def _run_on(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The parser's rule for a paragraph, which here goes on beyond empty lines, up to some code."""
    ends = state.md.block.ruler.getRules("paragraph")
    line = start + 1
    while line < end:
        begin = state.bMarks[line] + state.tShift[line]
        if state.src.startswith(_FENCES, begin) and any(it(state, line, end, True) for it in ends):
            break
        line += 1
    state.line = line
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, line, state.blkIndent, False).strip()
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _trim_lines(state: StateCore) -> None:
    """A rule in place of the parser's for line ends, which stay within their texts."""
    for token in state.tokens:
        if token.type == "inline":
            token.content = _LINE_END.sub("\n", token.content)


def _bare_address(state: StateInline, silent: bool) -> bool:
    """The parser's own rule, which may find one and not move: the parser gives up on that.

    Where it looks ahead, what it takes for the text before "://" stands somewhere else.
    """
    begin = state.pos
    is_found = linkify(state, silent)
    if is_found and state.pos <= begin:
        state.pos = begin
        return False
    return is_found


def _look_once(parser: MarkdownIt) -> None:
    """Spare each piece of text without an address the dozen searches that would find none."""
    linkify: Any = parser.linkify
    thorough, all_in = linkify.test, linkify.match
    linkify.test = lambda text: MAYBE_ADDRESS.search(text) is not None and thorough(text)
    linkify.match = lambda text: [it for it in all_in(text) or () if not _is_file_name(it)]


def _is_file_name(found: Any) -> bool:
    return not found.schema and _FILE_NAME.fullmatch(found.raw) is not None


def _spare_addresses(parser: MarkdownIt) -> None:
    """Spare most addresses being taken apart and put together again.

    It changes nothing about a plain one, and what cannot be opened is no link anyway.
    """
    to_link, to_text = parser.normalizeLink, parser.normalizeLinkText
    is_plain = re.compile(PLAIN_ADDRESS, re.ASCII).fullmatch

    def link(url: str) -> str:
        if is_plain(url):
            return url
        return to_link(url) if _SAFE_LINK.match(url) else ""

    parser.normalizeLink = link
    parser.normalizeLinkText = lambda link: link if is_plain(link) else to_text(link)
