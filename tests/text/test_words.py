"""The words of a text, as the search compares them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("Łódź Ørsted Đurđa Ærø", ["aero", "durda", "lodz", "orsted"]),
        ("Ǿ \N{LATIN SMALL LETTER DOTLESS I}ş\N{LATIN SMALL LETTER DOTLESS I}k", ["isik", "o"]),
        ("Donau\u00adschiff word\u2060joined", ["donauschiff", "wordjoined"]),
        ("स\u200cब", ["ब", "स"]),
    ],
)
def test_words_are_folded_and_different(text, expected):
    assert words.folded(text) == expected


def test_words_keep_their_order_as_written():
    assert words.split('Not "AND", kettle*') == ["Not", "AND", "kettle"]


def test_no_word_is_longer_than_the_index_takes():
    assert len(words.fold("x" * 5000)) == words.LONGEST


@given(
    st.text(
        st.one_of(st.characters(), st.sampled_from("\ufdfa\xe4\u0130\u0345\u093f")), max_size=90
    )
)
def test_a_word_is_cut_as_if_all_of_it_were_folded(word):
    apart = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(words._PLAIN)
    whole = "".join(sign for sign in apart if sign.isalnum() or sign in words._VOWEL_SIGNS)
    assert words.fold(word) == whole[: words.LONGEST] or word.isascii()


def test_no_more_of_a_word_is_looked_at_than_is_kept(monkeypatch):
    looked_at = []

    class Signs:
        def __contains__(self, sign):
            looked_at.append(sign)
            return False

    monkeypatch.setattr(words, "_VOWEL_SIGNS", Signs())
    assert len(words.fold("\ufdfa" * 10_000)) == words.LONGEST
    assert len(looked_at) < words.LONGEST
    # Nor is the same word folded again.
    looked_at.clear()
    assert len(words.folded("\ufdfa " * 5_000)) == 1
    assert len(looked_at) < words.LONGEST


def test_one_plain_letter_only_stands_for_itself():
    assert words.sought(["B", "Plan", "plán", "水", "\u0301"]) == [
        ("plan", True),
        ("b", False),
        ("水", True),
    ]
