"""Emoji: one list for the server and the picker."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.language import LANGUAGES
from chatapp.text.emoji import DATA, QUICK, is_emoji


@pytest.mark.parametrize("emoji", [*QUICK, "👍🏽", "🏳️‍🌈", "👩🏾‍💻", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "✊🏻"])
def test_one_emoji_is_one(emoji):
    assert is_emoji(emoji)


@pytest.mark.parametrize(
    "text", ["", "a", "1", "👍👍", " 👍", "👍️", ":+1:", "<b>", "\u200d", "🏽", "❤"]
)
def test_anything_else_is_not(text):
    assert not is_emoji(text)


@given(st.text(max_size=12))
def test_any_text_gets_an_answer(text):
    if is_emoji(text):
        # They fit the column, and none is plain text.
        assert not text.isascii()
        assert len(text) <= 32


def test_the_picker_stays_light():
    assert len(gzip.compress(DATA.read_bytes(), 9)) < 25_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_emoji_in_the_same_order(language):
    def groups(path):
        rows = json.loads(path.read_text(encoding="utf-8"))["groups"]
        return {group: [(row[0], row[3:]) for row in each] for group, each in rows.items()}

    assert groups(DATA.with_name(f"{language}.json")) == groups(DATA)
