"""A frame is rendered once; what differs is put in, escaped, and a template cannot ask about it."""

import pytest
from flask import current_app
from flask_babel import force_locale
from jinja2 import DictLoader
from markupsafe import Markup

from chatapp.rendering.frames import FrameError, fill

TEMPLATES = {
    "name.html": "<b>{{ room.name }}</b>{% if room.is_open %}#{% endif %}{{ token() }}",
    "words.html": "{{ _('Message to %(room)s', room=room.name) }}",
    "asks.html": "{% if room.name %}named{% endif %}",
    "compares.html": "{% if room.name == 'lobby' %}here{% endif %}",
    "reader.html": "{{ g.user.id }}",
    "other_reader.html": "{{ g.user.name }}",
    "request.html": "{{ request.path }}",
    "token.html": "{{ csrf_token() }}",
    "nonce.html": "{{ csp_nonce() }}",
}


@pytest.fixture
def page(app):
    app.jinja_env.loader = DictLoader(TEMPLATES)
    with app.test_request_context("/"):
        yield


def named(name, *, is_open=True) -> str:
    slots = {"room.name": name, "token()": "t"}
    return fill("name.html", slots, {"room.is_open": is_open}).decode()


def test_what_differs_each_time_is_put_in(page):
    assert named("lobby") == "<b>lobby</b>#t"
    assert named("attic") == "<b>attic</b>#t"
    assert named("attic", is_open=False) == "<b>attic</b>t"


def test_a_frame_is_rendered_once(page, monkeypatch):
    named("lobby")
    monkeypatch.setattr(current_app.jinja_env, "get_template", None)
    assert named("attic") == "<b>attic</b>#t"


def test_what_is_put_in_is_escaped_unless_it_is_html(page):
    assert named('"><i>') == "<b>&#34;&gt;&lt;i&gt;</b>#t"
    assert named(Markup("<i>x</i>")) == named(b"<i>x</i>") == "<b><i>x</i></b>#t"
    assert named("Zoë 👍") == "<b>Zoë 👍</b>#t"
    assert named(7) == "<b>7</b>#t"


def test_each_language_has_a_frame_of_its_own(page):
    said = {}
    for language in ("en", "de"):
        with force_locale(language):
            said[language] = fill("words.html", {"room.name": "<b>"}, {})
    assert said["en"] != said["de"]
    assert b"&lt;b&gt;" in said["en"]
    assert b"&lt;b&gt;" in said["de"]


@pytest.mark.parametrize("name", ["asks.html", "compares.html"])
def test_a_template_cannot_ask_about_a_slot(page, name):
    with pytest.raises(FrameError):
        fill(name, {"room.name": "lobby"}, {})


@pytest.mark.parametrize("name", ["other_reader.html", "request.html", "token.html", "nonce.html"])
def test_what_is_somebodys_cannot_get_into_a_frame(page, name):
    assert fill("reader.html", {"g.user.id": 7}, {}) == b"7"
    with pytest.raises(FrameError):
        fill(name, {"g.user.id": 7}, {})
