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


# What a browser is told of by nothing but its name: the script finds these by it.
FOUND_BY_NAME = {
    "action",
    "jump-label",
    "message-failure-reason",
    "reaction-count",
    "room-list",
    "unsent-list",
    "unsent-row",
}
FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
CLASSES = re.compile(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"')
GIVEN = re.compile(r"""(?:className = |classList\.(?:add|toggle)\()["`]([^"`]+)["`]""")


def given_classes() -> Iterator[str]:
    """Each class that a template or the script names."""
    for path in TEMPLATES:
        for names in CLASSES.findall(path.read_text()):
            # What is put together ("hue-{{ n }}", "is-{{ kind }}") has no name here.
            parts = FILLED_IN.sub("{}", names).split()
            yield from (part for part in parts if "{}" not in part)
    for path in (PACKAGE / "static" / "js").rglob("*.js"):
        for names in GIVEN.findall(path.read_text()):
            yield from names.split()


def test_what_has_a_class_has_a_rule():
    sheets = "".join(path.read_text() for path in (PACKAGE / "static" / "css").glob("*.css"))
    ruled = set(re.findall(r"\.(-?[a-z][\w-]*)", sheets))
    given = set(given_classes())
    assert {"toast", "toasts", "message"} <= given
    assert given - ruled - FOUND_BY_NAME == set()
