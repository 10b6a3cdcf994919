"""A message's article is the same for everybody and made once."""

import pytest

from chatapp.domain import messages, reactions
from chatapp.extensions import db
from chatapp.models import Message
from chatapp.recent import Recent
from chatapp.rendering import messages as rendering
from chatapp.rendering.messages import article_of, message_html
from tests.queries import counted


@pytest.fixture
def ann(make_user):
    return make_user("ann")


@pytest.fixture
def message(make_room, make_message, ann):
    return make_message(make_room("kitchen", members=[ann]), ann, "hello")


def test_an_article_is_made_once_for_each_seq(context, message, monkeypatch):
    first = message_html(message.id)
    monkeypatch.setattr(rendering, "_article", None)
    assert message_html(message.id) == first


def test_a_change_makes_a_new_article(context, message, ann):
    before = message_html(message.id)
    reactions.add(ann, db.session.get_one(Message, message.id), "👍")
    assert message_html(message.id) != before


def test_the_answer_to_a_post_needs_no_query(app, context, make_room, ann):
    room = make_room("hall", members=[ann])
    posted = messages.post(ann, room.id, "hello", "key-00000001")
    told = message_html(posted.id)
    assert posted.shown is not None
    with counted(app) as statements:
        assert article_of(posted.shown) == told
    assert statements == []


def test_an_absent_message_is_empty(context, message):
    assert message_html(message.id + 1) == ""


def test_an_article_has_no_words_of_any_language(context, message, ann):
    messages.edit(ann, db.session.get_one(Message, message.id), "hello again")
    html = message_html(message.id)
    assert "data-edited" in html
    assert "edited" not in html.replace("data-edited", "").replace("message-edited", "")


def test_only_so_many_pieces_are_kept():
    kept = Recent(2)
    for key in "ab":
        kept.put(key, key)
    kept.get("a")
    kept.put("c", "c")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("a", None, "c")


def test_long_pieces_are_kept_as_far_as_they_fit():
    kept = Recent(100, most_bytes=10_000)
    for key in range(3):
        kept.put(key, ("a room's rows", b"x" * 4_000, 7))
    kept.put(2, ["said", "again", "y" * 4_000])
    assert [key for key in range(3) if kept.get(key)] == [1, 2]
    kept.put(3, "z" * 20_000)
    assert not any(kept.get(key) for key in range(4))
    assert kept.put(4, "short") == kept.get(4)
