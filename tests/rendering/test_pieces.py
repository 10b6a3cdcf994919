"""Pieces are kept by what they say; what differs each time is put in, escaped."""

import pytest
from flask_babel import force_locale
from markupsafe import Markup

from chatapp.chat.rooms import RoomFacts
from chatapp.rendering.pieces import piece

ROOM = RoomFacts(7, "<lobby>", "", is_open=True, is_run_here=False)


@pytest.fixture
def page(app):
    with app.test_request_context("/"):
        yield


def composer(csrf: str, key: str = "k") -> str:
    return str(piece("rooms/_composer.html", {"csrf": csrf, "client_key": key}, room=ROOM))


def test_what_differs_each_time_is_never_kept(page):
    first, second = composer("one"), composer("two")
    assert 'value="one"' in first
    assert second == first.replace('value="one"', 'value="two"')


def test_what_is_put_in_is_escaped_unless_it_is_markup(page):
    assert "&#34;&gt;&lt;b&gt;" in composer('"><b>')
    assert "<b>bold</b>" in composer(Markup("<b>bold</b>"))
    assert "&lt;lobby&gt;" in composer("x")


def test_each_language_has_its_own(page):
    english = composer("x")
    with force_locale("de"):
        assert composer("x") != english
    assert composer("x") == english
