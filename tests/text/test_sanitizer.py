"""What is known to be safe by its look alone: the cleaner itself would give it back as it is."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from chatapp.text.sanitizer import _KNOWN, LINK_MARKS, _cleaner, sanitize

ADDRESSES = (
    "https://a.example", "http://a-b.c1/d_e?f=g&amp;h#i", "https://localhost", "https://a.1",
    "https://1.2.3.4.5/", "https://0x1", "https://xn--a.b", "https://xn--", "https://a.xn--b",
    "https://a--b.c", "https://", "https://a.b:80", "https://a@b.c", "http://a.b/%zz", "HTTPS://A.B",
    "http://a.b/?c=d&e", "https://\xe4.b", "http://a.\u0661", "https://a.b/\xe4", "https://a.b\\c",
    "javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "/a", "//a.b", "https://a.b/&quot;",
    "https://" + ".".join(["a" * 30] * 9), "https://" + "-".join(["a" * 30] * 6), "https://a.b\n",
)  # fmt: skip
LINKS = tuple(f'<a href="{address}" {LINK_MARKS}>' for address in ADDRESSES)
PIECES = (
    "a", "words and more", "\n", "\xe4", "\u4e2d", "\U0001f600", "\xa0", "\0", "\r", "\x0c",
    "\u2028", "\ufeff", "\ufdd0", "\x85", "'", '"', "`", "=", "/", "<", ">", "&", ";", "&amp;",
    "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;", "&copy", "&ampx", "<br>", "<br/>", "<BR>",
    "<code>", "</code>", "<strong>", "</strong>", "<code>x</code>", "<strong>y &lt;</strong>",
    "</a>", "<p>", "</p>", "</p>\n", "<p>z</p>\n", "<em>", "<b>", "<i>x</i>", "<pre>", "<table>",
    "<svg>", "<math>", "<script>x</script>", "<style>", "<!--", "-->", "<![CDATA[",
    "<img src=x onerror=y>", "<code class=x>", '<a href="https://a.example">',
    f"<a {LINK_MARKS}>", f'<a href="https://a.example" onclick="x" {LINK_MARKS}>', *LINKS,
)  # fmt: skip
INSIDE = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
LINKED = st.tuples(st.sampled_from(LINKS), st.sampled_from(("x", "&amp;", "<br>", "\n"))).map(
    lambda link: f"{link[0]}{link[1]}</a>"
)
PARAGRAPHS = st.lists(st.one_of(INSIDE, LINKED), max_size=4).map(
    lambda parts: f"<p>{''.join(parts)}</p>\n"
)


@settings(max_examples=5_000, deadline=None)
@given(st.one_of(PARAGRAPHS, INSIDE, st.text().map(lambda text: f"<p>{text}</p>\n")))
def test_what_is_known_is_what_the_cleaner_gives(html):
    event("known" if _KNOWN.fullmatch(html) else "cleaned")
    assert sanitize(html) == _cleaner.clean(html)


@pytest.mark.parametrize("link", LINKS)
def test_an_address_is_known_only_where_the_cleaner_leaves_it(link):
    html = f"<p>{link}x</a></p>\n"
    assert sanitize(html) == _cleaner.clean(html)


def test_nearly_all_messages_are_known():
    words = "It's <strong>out</strong>: &lt;3 <code>a &amp; b</code><br>\n\u4e2d \U0001f600 "
    assert _KNOWN.fullmatch(f"<p>{words}{LINKS[0]}https://a.example</a>, {LINKS[1]}there</a></p>\n")


@pytest.mark.parametrize("code_point", [*range(0x100), 0x2028, 0xFEFF, 0xFDD0, 0xFFFE, 0x1FFFF])
def test_every_sign_is_left_as_it_is_or_looked_at(code_point):
    html = f"<p>a{chr(code_point)}b <code>{chr(code_point)}</code></p>\n"
    assert sanitize(html) == _cleaner.clean(html)
