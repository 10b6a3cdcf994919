"""Simple messages: told without the parser just what the parser would tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.text.markdown import _parsed
from chatapp.text.sanitizer import sanitize
from chatapp.text.simple import simple_html
from chatapp.text.source import clean

# fmt: off
# What could begin, end or disturb something, between words.
PIECES = (
    "a", "word", "\xc4", "12", "1.", "2)", " ", "  ", "\n", "\n\n", "\t", "\xa0", "\u0301",
    "\u200d", "`x`", "`a b`", "`<b>&`", "`", "**bold**", "**two words**", "**it's**", "**", "*a*",
    "*", "_", "~~", "https://a.example", "http://a.b/c_d_e?f=g&h#i", "https://a.b-c.d/~x/",
    "https://localhost", "https://a", "https://1.2.3.4/", "https://a--b.c", "https://a.example/.",
    "http://a.b/..-x", "http://a.b/..?c",
    "HTTPS://A.B", "ftp://x.y", "http", "https:", "://", "//", "www", "www.a.example",
    "a@b.example", "mailto:", "x.y", "e.g.", "3.5", ".", ",", ":", ";", "!", "?", "(", ")", "'",
    '"', "-", "- ", "+", "#", "# ", ">", "> ", "<", "&", "&amp;", "|", "=", "@", "/", "\\", "[",
    "]", "{", "^", "\u2026", "\U0001f600", "\u4e2d", "\u0639",
)
# fmt: on
TEXTS = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " "])), max_size=9)


@settings(max_examples=3_000, deadline=None)
@given(TEXTS.map(lambda pieces: clean("".join(map("".join, pieces))).strip()))
def test_the_parser_agrees(text):
    html = simple_html(text)
    assert html is None or sanitize(html) == sanitize(_parsed(text))


@pytest.mark.parametrize("piece", ["https://a.example", "http://localhost", "`//`", "word"])
@pytest.mark.parametrize("count", [40, 60, 120])
def test_the_parser_agrees_about_many_addresses(piece, count):
    text = f"{piece} " * count + "https://a.example"
    html = sanitize(simple_html(text) or _parsed(text))
    assert html == sanitize(_parsed(text))
    assert ("<a" in html) == (count <= 40 or piece == "word" or (count == 60 and "." not in piece))


@pytest.mark.parametrize(
    "text",
    [
        "Yes, let's!",
        'Half past "nine"?\nI will be there (I think) \U0001f44b',
        "The **new release** of `branch-3` is at https://example.org/a_b?c=d&e=f, have a look.",
        "\u0645\u0631\u062d\u0628\u0627",
        "100% sure; $5 + tax = 6",
    ],
)
def test_most_of_what_people_say_is_simple(text):
    assert sanitize(simple_html(text) or "") == sanitize(_parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "1. a list",
        "> a quote",
        "# a heading",
        "two\n\nparagraphs",
        "a *little* _emphasis_",
        "see example.org",
        "ann@mail.example",
        "<b>",
        "&copy;",
        "[a](https://a.example)",
        "``a`b``",
        "at the end \nof a line",
    ],
)
def test_what_may_mean_more_is_left_to_the_parser(text):
    assert simple_html(text) is None
