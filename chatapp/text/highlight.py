"""Code in colour: Pygments' short classes (`k`, `s1` ...), coloured by css/code.css."""

from functools import cache
from html import escape

from pygments import highlight as run_pygments
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

# A lexer takes 7 us a character, 25 for what it does not expect, and holds the loop meanwhile; some
# look ahead over and over through lines or along one. Code past these bounds stays plain.
MAX_CODE = 2_000
_MOST_LINES = 120
_LONGEST_LINE = 200

# The name after the fence -> Pygments' lexer. A fixed list: of the 500 lexers some are slow on
# hostile text (Java's takes 0.3 s for some; JavaScript's knows its words, too), and each import of
# a new one costs time within a request.
_LEXERS = {
    "bash": "bash", "c": "c", "c++": "cpp", "console": "console", "cpp": "cpp", "cs": "csharp",
    "csharp": "csharp", "css": "css", "diff": "diff", "docker": "docker", "dockerfile": "docker",
    "go": "go", "html": "html", "ini": "ini", "java": "javascript", "javascript": "javascript",
    "js": "javascript", "json": "json", "kotlin": "kotlin", "lua": "lua", "patch": "diff",
    "php": "php", "py": "python", "python": "python", "rb": "ruby", "rs": "rust", "ruby": "ruby",
    "rust": "rust", "sh": "bash", "shell": "bash", "sql": "sql", "swift": "swift", "toml": "toml",
    "ts": "typescript", "typescript": "typescript", "xml": "xml", "yaml": "yaml", "yml": "yaml",
}  # fmt: skip

_formatter = HtmlFormatter(nowrap=True)


def highlight(code: str, language: str) -> str:
    """The code as safe HTML for inside `<code>`; plain when long or in an unknown language."""
    name = _LEXERS.get(language.lower())
    if name is None or not _is_small(code):
        return escape(code, quote=False)
    return run_pygments(code, _lexer(name), _formatter)


def _is_small(code: str) -> bool:
    if len(code) > MAX_CODE:
        return False
    lines = code.split("\n")
    return len(lines) <= _MOST_LINES and max(map(len, lines)) <= _LONGEST_LINE


@cache
def _lexer(name: str) -> Lexer:
    # Their own tidying would strip the blank lines that somebody typed.
    return get_lexer_by_name(name, stripnl=False)
