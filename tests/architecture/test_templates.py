"""Templates hold no script, no style and nothing of third parties."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGE

TEMPLATES = sorted((PACKAGE / "templates").rglob("*.html"))
BREACHES = {
    "an address of somebody else": re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//"""),
    "an event handler": re.compile(r"""\son[a-z]+\s*=\s*["']"""),
    "a style attribute": re.compile(r"""\sstyle\s*=\s*["']"""),
    "a style element": re.compile(r"<style\b"),
    # The import map and blocks of JSON are data; the entry module has an address.
    "an inline script": re.compile(
        r"""<script\b(?![^>]*(?:\bsrc=|type="(?:importmap|application/json)"))"""
    ),
    "markup taken as safe": re.compile(r"\|\s*safe\b"),
}


# The paths of the icons are ours and constant.
TRUSTED = {"_icons.html"}


def breaches(text: str) -> Iterator[str]:
    return (name for name, pattern in BREACHES.items() if pattern.search(text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_keeps_to_the_content_policy(path):
    found = set(breaches(path.read_text()))
    if path.name in TRUSTED:
        found.discard("markup taken as safe")
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://tracker.example/x.gif">',
        '<a onclick="go()">',
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>go()</script>",
        "{{ body | safe }}",
    ],
)
def test_each_breach_is_noticed(text):
    assert len(list(breaches(text))) == 1
