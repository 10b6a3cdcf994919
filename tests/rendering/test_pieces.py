"""Pieces are kept by what they say, for each language."""

import pytest
from flask_babel import force_locale

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
