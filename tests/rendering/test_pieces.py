"""Pieces are kept by what they say, for each language."""

import pytest
from flask_babel import force_locale
from jinja2 import DictLoader

from chatapp.rendering.pieces import piece


@pytest.fixture
def page(app):
    with app.test_request_context("/"):
        yield


def test_each_language_has_its_own(page):
    english = piece("_words.html")
    with force_locale("de"):
        assert piece("_words.html") != english
    assert piece("_words.html") == english


def test_each_value_has_its_own(page):
    assert "👍" not in piece("_parts.html", quick_emoji=())
    assert "👍" in piece("_parts.html", quick_emoji=("👍",))


@pytest.mark.parametrize("debug", [False, True])
def test_whoever_works_on_a_template_sees_it_with_the_next_page(app, page, monkeypatch, debug):
    app.debug = debug
    said = {"said.html": "before"}
    monkeypatch.setattr(app.jinja_env, "loader", DictLoader(said))
    assert piece("said.html") == "before"
    said["said.html"] = "after"
    assert piece("said.html") == ("after" if debug else "before")
