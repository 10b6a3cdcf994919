"""Messages: what people mean by their signs, and nothing that runs."""

import gc
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.common.normalize_url import normalizeLink, normalizeLinkText
from markdown_it.parser_inline import ParserInline

from chatapp.text.effort import MOST
from chatapp.text.highlight import _LEXERS, _LONGEST_LINE, MAX_CODE
from chatapp.text.markdown import MAX_SOURCE, _parser, clean, to_html
from chatapp.text.plain import plain
from chatapp.text.sanitizer import sanitize
from chatapp.text.simple import PLAIN_ADDRESS

_PLAIN = re.compile(PLAIN_ADDRESS, re.ASCII)
LINK = ' target="_blank" rel="noopener noreferrer nofollow ugc"'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("**b** _i_ ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>"),
        ("# Head", "<p><strong>Head</strong></p>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("    indented", "<p>indented</p>"),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>"),
        ("```\n<b> & c\n```", '<pre tabindex="0"><code>&lt;b&gt; &amp; c\n</code></pre>'),
        ("```nonsense\nx = 1\n```", '<pre tabindex="0"><code>x = 1\n</code></pre>'),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>"),
        ("|a|\n|-|", "<p>|a|<br>\n|-|</p>"),
    ],
)
def test_markdown_as_people_write_it(source, html):
    assert to_html(source).strip() == html


@pytest.mark.parametrize(
    ("source", "href", "text"),
    [
        ("[ours](https://a.example/b?c=d&e)", "https://a.example/b?c=d&amp;e", "ours"),
        ("https://a.example", "https://a.example", "https://a.example"),
        ("www.example.org", "http://www.example.org", "www.example.org"),
        ("ann@mail.example.com", "mailto:ann@mail.example.com", "ann@mail.example.com"),
        ("<https://a.example>", "https://a.example", "https://a.example"),
        ("![a cat](https://a.example/cat.png)", "https://a.example/cat.png", "a cat"),
    ],
)
def test_links_open_a_tab_that_knows_nothing(source, href, text):
    assert to_html(source).strip() == f'<p><a href="{href}"{LINK}>{text}</a></p>'


@settings(max_examples=500, deadline=None)
@given(st.from_regex(_PLAIN, fullmatch=True))
def test_plain_addresses_are_those_that_stay_as_they_are(address):
    assert normalizeLink(address) == normalizeLinkText(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "https://münchen.example/",
        "https://xn--mnchen-3ya.example/",
        "https://a.example/ä b",
        "https://a.example/%C3%A4",
        "https://A.example",
        "https://ann@a.example/",
        "mailto:ann@a.example",
    ],
)
def test_what_is_written_otherwise_is_no_plain_address(address):
    assert not _PLAIN.fullmatch(address)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "/sign-out",
        "//evil.example",
        "?next=/",
        "https:sign-out",
        "HTTPS:/sign-out",
        "https:?next=/",
        "http:#a",
        "https:///sign-out",
        "https://:80/",
        "https:\\\\sign-out",
    ],
)
@pytest.mark.parametrize("form", ["[x]({})", "![x]({})", "<{}>", "[x](<{}>)"])
def test_other_targets_are_no_links(form, target):
    assert "<a" not in to_html(form.format(target)).replace(f'<a href="http:{target}"', "")


def test_code_is_coloured_by_classes():
    html = to_html("```python\ndef f(): pass\n```")
    assert '<span class="k">def</span>' in html
    assert "style" not in html


def test_long_code_stays_plain():
    assert "<span" not in to_html("```python\n" + "x = 1\n" * 200 + "```")


def test_the_colours_of_one_message_are_limited_in_all():
    block = "```python\n" + "def f(): pass\n" * 100 + "```\n"
    html = to_html(block * 5)
    assert html.count('<span class="k">def') == 100
    assert html.count("def") == 500


@pytest.mark.parametrize("source", ["longword[http://p://", "(longword[http://a://b)"])
def test_an_address_that_ends_oddly_within_a_bracket_is_text_like_any_other(source):
    assert plain(to_html(source)) == source


@pytest.mark.parametrize("name", ["main.py", "README.md", "setup.sh", "src/a.rs", "x.y.so"])
def test_names_of_files_are_no_links(name):
    assert to_html(f"see {name}, please") == f"<p>see {name}, please</p>\n"


@pytest.mark.parametrize("address", ["docs.rs/serde", "www.a.md", "https://a.py", "a.example.org"])
def test_an_address_that_could_be_a_file_is_one_where_more_of_it_is_written(address):
    assert f">{address}</a>" in to_html(f"see {address}, please")


@pytest.mark.parametrize("source", ["#", ">", "-", "*", "```", "1.", "&nbsp;", "&#8203;", "- -"])
def test_what_would_show_nothing_is_shown_as_typed(source):
    assert to_html(source) == f"<p>{escape(source)}</p>\n"


def test_a_line_shows_something():
    assert to_html("---") == "<hr>\n"


def test_a_link_without_a_text_shows_its_address():
    shown = to_html("see [](https://x.example/a)")
    assert ">https://x.example/a</a>" in shown


def test_too_many_addresses_stay_text():
    assert "<a" not in to_html("a.example " * 101)
    assert "<a" in to_html("https://a.example " * 50)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("# A\n\n- **b**\n- [c](https://d.example)\n\n```\ne  f\n```", "A b c e f"),
        ("one\ntwo", "one two"),
        ("![a cat](https://a.example/cat.png)", "a cat"),
        ("&lt; `<b>` 1 < 2", "< <b> 1 < 2"),
        ("---", ""),
    ],
)
def test_plain_text_is_one_line_without_signs(source, text):
    assert plain(to_html(source)) == text


SIGNS = [
    "[", "](", "![", ")", "(", "**", "*", "_", "~~", "`", "```", ">", "-", "1.", "#", "\\",
    "&", "&lt;", "<", ">", ":", "javascript:", "data:", "http://", "https://a.example",
    "<script>", "</script>", "<style>", "<img", "onerror=x>", "onclick=", "'", '"', "a", "b",
    "www.", "a@b.example", "<!--", "-->", "</code>",
]  # fmt: skip
sources = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from([*SIGNS, "\n", " ", "\n\n", "א", "漢"]), max_size=80).map("".join),
    st.lists(st.sampled_from([*SIGNS, "\n", " "]), max_size=60).map(
        lambda parts: "```html\n" + "".join(parts)
    ),
)


@settings(max_examples=300, deadline=None)
@given(sources)
def test_the_output_is_what_the_sanitizer_lets_through(source):
    html = to_html(source)
    assert sanitize(html) == html


@settings(max_examples=300, deadline=None)
@given(sources)
def test_nothing_that_runs_or_loads(source):
    tags = re.findall(r"<[^>]*>", to_html(source))
    for tag in tags:
        assert not re.match(r"</?(script|style|img|iframe|object|svg|form|input)", tag, re.I)
        assert not re.search(r"\s(on\w+|style|src|srcset|id|name)\s*=", _without_values(tag), re.I)
        href = re.search(r'href="([^"]*)"', tag)
        assert href is None or re.match(r"(https?|mailto):", href[1], re.I)


def _without_values(tag: str) -> str:
    return re.sub(r'"[^"]*"', '""', tag)


@settings(max_examples=200, deadline=None)
@given(sources)
def test_plain_is_one_line(source):
    said = plain(to_html(source))
    assert said == " ".join(said.split())


BOMBS = [
    "[", "]", "![", "![[", "[](", "[a](", "[a](http://b)", "(", "*", "*a ", "**a *b", "_a_",
    "~~", "`", "``", "`a ``", ">", "> ", ">> - ", "- ", "- - - -", "1. ", "* * ", "#\n", "\n",
    "\\", "&amp;", "<", "<a ", "<http://", "http://", "https://a.example", "://", "|www.",
    "www.a", "a@b.", "@", "a.b", ".", "```\n", "~~~\n", "-\n>", "[x]: ", "<!--", "\u0301", "é",
    "😀", "\u202e", "\x00", "\u2028", "'\"", "[a](b![*", "[a](b![", "_ ", "**", "\t", "\u00a0",
    "`a ", " `a", "**a ", "**a-", " https://a.b/?", "a ", "a\n", "a. ", "1", "https://a-",
    "- a\n", "> a\n\n", "- > - *a\n", "1. *a* b\n\n", "a\n\n", "# a\n", "a\n\n```\n```\n",
    "a\n>b\n", "+ \n", "> ```\n\n", "    \n", "<a@b>", "<http://b>", "- <a@b>\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def frozen():
    """As in a worker (realtime/workers.py): what stands around is not walked through meanwhile.

    Here that is all that pytest holds, which took longer than the text.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("bomb", BOMBS)
def test_no_nesting_takes_long(bomb):
    source = bomb * (16 * 1024 // len(bomb))
    to_html("warm")
    # A machine that does other things too may be slow once, not four times.
    assert min(_seconds(source) for _ in range(4)) < 0.1


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("language", sorted(set(_LEXERS.values())))
@pytest.mark.parametrize("bomb", ["(", "/", "<a ", " _", "é", '"', "{", "+", "a ", "$", "'", "1"])
def test_no_code_takes_long(language, bomb):
    # As much as is put in colour.
    lines = [(bomb * 200)[: _LONGEST_LINE - 1]] * (MAX_CODE // _LONGEST_LINE)
    source = "\n".join([f"```{language}", *lines, "```"])
    to_html(f"```{language}\nwarm\n```")
    assert min(_seconds(source) for _ in range(4)) < 0.1


# Mixtures, and what made the parser go over the same text again and again.
MIXTURES = [
    "- a *b_\n" * 270 + "\\a" * 5_000,
    "- > - a\n" * 98 + "`a " * 590 + "&lt;" * 3_400,
    "1. a\n\n" * 140 + "*a " * 590,
    "> a *b*\n\n" * 98 + "&amp;" * 2_900,
    "- - - - a\n" * 70 + "a " * 5_900,
    "a\n\n" * 230 + "<a " * 4_900,
    "#\n" * 130 + "a\n" * 1_500 + "www.a " * 99 + "\\" * 12_000,
    "* * *\n" * 95 + "[a](b) " * 60 + "~~a " * 590,
    "a" + " " * 15_000 + "a\n" * 1_100,
    "![" * 10 + "![](" * 31 + "é" * 9_700 + ")" * 31 + "](http://b)" * 10,
    "![](" * 31 + "é" * 9_800 + ")" * 31,
    "![](" * 60 + "a" * 9_700,
    "![" * 10 + "\\a" * 4_600 + "](http://b)" * 10,
    "![" * 60 + "\\a" * 4_970,
    '[a](b "' * 2_000,
    "[](\\(\\(\\(" * 1_500,
    "[a](<" + "b" * 900 + " " + "[a](<b" * 2_000,
    "> " * 12 + "-a\n" * 2_850,
    "*_" * 5_000,
    ("a" + "*_" * 8) * 590,
    "```a`\n" + "- > - a\n" * 1_240,
    "- a\n  ```\n" + "- > - a\n" * 1_240,
    "```\n```x\n```\n" + "- > - a\n" * 1_240,
]


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("source", MIXTURES, ids=lambda source: source[:8].strip())
def test_no_mixture_takes_long(source):
    to_html("warm")
    assert min(_seconds(source[:MAX_SOURCE]) for _ in range(4)) < 0.1


@settings(max_examples=500, deadline=None)
@given(sources)
def test_the_parser_misses_nothing_where_it_does_not_stop(source):
    parser, text = _parser(has_addresses=True, has_many_lines=False), clean(source)
    thorough = copy(parser)
    thorough.inline = copy(parser.inline)
    thorough.inline.terminator_re = ParserInline().terminator_re
    assert parser.render(text) == thorough.render(text)


def test_many_lines_look_as_few_do():
    lines = ["#a", "**b** c  ", "`x`", *"defgh"]
    shown = ["#a", "<strong>b</strong> c", "<code>x</code>", *"defgh"]
    expected = "<br>\n".join(shown * 130)
    assert to_html("\n".join(lines * 130)) == f"<p>{expected}</p>\n"


LONG_TEXTS = [
    *[page.read_text() for page in Path("docs").glob("*.md")],
    "".join(f"**{'AB'[n % 2]}nn:** I would say so.\n\n" for n in range(320)),
    "".join(f"{n}. Press **Save {n}** and run `make x{n}`\n" for n in range(220)),
    "".join("> > that is what they said\n>\n> and I say\n\nand I\n\n" for _ in range(140)),
    "".join(f"- [#{n} a change](https://a.example/b/pull/{n}) by @ann\n" for n in range(150)),
    "".join(f"| a{n} | b_{n} | *c* | `d` |\n" for n in range(320)),
    "".join(f"- [ ] **x{n}** do `y` soon\n" for n in range(160)),
    "- tea\n" * 400,
]


@pytest.mark.parametrize("text", LONG_TEXTS, ids=lambda text: text[:12].strip())
def test_as_much_as_people_write_is_read(text):
    spent = {}
    _parser(has_addresses=True, has_many_lines=False).render(clean(text)[:MAX_SOURCE], spent)
    assert spent["effort"] < MOST * 0.95


def test_addresses_may_be_long():
    address = "https://a.example/" + "x" * 1_500
    assert to_html(f"[report]({address}) now").startswith(f'<p><a href="{address}"')


@pytest.mark.parametrize(
    ("line", "tag"),
    [("# a\n", "strong"), ("- a\n", "li"), ("7. a\n", "li"), ("**a** b\n", "strong")],
)
def test_much_of_a_sort_is_read_as_little(line, tag):
    assert to_html(line * 190).count(f"<{tag}>a</{tag}>") == 190


def test_lines_of_a_log_are_no_lists():
    html = to_html("## Release\n\n" + "2024-01-01 - INFO - app - it started\n" * 200 + "\n- see")
    assert html.startswith("<p><strong>Release</strong></p>")
    assert html.endswith("<li>see</li>\n</ul>\n")


@pytest.mark.parametrize("mess", ["- > - *a*\n" * 600, "[a](b) " * 1_000, "**a " * 2_000])
def test_what_takes_too_long_is_shown_as_typed_but_for_code_and_addresses(mess):
    html = to_html(f"{mess}\n\n```\n- **c**\n\n```\nhttps://d.example **e**")
    assert plain(to_html(mess)) == " ".join(mess.split())
    assert "<code>- **c**\n\n</code>" in html
    assert f'<p><a href="https://d.example"{LINK}>https://d.example</a> **e**</p>' in html
    assert "<strong>" not in html


def test_paragraphs_shown_as_typed_keep_their_distance():
    typed = "a *b*\n\n" + "- > - *a*\n" * 600
    assert to_html(typed).startswith("<p>a *b*<br>\n<br>\n- &gt; - *a*<br>\n")


def _seconds(source: str) -> float:
    start = time.thread_time()
    to_html(source)
    return time.thread_time() - start


def test_no_message_is_parsed_beyond_its_greatest_length():
    assert len(plain(to_html("a " * MAX_SOURCE))) < MAX_SOURCE


def test_threads_that_render_at_once_do_not_mix_their_texts() -> None:
    """Long texts are rendered in native threads, beside the short ones."""
    texts = [
        f"https://a{n}.example/{n} and **b{n}** `c{n}` d{n}.example\n" * n for n in range(1, 9)
    ]
    alone = [to_html(text) for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(to_html, texts * 8)) == alone * 8
    finally:
        sys.setswitchinterval(interval)
