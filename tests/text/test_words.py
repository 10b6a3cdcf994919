"""The words of a text, as the search compares them."""

import pytest

from chatapp.text import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Kettle is on", ["is", "kettle", "on", "the"]),
        ("snake_case, kebab-case", ["case", "kebab", "snake"]),
        ("Café CAFÉ cafe\u0301", ["cafe"]),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}zmir", ["izmir"]),
        ("...!? * \x00", []),
        ("日本語 テスト", ["テスト", "日本語"]),
        ("किताब, कीमत", ["किताब", "कीमत"]),
        ("שָׁלוֹם שלום", ["שלום"]),
        ("مُحَمَّد محمد", ["محمد"]),
        ("b\u0308ar bar", ["bar"]),
        ("தமிழ் বাংলা", ["বাংলা", "தமிழ்"]),
        ("\N{DOUBLE-STRUCK CAPITAL R}\N{BLACK-LETTER CAPITAL H}i rhi", ["rhi"]),
        ("1\ufe0f\u20e3 ☕\ufe0f", ["1"]),
    ],
)
def test_words_are_folded_and_different(text, expected):
    assert words.folded(text) == expected


def test_words_keep_their_order_as_written():
    assert words.split('Not "AND", kettle*') == ["Not", "AND", "kettle"]


def test_no_word_is_longer_than_the_index_takes():
    assert len(words.fold("x" * 5000)) == words.LONGEST
